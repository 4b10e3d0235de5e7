// SPDX-License-Identifier: Apache-2.0
//
// Values of which some bits may not be known: for a reading of the semantics from a state that was only seen in part,
// as in a trace. Same operators as model/machine/bits.h; what they give is known as far as it is the same for all
// values of the bits that are not.
//
// Invariants: a bit that is not known is 0 in `value`. A control decision on what is not known is NotKnown: it is never
// guessed.
#pragma once

#include <bit>
#include <cstdint>

#include "model/machine/bits.h"

namespace mtecheck::model::partial {

/// Thrown where control hangs on something that is not known.
struct NotKnown {};

class PartialBool {
  public:
    constexpr PartialBool() = default;
    constexpr explicit PartialBool(bool value) : value_(value) {}
    constexpr PartialBool(bool value, bool known) : value_(value && known), known_(known) {}
    explicit operator bool() const {
        if (!known_) [[unlikely]]
            throw NotKnown{};
        return value_;
    }
    constexpr bool known() const { return known_; }
    constexpr bool value() const { return value_; }

    friend constexpr PartialBool operator!(PartialBool a) { return {!a.value_, a.known_}; }
    friend constexpr PartialBool operator&(PartialBool a, PartialBool b) {
        const bool no = (a.known_ && !a.value_) || (b.known_ && !b.value_);
        return {a.value_ && b.value_, no || (a.known_ && b.known_)};
    }
    friend constexpr PartialBool operator|(PartialBool a, PartialBool b) { return !((!a) & (!b)); }
    friend constexpr PartialBool operator==(PartialBool a, PartialBool b) {
        return {a.value_ == b.value_, a.known_ && b.known_};
    }

  private:
    bool value_ = false;
    bool known_ = true;
};

template <unsigned N>
class PartialBits {
  public:
    static constexpr unsigned width = N;

    constexpr PartialBits() : known_(~Bits<N>()) {}
    constexpr PartialBits(std::uint64_t constant) // NOLINT(google-explicit-constructor)
        : value_(constant), known_(~Bits<N>()) {}
    constexpr explicit PartialBits(Bits<N> value) : value_(value), known_(~Bits<N>()) {}
    constexpr PartialBits(Bits<N> value, Bits<N> known) : value_(value & known), known_(known) {}
    static constexpr PartialBits unknown() { return PartialBits(Bits<N>(), Bits<N>()); }

    constexpr Bits<N> value() const { return value_; }
    constexpr Bits<N> known() const { return known_; }
    constexpr bool all_known() const { return static_cast<bool>(known_ == ~Bits<N>()); }

    friend constexpr PartialBits operator+(PartialBits a, PartialBits b) {
        return PartialBits(a.value_ + b.value_, below_unknown(a.known_ & b.known_));
    }
    friend constexpr PartialBits operator-(PartialBits a, PartialBits b) {
        return PartialBits(a.value_ - b.value_, below_unknown(a.known_ & b.known_));
    }
    friend constexpr PartialBits operator&(PartialBits a, PartialBits b) {
        return PartialBits(a.value_ & b.value_,
                           (a.known_ & b.known_) | (a.known_ & ~a.value_) | (b.known_ & ~b.value_));
    }
    friend constexpr PartialBits operator|(PartialBits a, PartialBits b) {
        return PartialBits(a.value_ | b.value_, (a.known_ & b.known_) | a.value_ | b.value_);
    }
    friend constexpr PartialBits operator^(PartialBits a, PartialBits b) {
        return PartialBits(a.value_ ^ b.value_, a.known_ & b.known_);
    }
    friend constexpr PartialBits operator~(PartialBits a) { return PartialBits(~a.value_, a.known_); }
    friend constexpr PartialBool operator==(PartialBits a, PartialBits b) {
        const Bits<N> both = a.known_ & b.known_;
        const bool differ = !static_cast<bool>(IsZero((a.value_ ^ b.value_) & both));
        return {!differ, differ || static_cast<bool>(both == ~Bits<N>())};
    }
    friend constexpr PartialBool operator!=(PartialBits a, PartialBits b) { return !(a == b); }
    friend constexpr PartialBool ult(PartialBits a, PartialBits b) {
        return {static_cast<bool>(ult(a.value_, b.value_)), a.all_known() && b.all_known()};
    }
    friend constexpr PartialBool slt(PartialBits a, PartialBits b) {
        return {static_cast<bool>(slt(a.value_, b.value_)), a.all_known() && b.all_known()};
    }
    friend constexpr PartialBits LSL(PartialBits a, PartialBits amount) {
        if (!amount.all_known()) return unknown();
        return PartialBits(LSL(a.value_, amount.value_), ~LSL(~a.known_, amount.value_));
    }
    friend constexpr PartialBits LSR(PartialBits a, PartialBits amount) {
        if (!amount.all_known()) return unknown();
        return PartialBits(LSR(a.value_, amount.value_), ~LSR(~a.known_, amount.value_));
    }

  private:
    /// The bits that no carry out of an unknown one reaches.
    static constexpr Bits<N> below_unknown(Bits<N> known) {
        if (static_cast<bool>(known == ~Bits<N>())) return known;
        return known & ~(known + Bits<N>(1)); // the ones below the lowest zero
    }

    Bits<N> value_;
    Bits<N> known_;
};

template <unsigned H, unsigned L, unsigned N>
constexpr PartialBits<H - L + 1> slice(PartialBits<N> x) {
    return PartialBits<H - L + 1>(model::slice<H, L>(x.value()), model::slice<H, L>(x.known()));
}
template <unsigned H, unsigned L, unsigned N>
constexpr PartialBits<N> with_slice(PartialBits<N> x, PartialBits<H - L + 1> v) {
    return PartialBits<N>(model::with_slice<H, L>(x.value(), v.value()), model::with_slice<H, L>(x.known(), v.known()));
}
template <unsigned A, unsigned B>
constexpr PartialBits<A + B> concat(PartialBits<A> high, PartialBits<B> low) {
    return PartialBits<A + B>(model::concat(high.value(), low.value()), model::concat(high.known(), low.known()));
}
template <unsigned N, unsigned From>
constexpr PartialBits<N> ZeroExtend(PartialBits<From> x) {
    return PartialBits<N>(model::ZeroExtend<N>(x.value()), ~model::ZeroExtend<N>(~x.known()));
}
template <unsigned N, unsigned From>
constexpr PartialBits<N> SignExtend(PartialBits<From> x) {
    return PartialBits<N>(model::SignExtend<N>(x.value()), model::SignExtend<N>(x.known()));
}
template <unsigned K, unsigned N>
constexpr PartialBits<N> shift_left(PartialBits<N> x) {
    return PartialBits<N>(model::shift_left<K>(x.value()), ~model::shift_left<K>(~x.known()));
}
template <unsigned K, unsigned N>
constexpr PartialBits<N> shift_right(PartialBits<N> x) {
    return PartialBits<N>(model::shift_right<K>(x.value()), ~model::shift_right<K>(~x.known()));
}
/// Of either where they agree, if the condition is not known.
template <unsigned N>
constexpr PartialBits<N> select(PartialBool c, PartialBits<N> a, PartialBits<N> b) {
    if (c.known()) return c.value() ? a : b;
    return PartialBits<N>(a.value(), a.known() & b.known() & ~(a.value() ^ b.value()));
}
template <unsigned N>
constexpr PartialBool IsZero(PartialBits<N> x) {
    return x == PartialBits<N>(0);
}

} // namespace mtecheck::model::partial
