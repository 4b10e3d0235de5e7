// SPDX-License-Identifier: Apache-2.0
//
// The pseudocode's shared arithmetic: AddWithCarry, shifts and extensions of registers, bit masks of immediates,
// conditions. Amounts that an encoding fixes are native numbers; amounts from registers are bits of the machine.
#pragma once

#include <bit>
#include <cstdint>

#include "model/machine/machine.h"
#include "model/state/registers.h"

namespace mtecheck::model {

/// A result and the flags that it gives, N:Z:C:V.
template <class M, unsigned N>
struct Sum {
    bits<M, N> result;
    bits<M, 4> nzcv;
};

/// '1' if the condition holds: the pseudocode's "if c then '1' else '0'".
template <class M>
bits<M, 1> BitOf(boolean<M> condition) {
    return select(condition, bits<M, 1>(1), bits<M, 1>(0));
}

template <unsigned N, class M>
Sum<M, N> AddWithCarry(M&, bits<M, N> x, bits<M, N> y, bits<M, 1> carry_in) {
    const bits<M, N + 1> unsigned_sum = ZeroExtend<N + 1>(x) + ZeroExtend<N + 1>(y) + ZeroExtend<N + 1>(carry_in);
    const bits<M, N + 1> signed_sum = SignExtend<N + 1>(x) + SignExtend<N + 1>(y) + ZeroExtend<N + 1>(carry_in);
    const bits<M, N> result = slice<N - 1, 0>(unsigned_sum);
    const bits<M, 1> n = slice<N - 1, N - 1>(result);
    const bits<M, 1> z = BitOf<M>(IsZero(result));
    const bits<M, 1> c = slice<N, N>(unsigned_sum);
    const bits<M, 1> v = slice<N, N>(signed_sum) ^ n;
    return {result, concat(concat(n, z), concat(c, v))};
}

/// PSTATE.<N,Z,C,V> = nzcv
template <class M>
void SetNZCV(M& m, bits<M, 4> nzcv) {
    m.state.PSTATE.N = slice<3, 3>(nzcv);
    m.state.PSTATE.Z = slice<2, 2>(nzcv);
    m.state.PSTATE.C = slice<1, 1>(nzcv);
    m.state.PSTATE.V = slice<0, 0>(nzcv);
}

/// The flags of a logical operation.
template <unsigned N, class M>
bits<M, 4> LogicalNZCV(M&, bits<M, N> result) {
    return concat(concat(slice<N - 1, N - 1>(result), BitOf<M>(IsZero(result))), bits<M, 2>(0));
}

/// Shift types in the order of their encoding.
enum class ShiftType : std::uint8_t { LSL, LSR, ASR, ROR };

/// x shifted by an amount below N.
template <unsigned N, class M>
bits<M, N> Shift(M&, bits<M, N> x, ShiftType type, bits<M, N> amount) {
    switch (type) {
    case ShiftType::LSL: return LSL(x, amount);
    case ShiftType::LSR: return LSR(x, amount);
    case ShiftType::ASR: {
        const boolean<M> negative = slice<N - 1, N - 1>(x) == bits<M, 1>(1);
        return select(negative, ~LSR(~x, amount), LSR(x, amount));
    }
    case ShiftType::ROR: break;
    }
    // An amount of 0 would shift by N on the left, which gives 0: x | 0 is still x.
    return LSR(x, amount) | LSL(x, bits<M, N>(N) - amount);
}

/// ShiftReg
template <unsigned N, class M>
bits<M, N> ShiftReg(M& m, unsigned reg, ShiftType type, unsigned amount) {
    return Shift<N>(m, X<N>(m, reg), type, bits<M, N>(amount));
}

/// ExtendReg: option<1:0> selects byte, halfword, word or doubleword, option<2> says signed.
template <unsigned N, class M>
bits<M, N> ExtendReg(M& m, unsigned reg, unsigned option, unsigned shift) {
    const bits<M, N> value = X<N>(m, reg);
    const bool is_signed = (option & 4U) != 0U;
    bits<M, N> extended = value;
    switch (option & 3U) {
    case 0: extended = is_signed ? SignExtend<N>(slice<7, 0>(value)) : ZeroExtend<N>(slice<7, 0>(value)); break;
    case 1: extended = is_signed ? SignExtend<N>(slice<15, 0>(value)) : ZeroExtend<N>(slice<15, 0>(value)); break;
    case 2: extended = is_signed ? SignExtend<N>(slice<31, 0>(value)) : ZeroExtend<N>(slice<31, 0>(value)); break;
    default: break;
    }
    return LSL(extended, bits<M, N>(shift));
}

/// Results of DecodeBitMasks, replicated to 64 bits.
struct BitMasks {
    std::uint64_t wmask;
    std::uint64_t tmask;
};

/// DecodeBitMasks. Where it is UNDEFINED, which only a deliberate fault executes, the masks are empty: without an
/// element size, and for an immediate that is all ones.
constexpr BitMasks DecodeBitMasks(unsigned immN, unsigned imms, unsigned immr, bool immediate) {
    const unsigned size_bits = (immN << 6U) | (~imms & 0x3fU);
    if (size_bits == 0) return {0, 0};
    const unsigned len = static_cast<unsigned>(std::bit_width(size_bits)) - 1U;
    const unsigned levels = (1U << len) - 1U;
    if (immediate && (imms & levels) == levels) return {0, 0};
    const unsigned s = imms & levels;
    const unsigned r = immr & levels;
    const unsigned d = (s - r) & levels;
    const unsigned esize = 1U << len;
    const auto ones = [](unsigned count) {
        return count >= 64U ? ~std::uint64_t{0} : (std::uint64_t{1} << count) - 1U;
    };
    const auto replicate = [esize](std::uint64_t element) {
        std::uint64_t result = element;
        for (unsigned size = esize; size < 64U; size *= 2U) {
            result |= result << size;
        }
        return result;
    };
    const std::uint64_t welem = ones(s + 1U);
    const std::uint64_t rotated = r == 0U ? welem : ((welem >> r) | (welem << (esize - r))) & ones(esize);
    return {replicate(rotated), replicate(ones(d + 1U))};
}

/// Rd gets the low N bits of a constant that the encoding gives as 64 bits.
template <unsigned N, class M>
bits<M, N> Immediate(M&, std::uint64_t value) {
    return bits<M, N>(value);
}

/// ConditionHolds
template <class M>
boolean<M> ConditionHolds(M& m, unsigned cond) {
    using Bit = bits<M, 1>;
    const auto& pstate = m.state.PSTATE;
    const Bit one(1);
    boolean<M> result(true);
    switch (cond >> 1U) {
    case 0: // EQ or NE
        result = pstate.Z == one;
        break;
    case 1: // CS or CC
        result = pstate.C == one;
        break;
    case 2: // MI or PL
        result = pstate.N == one;
        break;
    case 3: // VS or VC
        result = pstate.V == one;
        break;
    case 4: // HI or LS
        result = (pstate.C == one) & (pstate.Z == Bit(0));
        break;
    case 5: // GE or LT
        result = pstate.N == pstate.V;
        break;
    case 6: // GT or LE
        result = (pstate.N == pstate.V) & (pstate.Z == Bit(0));
        break;
    default: // AL
        break;
    }
    // Condition flag values in the set '111x' indicate always true.
    return (cond & 1U) != 0U && cond != 15U ? !result : result;
}

} // namespace mtecheck::model
