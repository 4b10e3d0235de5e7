// SPDX-License-Identifier: Apache-2.0
//
// The strict machine: the same semantics over opaque values. There is no way from a value to a plain integer and no
// implicit conversion to `bool`; every explicit one is counted. That it compiles proves that no semantic function
// depends on plain integers; that it runs and agrees with the concrete machine is a test.
#pragma once

#include <cstdint>

#include "model/machine/native_machine.h"
#include "model/machine/observers.h"
#include "model/run/run.h"

namespace mtecheck::model::strict {

class Secret;

class StrictBool {
  public:
    constexpr StrictBool() = default;
    constexpr explicit StrictBool(bool value) : value_(value) {}
    explicit operator bool() const {
        ++conversions;
        return value_;
    }
    friend constexpr StrictBool operator!(StrictBool a) { return StrictBool(!a.value_); }
    friend constexpr StrictBool operator&(StrictBool a, StrictBool b) { return StrictBool(a.value_ && b.value_); }
    friend constexpr StrictBool operator|(StrictBool a, StrictBool b) { return StrictBool(a.value_ || b.value_); }
    friend constexpr StrictBool operator==(StrictBool a, StrictBool b) { return StrictBool(a.value_ == b.value_); }

    /// How often a value became a control decision.
    static inline std::uint64_t conversions = 0;

  private:
    friend class Secret;
    bool value_ = false;
};

template <unsigned N>
class StrictBits {
  public:
    static constexpr unsigned width = N;

    constexpr StrictBits() = default;
    constexpr StrictBits(std::uint64_t constant) : value_(constant) {} // NOLINT(google-explicit-constructor)

  private:
    friend class Secret;
    constexpr explicit StrictBits(Bits<N> value) : value_(value) {}
    Bits<N> value_;
};

/// The only one who can look into values: their own operations and the machine's memory.
class Secret {
  public:
    template <unsigned N>
    static constexpr Bits<N> reveal(StrictBits<N> x) {
        return x.value_;
    }
    template <unsigned N>
    static constexpr StrictBits<N> hide(Bits<N> x) {
        return StrictBits<N>(x);
    }
    static constexpr StrictBool hide(Bool x) { return StrictBool(static_cast<bool>(x)); }
    static constexpr Bool reveal(StrictBool x) { return Bool(x.value_); }
};

template <unsigned N>
StrictBits<N> operator+(StrictBits<N> a, StrictBits<N> b) {
    return Secret::hide(Secret::reveal(a) + Secret::reveal(b));
}
template <unsigned N>
StrictBits<N> operator-(StrictBits<N> a, StrictBits<N> b) {
    return Secret::hide(Secret::reveal(a) - Secret::reveal(b));
}
template <unsigned N>
StrictBits<N> operator&(StrictBits<N> a, StrictBits<N> b) {
    return Secret::hide(Secret::reveal(a) & Secret::reveal(b));
}
template <unsigned N>
StrictBits<N> operator|(StrictBits<N> a, StrictBits<N> b) {
    return Secret::hide(Secret::reveal(a) | Secret::reveal(b));
}
template <unsigned N>
StrictBits<N> operator^(StrictBits<N> a, StrictBits<N> b) {
    return Secret::hide(Secret::reveal(a) ^ Secret::reveal(b));
}
template <unsigned N>
StrictBits<N> operator~(StrictBits<N> a) {
    return Secret::hide(~Secret::reveal(a));
}
template <unsigned N>
StrictBool operator==(StrictBits<N> a, StrictBits<N> b) {
    return Secret::hide(Secret::reveal(a) == Secret::reveal(b));
}
template <unsigned N>
StrictBool operator==(StrictBits<N> a, std::uint64_t constant) {
    return a == StrictBits<N>(constant);
}
template <unsigned N>
StrictBool operator!=(StrictBits<N> a, StrictBits<N> b) {
    return !(a == b);
}
template <unsigned N>
StrictBool ult(StrictBits<N> a, StrictBits<N> b) {
    return Secret::hide(ult(Secret::reveal(a), Secret::reveal(b)));
}
template <unsigned N>
StrictBool slt(StrictBits<N> a, StrictBits<N> b) {
    return Secret::hide(slt(Secret::reveal(a), Secret::reveal(b)));
}
template <unsigned N>
StrictBits<N> LSL(StrictBits<N> a, StrictBits<N> amount) {
    return Secret::hide(LSL(Secret::reveal(a), Secret::reveal(amount)));
}
template <unsigned N>
StrictBits<N> LSR(StrictBits<N> a, StrictBits<N> amount) {
    return Secret::hide(LSR(Secret::reveal(a), Secret::reveal(amount)));
}
template <unsigned H, unsigned L, unsigned N>
StrictBits<H - L + 1> slice(StrictBits<N> x) {
    return Secret::hide(model::slice<H, L>(Secret::reveal(x)));
}
template <unsigned H, unsigned L, unsigned N>
StrictBits<N> with_slice(StrictBits<N> x, StrictBits<H - L + 1> v) {
    return Secret::hide(model::with_slice<H, L>(Secret::reveal(x), Secret::reveal(v)));
}
template <unsigned A, unsigned B>
StrictBits<A + B> concat(StrictBits<A> high, StrictBits<B> low) {
    return Secret::hide(model::concat(Secret::reveal(high), Secret::reveal(low)));
}
template <unsigned N, unsigned From>
StrictBits<N> ZeroExtend(StrictBits<From> x) {
    return Secret::hide(model::ZeroExtend<N>(Secret::reveal(x)));
}
template <unsigned N, unsigned From>
StrictBits<N> SignExtend(StrictBits<From> x) {
    return Secret::hide(model::SignExtend<N>(Secret::reveal(x)));
}
template <unsigned K, unsigned N>
StrictBits<N> shift_left(StrictBits<N> x) {
    return Secret::hide(model::shift_left<K>(Secret::reveal(x)));
}
template <unsigned K, unsigned N>
StrictBits<N> shift_right(StrictBits<N> x) {
    return Secret::hide(model::shift_right<K>(Secret::reveal(x)));
}
template <unsigned N>
StrictBits<N> select(StrictBool c, StrictBits<N> a, StrictBits<N> b) {
    return Secret::hide(model::select(Secret::reveal(c), Secret::reveal(a), Secret::reveal(b)));
}
template <unsigned N>
StrictBool IsZero(StrictBits<N> x) {
    return x == StrictBits<N>(0);
}

struct StrictValues {
    template <unsigned N>
    using Bits = StrictBits<N>;
    using Bool = StrictBool;

    template <unsigned N>
    static constexpr model::Bits<N> reveal(StrictBits<N> x) {
        return Secret::reveal(x);
    }
    template <unsigned N>
    static constexpr StrictBits<N> hide(model::Bits<N> x) {
        return Secret::hide(x);
    }
};

using StrictMachine = NativeMachine<StrictValues, NoObserver, NoMutations>;

} // namespace mtecheck::model::strict

namespace mtecheck::model {

extern template RunResult Run(strict::StrictMachine&, const Program&, std::uint32_t);

} // namespace mtecheck::model
