// SPDX-License-Identifier: Apache-2.0
//
// Atomic memory operations: compare and swap, single and pair; LD<op>, ST<op>; SWP. Each is a read and a write in
// one access: for asymmetric tag checking it counts as a read.
#pragma once

#include "model/isa/base_register.h"
#include "model/isa/sizes.h"
#include "model/memory/memory.h"
#include "spec/gen/isa_classes.h"

namespace mtecheck::model {

/// CreateAccDescAtomicOp with "tagchecked = n != 31".
template <class M>
AccessDescriptor AtomicAccess(M& m, MemAtomicOp modop, bool acquire, bool release, unsigned n) {
    const bool tagchecked = TagCheckedUnlessSP(m, false, n) && !mutated(m, spec::Mutation::atomics_unchecked);
    return CreateAccDescAtomicOp(m, modop, acquire, release, tagchecked);
}

template <class M>
void CompareAndSwap(M& m, const spec::CompareAndSwap<bits<M, 32>>& i) {
    const unsigned n = m.index(i.Rn());
    const unsigned t = m.index(i.Rt());
    const unsigned s = m.index(i.Rs());
    const AccessDescriptor accdesc = AtomicAccess(m, MemAtomicOp::CAS, m.index(i.L()) != 0U, m.index(i.o0()) != 0U, n);
    WithDatasize(i.scale, [&]<unsigned datasize>() {
        const bits<M, datasize> comparevalue = slice<datasize - 1, 0>(X<64>(m, s));
        const bits<M, datasize> newvalue = slice<datasize - 1, 0>(X<64>(m, t));
        const bits<M, 64> address = BaseAddress(m, n);
        const bits<M, datasize> data = MemAtomic<datasize>(m, address, comparevalue, newvalue, accdesc);
        X_set<64>(m, s, ZeroExtend<64>(data));
    });
}

template <unsigned datasize, class M>
void CompareAndSwapPairOf(M& m, const spec::CompareAndSwapPair<bits<M, 32>>& i) {
    const unsigned n = m.index(i.Rn());
    const unsigned t = m.index(i.Rt());
    const unsigned s = m.index(i.Rs());
    const bool sp_for_xzr = datasize == 64 && s == 30 && mutated(m, spec::Mutation::casp_of_x30_writes_sp);
    const bits<M, datasize> s2 = sp_for_xzr ? slice<datasize - 1, 0>(SP(m)) : X<datasize>(m, s + 1);
    const bits<M, 2 * datasize> comparevalue = concat(s2, X<datasize>(m, s));
    const bits<M, 2 * datasize> newvalue = concat(X<datasize>(m, t + 1), X<datasize>(m, t));
    const AccessDescriptor accdesc = AtomicAccess(m, MemAtomicOp::CAS, m.index(i.L()) != 0U, m.index(i.o0()) != 0U, n);
    const bits<M, 64> address = BaseAddress(m, n);
    const bits<M, 2 * datasize> data = MemAtomic<2 * datasize>(m, address, comparevalue, newvalue, accdesc);
    X_set<datasize>(m, s, slice<datasize - 1, 0>(data));
    const bits<M, datasize> second = slice<2 * datasize - 1, datasize>(data);
    if (sp_for_xzr) {
        SP_set(m, ZeroExtend<64>(second));
    } else {
        X_set<datasize>(m, s + 1, second);
    }
}

template <class M>
void CompareAndSwapPair(M& m, const spec::CompareAndSwapPair<bits<M, 32>>& i) {
    if (i.scale == 2) {
        CompareAndSwapPairOf<32>(m, i);
    } else {
        CompareAndSwapPairOf<64>(m, i);
    }
}

/// memory/atomicops/ld and memory/atomicops/swp
template <class M>
void LoadOperateStore(M& m, const AccessDescriptor& accdesc, unsigned scale, unsigned n, unsigned s, unsigned t) {
    WithDatasize(scale, [&]<unsigned datasize>() {
        const bits<M, datasize> value = slice<datasize - 1, 0>(X<64>(m, s));
        const bits<M, 64> address = BaseAddress(m, n);
        const bits<M, datasize> data = MemAtomic<datasize>(m, address, value, value, accdesc);
        const bool sign_extends = accdesc.modop == MemAtomicOp::SMAX || accdesc.modop == MemAtomicOp::SMIN;
        if constexpr (datasize < 32) {
            if (sign_extends && mutated(m, spec::Mutation::signed_atomics_sign_extend)) {
                X_set<32>(m, t, SignExtend<32>(data));
                return;
            }
        }
        X_set<64>(m, t, ZeroExtend<64>(data));
    });
}

/// LD<op>; ST<op> is LD<op> to XZR, and still a read and a write.
template <class M>
void AtomicMemoryOperation(M& m, const spec::AtomicMemoryOperation<bits<M, 32>>& i) {
    const unsigned n = m.index(i.Rn());
    const unsigned t = m.index(i.Rt());
    const bool acquire = m.index(i.A()) != 0U && t != 31;
    const AccessDescriptor accdesc = AtomicAccess(m, i.op, acquire, m.index(i.R()) != 0U, n);
    LoadOperateStore(m, accdesc, i.scale, n, m.index(i.Rs()), t);
}

template <class M>
void Swap(M& m, const spec::Swap<bits<M, 32>>& i) {
    const unsigned n = m.index(i.Rn());
    const unsigned t = m.index(i.Rt());
    const bool acquire = m.index(i.A()) != 0U && t != 31;
    const AccessDescriptor accdesc = AtomicAccess(m, MemAtomicOp::SWP, acquire, m.index(i.R()) != 0U, n);
    LoadOperateStore(m, accdesc, i.scale, n, m.index(i.Rs()), t);
}

} // namespace mtecheck::model
