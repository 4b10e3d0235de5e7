// SPDX-License-Identifier: Apache-2.0
//
// As much of integer data processing as sequences need: moves, add and subtract, logical, bitfield, extract,
// conditional select. None of it touches memory.
#pragma once

#include "model/isa/arithmetic.h"
#include "model/isa/sizes.h"
#include "spec/gen/isa_classes.h"

namespace mtecheck::model {

// ---------------------------------------------------------------------------------------------- add and subtract

/// "if n == 31 then SP[]<datasize-1:0> else X[n, datasize]"
template <unsigned datasize, class M>
bits<M, datasize> XorSPOf(M& m, unsigned n) {
    return slice<datasize - 1, 0>(XorSP(m, n));
}

/// "if d == 31 && !setflags then SP[] = ZeroExtend(result, 64) else X[d, datasize] = result"
template <unsigned datasize, class M>
void XorSPOf_set(M& m, unsigned d, bool setflags, bits<M, datasize> result) {
    if (setflags) {
        X_set<datasize>(m, d, result);
    } else {
        XorSP_set(m, d, ZeroExtend<64>(result));
    }
}

template <unsigned datasize, class M>
bits<M, datasize> AddSub(M& m, bool sub_op, bool setflags, bits<M, datasize> operand1, bits<M, datasize> operand2) {
    if (!setflags) return sub_op ? operand1 - operand2 : operand1 + operand2;
    const Sum<M, datasize> sum =
        AddWithCarry<datasize>(m, operand1, sub_op ? ~operand2 : operand2, bits<M, 1>(sub_op ? 1 : 0));
    SetNZCV(m, sum.nzcv);
    return sum.result;
}

template <class M>
void AddSubImmediate(M& m, const spec::AddSubImmediate<bits<M, 32>>& i) {
    const unsigned shift = m.index(i.sh()) != 0U ? 12 : 0;
    WithRegisterWidth(i.datasize, [&]<unsigned datasize>() {
        const bits<M, datasize> imm = LSL(ZeroExtend<datasize>(i.imm12()), bits<M, datasize>(shift));
        const bits<M, datasize> operand1 = XorSPOf<datasize>(m, m.index(i.Rn()));
        const bits<M, datasize> result = AddSub<datasize>(m, i.sub_op, i.setflags, operand1, imm);
        XorSPOf_set<datasize>(m, m.index(i.Rd()), i.setflags, result);
    });
}

template <class M>
void AddSubShifted(M& m, const spec::AddSubShifted<bits<M, 32>>& i) {
    const auto shift_type = static_cast<ShiftType>(m.index(i.shift()));
    WithRegisterWidth(i.datasize, [&]<unsigned datasize>() {
        const bits<M, datasize> operand1 = X<datasize>(m, m.index(i.Rn()));
        const bits<M, datasize> operand2 = ShiftReg<datasize>(m, m.index(i.Rm()), shift_type, m.index(i.imm6()));
        X_set<datasize>(m, m.index(i.Rd()), AddSub<datasize>(m, i.sub_op, i.setflags, operand1, operand2));
    });
}

template <class M>
void AddSubExtended(M& m, const spec::AddSubExtended<bits<M, 32>>& i) {
    WithRegisterWidth(i.datasize, [&]<unsigned datasize>() {
        const bits<M, datasize> operand1 = XorSPOf<datasize>(m, m.index(i.Rn()));
        const bits<M, datasize> operand2 =
            ExtendReg<datasize>(m, m.index(i.Rm()), m.index(i.option()), m.index(i.imm3()));
        const bits<M, datasize> result = AddSub<datasize>(m, i.sub_op, i.setflags, operand1, operand2);
        XorSPOf_set<datasize>(m, m.index(i.Rd()), i.setflags, result);
    });
}

// -------------------------------------------------------------------------------------------------------- logical

template <unsigned datasize, class M>
bits<M, datasize> Logical(M& m, spec::LogicalOp op, bool setflags, bits<M, datasize> operand1,
                          bits<M, datasize> operand2) {
    bits<M, datasize> result = operand1;
    switch (op) {
    case spec::LogicalOp::AND: result = operand1 & operand2; break;
    case spec::LogicalOp::ORR: result = operand1 | operand2; break;
    case spec::LogicalOp::EOR: result = operand1 ^ operand2; break;
    }
    if (setflags) SetNZCV(m, LogicalNZCV<datasize>(m, result));
    return result;
}

template <class M>
void LogicalImmediate(M& m, const spec::LogicalImmediate<bits<M, 32>>& i) {
    const BitMasks masks = DecodeBitMasks(m.index(i.N()), m.index(i.imms()), m.index(i.immr()), true);
    if (masks.wmask == 0) return; // a deliberate fault executes it, as one that does nothing
    WithRegisterWidth(i.datasize, [&]<unsigned datasize>() {
        const bits<M, datasize> imm(masks.wmask);
        const bits<M, datasize> operand1 = X<datasize>(m, m.index(i.Rn()));
        const bits<M, datasize> result = Logical<datasize>(m, i.op, i.setflags, operand1, imm);
        XorSPOf_set<datasize>(m, m.index(i.Rd()), i.setflags, result);
    });
}

template <class M>
void LogicalShifted(M& m, const spec::LogicalShifted<bits<M, 32>>& i) {
    const auto shift_type = static_cast<ShiftType>(m.index(i.shift()));
    WithRegisterWidth(i.datasize, [&]<unsigned datasize>() {
        const bits<M, datasize> operand1 = X<datasize>(m, m.index(i.Rn()));
        bits<M, datasize> operand2 = ShiftReg<datasize>(m, m.index(i.Rm()), shift_type, m.index(i.imm6()));
        if (i.invert) operand2 = ~operand2;
        X_set<datasize>(m, m.index(i.Rd()), Logical<datasize>(m, i.op, i.setflags, operand1, operand2));
    });
}

// --------------------------------------------------------------------------------- ----- moves, bitfields, select

template <class M>
void MoveWide(M& m, const spec::MoveWide<bits<M, 32>>& i) {
    const unsigned d = m.index(i.Rd());
    const unsigned pos = 16 * m.index(i.hw());
    WithRegisterWidth(i.datasize, [&]<unsigned datasize>() {
        using Value = bits<M, datasize>;
        const Value imm = LSL(ZeroExtend<datasize>(i.imm16()), Value(pos));
        Value result = imm;
        if (i.op == spec::MoveWideOp::N) {
            result = ~imm;
        } else if (i.op == spec::MoveWideOp::K) {
            result = (X<datasize>(m, d) & ~LSL(Value(0xffff), Value(pos))) | imm;
            if constexpr (datasize == 32) {
                if (mutated(m, spec::Mutation::movk_sign_extends)) {
                    const bits<M, 32> above = slice<63, 32>(SignExtend<64>(X<32>(m, d)));
                    X_set<64>(m, d, concat(above, result));
                    return;
                }
            }
        }
        X_set<datasize>(m, d, result);
    });
}

template <class M>
void Bitfield(M& m, const spec::Bitfield<bits<M, 32>>& i) {
    const unsigned d = m.index(i.Rd());
    const unsigned r = m.index(i.immr());
    const unsigned s = m.index(i.imms());
    const BitMasks masks = DecodeBitMasks(i.datasize == 64 ? 1 : 0, s, r, false);
    WithRegisterWidth(i.datasize, [&]<unsigned datasize>() {
        using Value = bits<M, datasize>;
        const Value wmask(masks.wmask);
        const Value tmask(masks.tmask);
        const Value dst = i.inzero ? Value(0) : X<datasize>(m, d);
        const Value src = X<datasize>(m, m.index(i.Rn()));

        // perform bitfield move on low bits
        const Value bot = (dst & ~wmask) | (Shift<datasize>(m, src, ShiftType::ROR, Value(r)) & wmask);

        // determine extension bits (sign, zero or dest register)
        const boolean<M> sign = slice<0, 0>(LSR(src, Value(s))) == 1;
        const Value top = i.extend ? select(sign, ~Value(0), Value(0)) : dst;

        // combine extension bits and result bits
        X_set<datasize>(m, d, (top & ~tmask) | (bot & tmask));
    });
}

template <class M>
void Extract(M& m, const spec::Extract<bits<M, 32>>& i) {
    const unsigned lsb = m.index(i.imms());
    WithRegisterWidth(i.datasize, [&]<unsigned datasize>() {
        using Value = bits<M, datasize>;
        const Value operand1 = X<datasize>(m, m.index(i.Rn()));
        const Value operand2 = X<datasize>(m, m.index(i.Rm()));
        const Value high = lsb == 0 ? Value(0) : LSL(operand1, Value(datasize - lsb));
        X_set<datasize>(m, m.index(i.Rd()), high | LSR(operand2, Value(lsb)));
    });
}

template <class M>
void ConditionalSelect(M& m, const spec::ConditionalSelect<bits<M, 32>>& i) {
    const boolean<M> taken = ConditionHolds(m, m.index(i.cond()));
    WithRegisterWidth(i.datasize, [&]<unsigned datasize>() {
        using Value = bits<M, datasize>;
        Value other = X<datasize>(m, m.index(i.Rm()));
        if (i.else_inv) other = ~other;
        if (i.else_inc) other = other + Value(1);
        X_set<datasize>(m, m.index(i.Rd()), select(taken, X<datasize>(m, m.index(i.Rn())), other));
    });
}

} // namespace mtecheck::model
