// SPDX-License-Identifier: Apache-2.0
//
// Branches within a sequence, SVC, and ERET.
#pragma once

#include "model/exceptions/exception_return.h"
#include "model/exceptions/exceptions.h"
#include "model/isa/arithmetic.h"
#include "model/isa/sizes.h"
#include "spec/gen/isa_classes.h"

namespace mtecheck::model {

template <class M>
void Branch(M& m, const spec::Branch<bits<M, 32>>& i) {
    const bits<M, 64> offset = shift_left<2>(SignExtend<64>(i.imm26()));
    BranchTo(m, ThisInstrAddr(m) + offset);
}

template <class M>
void BranchConditional(M& m, const spec::BranchConditional<bits<M, 32>>& i) {
    const bits<M, 64> offset = shift_left<2>(SignExtend<64>(i.imm19()));
    if (m.decide(spec::Decision::BranchTaken, ConditionHolds(m, m.index(i.cond())))) {
        BranchTo(m, ThisInstrAddr(m) + offset);
    }
}

/// CBZ, CBNZ
template <class M>
void CompareAndBranch(M& m, const spec::CompareAndBranch<bits<M, 32>>& i) {
    const bits<M, 64> offset = shift_left<2>(SignExtend<64>(i.imm19()));
    WithRegisterWidth(i.datasize, [&]<unsigned datasize>() {
        const boolean<M> zero = IsZero(X<datasize>(m, m.index(i.Rt())));
        if (m.decide(spec::Decision::BranchTaken, i.iszero ? zero : !zero)) BranchTo(m, ThisInstrAddr(m) + offset);
    });
}

/// TBZ, TBNZ
template <class M>
void TestAndBranch(M& m, const spec::TestAndBranch<bits<M, 32>>& i) {
    const bits<M, 64> offset = shift_left<2>(SignExtend<64>(i.imm14()));
    const unsigned bit_pos = (m.index(i.b5()) << 5U) | m.index(i.b40());
    const bits<M, 1> bit = slice<0, 0>(LSR(X<64>(m, m.index(i.Rt())), bits<M, 64>(bit_pos)));
    if (m.decide(spec::Decision::BranchTaken, bit == bits<M, 1>(i.bit_val))) {
        BranchTo(m, ThisInstrAddr(m) + offset);
    }
}

template <class M>
void SupervisorCall(M& m, const spec::SupervisorCall<bits<M, 32>>& i) {
    CallSupervisor(m, i.imm16());
}

/// ERET
template <class M>
void ExceptionReturn(M& m, const spec::ExceptionReturn<bits<M, 32>>&) {
    if (CurrentEL(m) == EL0) Undefined(m);
    AArch64_ExceptionReturn(m, ELR(m), SPSR(m));
}

} // namespace mtecheck::model
