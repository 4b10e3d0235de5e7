// SPDX-License-Identifier: Apache-2.0
//
// What an atomic operation makes of the value in memory: the middle of MemAtomic.
#pragma once

#include "model/memory/access_descriptor.h"

namespace mtecheck::model {

/// SInt(x) < SInt(y), or what a defective implementation takes for it.
template <unsigned N, class M>
boolean<M> SignedLess(M& m, bits<M, N> x, bits<M, N> y) {
    return N < 64 && mutated(m, spec::Mutation::signed_atomics_unsigned) ? ult(x, y) : slt(x, y);
}

/// What an atomic operation makes of a value. Whether it stores that: not after a comparison that fails.
template <unsigned N, class M>
bool AtomicResult(M& m, MemAtomicOp modop, bits<M, N> oldvalue, bits<M, N> cmpoperand, bits<M, N> operand,
                  bits<M, N>& newvalue) {
    newvalue = operand;
    boolean<M> cmpfail(false);
    switch (modop) {
    case MemAtomicOp::ADD: newvalue = oldvalue + operand; break;
    case MemAtomicOp::BIC: newvalue = oldvalue & ~operand; break;
    case MemAtomicOp::EOR: newvalue = oldvalue ^ operand; break;
    case MemAtomicOp::ORR: newvalue = oldvalue | operand; break;
    case MemAtomicOp::SMAX: newvalue = select(SignedLess<N>(m, oldvalue, operand), operand, oldvalue); break;
    case MemAtomicOp::SMIN: newvalue = select(SignedLess<N>(m, operand, oldvalue), operand, oldvalue); break;
    case MemAtomicOp::UMAX: newvalue = select(ult(oldvalue, operand), operand, oldvalue); break;
    case MemAtomicOp::UMIN: newvalue = select(ult(operand, oldvalue), operand, oldvalue); break;
    case MemAtomicOp::SWP: break;
    case MemAtomicOp::CAS: cmpfail = cmpoperand != oldvalue; break;
    }
    return !m.decide(spec::Decision::CompareFailed, cmpfail);
}

} // namespace mtecheck::model
