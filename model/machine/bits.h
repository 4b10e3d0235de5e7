// SPDX-License-Identifier: Apache-2.0
//
// Values of the concrete machine: bit vectors of 1 to 128 bits held in plain integers, and a Boolean that must be
// converted to `bool` explicitly. Semantics are written against this interface, and every other machine offers the
// same operators and free functions (found by argument-dependent lookup), so that one text serves all.
//
// Invariant: bits above N are zero.
//
// The pseudocode's notation and ours:
//   x<h:l>            slice<h, l>(x)          a : b             concat(a, b)
//   x<h:l> = v        with_slice<h, l>(x, v)  if c then a else b select(c, a, b)   (data choice, no control decision)
//   ZeroExtend(x, N)  ZeroExtend<N>(x)        SignExtend(x, N)  SignExtend<N>(x)
//   UInt(a) < UInt(b) ult(a, b)               SInt(a) < SInt(b) slt(a, b)
#pragma once

#include <cstdint>
#include <type_traits>

namespace mtecheck::model {

__extension__ using Uint128 = unsigned __int128;

/// BOOLEAN of the concrete machine. `if`, `&&` and `||` on it are control decisions; `&`, `|`, `!`, select() are data.
class Bool {
  public:
    constexpr Bool() = default;
    constexpr explicit Bool(bool value) : value_(value) {}
    constexpr explicit operator bool() const { return value_; }
    friend constexpr Bool operator!(Bool a) { return Bool(!a.value_); }
    friend constexpr Bool operator&(Bool a, Bool b) { return Bool(a.value_ && b.value_); }
    friend constexpr Bool operator|(Bool a, Bool b) { return Bool(a.value_ || b.value_); }
    friend constexpr Bool operator==(Bool a, Bool b) { return Bool(a.value_ == b.value_); }

  private:
    bool value_ = false;
};

namespace detail {
/// For arithmetic on N bits: compilers do not always see that 64 bits are enough.
template <unsigned N>
using Wide = std::conditional_t<(N <= 64), std::uint64_t, Uint128>;

template <unsigned N>
using Storage =
    std::conditional_t<(N <= 8), std::uint8_t,
                       std::conditional_t<(N <= 16), std::uint16_t,
                                          std::conditional_t<(N <= 32), std::uint32_t,
                                                             std::conditional_t<(N <= 64), std::uint64_t, Uint128>>>>;
} // namespace detail

template <unsigned N>
class Bits {
    static_assert(N >= 1 && N <= 128);

  public:
    static constexpr unsigned width = N;
    using Storage = detail::Storage<N>;

    constexpr Bits() = default;
    /// A constant; bits above N are dropped.
    constexpr Bits(std::uint64_t value) : value_(truncate(value)) {} // NOLINT(google-explicit-constructor)
    static constexpr Bits from_wide(Uint128 value) {
        Bits result;
        result.value_ = truncate(static_cast<detail::Wide<N>>(value));
        return result;
    }
    template <unsigned M>
    static constexpr Bits from(detail::Wide<M> value) {
        if constexpr (N <= 64) {
            return Bits(static_cast<std::uint64_t>(value));
        } else {
            return from_wide(value);
        }
    }

    /// The plain integer: for hosts that load and read state, never for semantics.
    constexpr Storage raw() const { return value_; }
    constexpr Uint128 wide() const { return value_; }
    constexpr detail::Wide<N> number() const { return value_; }

    friend constexpr Bits operator+(Bits a, Bits b) { return from<N>(a.number() + b.number()); }
    friend constexpr Bits operator-(Bits a, Bits b) { return from<N>(a.number() - b.number()); }
    friend constexpr Bits operator&(Bits a, Bits b) { return from<N>(a.number() & b.number()); }
    friend constexpr Bits operator|(Bits a, Bits b) { return from<N>(a.number() | b.number()); }
    friend constexpr Bits operator^(Bits a, Bits b) { return from<N>(a.number() ^ b.number()); }
    friend constexpr Bits operator~(Bits a) { return from<N>(~a.number()); }
    friend constexpr Bool operator==(Bits a, Bits b) { return Bool(a.value_ == b.value_); }
    friend constexpr Bool operator!=(Bits a, Bits b) { return Bool(a.value_ != b.value_); }
    friend constexpr Bool ult(Bits a, Bits b) { return Bool(a.value_ < b.value_); }
    friend constexpr Bool slt(Bits a, Bits b) {
        constexpr auto sign = detail::Wide<N>{1} << (N - 1);
        return Bool((a.number() ^ sign) < (b.number() ^ sign));
    }
    /// Shifts by a bit-vector amount; an amount of N or more gives 0 (LSL, LSR).
    friend constexpr Bits LSL(Bits a, Bits amount) {
        return amount.number() >= N ? Bits() : from<N>(a.number() << static_cast<unsigned>(amount.value_));
    }
    friend constexpr Bits LSR(Bits a, Bits amount) {
        return amount.number() >= N ? Bits() : from<N>(a.number() >> static_cast<unsigned>(amount.value_));
    }

  private:
    static constexpr Storage truncate(detail::Wide<N> value) {
        constexpr unsigned unused = 8 * sizeof(value) - N;
        return static_cast<Storage>(value & (~detail::Wide<N>{0} >> unused));
    }
    Storage value_ = 0;
};

template <unsigned H, unsigned L, unsigned N>
constexpr Bits<H - L + 1> slice(Bits<N> x) {
    static_assert(L <= H && H < N);
    return Bits<H - L + 1>::template from<N>(x.number() >> L);
}

/// x with bits H:L replaced by v.
template <unsigned H, unsigned L, unsigned N>
constexpr Bits<N> with_slice(Bits<N> x, Bits<H - L + 1> v) {
    static_assert(L <= H && H < N);
    using Wide = detail::Wide<N>;
    constexpr Wide mask = ~Wide{0} >> (8 * sizeof(Wide) - (H - L + 1)) << L;
    return Bits<N>::template from<N>((x.number() & ~mask) | (static_cast<Wide>(v.number()) << L));
}

template <unsigned A, unsigned B>
constexpr Bits<A + B> concat(Bits<A> high, Bits<B> low) {
    using Wide = detail::Wide<A + B>;
    return Bits<A + B>::template from<A + B>((static_cast<Wide>(high.number()) << B) | low.number());
}

template <unsigned N, unsigned From>
constexpr Bits<N> ZeroExtend(Bits<From> x) {
    static_assert(N >= From);
    return Bits<N>::template from<N>(x.number());
}

template <unsigned N, unsigned From>
constexpr Bits<N> SignExtend(Bits<From> x) {
    static_assert(N >= From);
    constexpr auto sign = detail::Wide<N>{1} << (From - 1);
    return Bits<N>::template from<N>((x.number() ^ sign) - sign);
}

/// Shift left by a constant.
template <unsigned K, unsigned N>
constexpr Bits<N> shift_left(Bits<N> x) {
    static_assert(K < N);
    return Bits<N>::template from<N>(x.number() << K);
}

template <unsigned K, unsigned N>
constexpr Bits<N> shift_right(Bits<N> x) {
    static_assert(K < N);
    return Bits<N>::template from<N>(x.number() >> K);
}

/// Data choice: never a control decision.
template <unsigned N>
constexpr Bits<N> select(Bool c, Bits<N> a, Bits<N> b) {
    return static_cast<bool>(c) ? a : b;
}

template <unsigned N>
constexpr Bool IsZero(Bits<N> x) {
    return x == Bits<N>(0);
}

} // namespace mtecheck::model
