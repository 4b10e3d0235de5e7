// SPDX-License-Identifier: Apache-2.0
//
// bits(N) and boolean of the symbolic machine: terms with the operators of model/machine/bits.h. Handles only, so that
// frames left by an exception need no clean-up. Converting a Boolean to `bool` asks the explorer of paths.
#pragma once

#include <cstdint>

#include "model/symbolic/explorer.h"
#include "model/symbolic/terms.h"

namespace mtecheck::model::symbolic {

class SymbolicBool {
  public:
    SymbolicBool() : term_(current_terms().boolean(false)) {}
    explicit SymbolicBool(bool value) : term_(current_terms().boolean(value)) {}
    explicit SymbolicBool(Term term) : term_(term) {}

    Term term() const { return term_; }
    /// A control decision: which way this path goes.
    explicit operator bool() const { return current_explorer().branch(term_); }

    friend SymbolicBool operator!(SymbolicBool a) { return SymbolicBool(current_terms().invert(a.term_)); }
    friend SymbolicBool operator&(SymbolicBool a, SymbolicBool b) { return binary(Op::bool_and, a, b); }
    friend SymbolicBool operator|(SymbolicBool a, SymbolicBool b) { return binary(Op::bool_or, a, b); }
    friend SymbolicBool operator==(SymbolicBool a, SymbolicBool b) { return binary(Op::equal, a, b); }

  private:
    static SymbolicBool binary(Op op, SymbolicBool a, SymbolicBool b) {
        return SymbolicBool(current_terms().binary(op, a.term_, b.term_));
    }
    Term term_;
};

template <unsigned N>
class SymbolicBits {
    static_assert(N >= 1 && N <= 128);

  public:
    static constexpr unsigned width = N;

    SymbolicBits() : SymbolicBits(std::uint64_t{0}) {}
    SymbolicBits(std::uint64_t constant) // NOLINT(google-explicit-constructor)
        : term_(current_terms().literal(N, constant)) {}
    explicit SymbolicBits(Term term) : term_(term) {}

    Term term() const { return term_; }

    friend SymbolicBits operator+(SymbolicBits a, SymbolicBits b) { return binary(Op::add, a, b); }
    friend SymbolicBits operator-(SymbolicBits a, SymbolicBits b) { return binary(Op::sub, a, b); }
    friend SymbolicBits operator&(SymbolicBits a, SymbolicBits b) { return binary(Op::bit_and, a, b); }
    friend SymbolicBits operator|(SymbolicBits a, SymbolicBits b) { return binary(Op::bit_or, a, b); }
    friend SymbolicBits operator^(SymbolicBits a, SymbolicBits b) { return binary(Op::bit_xor, a, b); }
    friend SymbolicBits operator~(SymbolicBits a) { return SymbolicBits(current_terms().invert(a.term_)); }
    friend SymbolicBool operator==(SymbolicBits a, SymbolicBits b) { return compare(Op::equal, a, b); }
    friend SymbolicBool operator!=(SymbolicBits a, SymbolicBits b) { return !(a == b); }
    friend SymbolicBool ult(SymbolicBits a, SymbolicBits b) { return compare(Op::ult, a, b); }
    friend SymbolicBool slt(SymbolicBits a, SymbolicBits b) { return compare(Op::slt, a, b); }
    friend SymbolicBits LSL(SymbolicBits a, SymbolicBits amount) { return binary(Op::shift_left, a, amount); }
    friend SymbolicBits LSR(SymbolicBits a, SymbolicBits amount) { return binary(Op::shift_right, a, amount); }

  private:
    static SymbolicBits binary(Op op, SymbolicBits a, SymbolicBits b) {
        return SymbolicBits(current_terms().binary(op, a.term_, b.term_));
    }
    static SymbolicBool compare(Op op, SymbolicBits a, SymbolicBits b) {
        return SymbolicBool(current_terms().binary(op, a.term_, b.term_));
    }
    Term term_;
};

template <unsigned H, unsigned L, unsigned N>
SymbolicBits<H - L + 1> slice(SymbolicBits<N> x) {
    static_assert(L <= H && H < N);
    return SymbolicBits<H - L + 1>(current_terms().extract(x.term(), H, L));
}

template <unsigned A, unsigned B>
SymbolicBits<A + B> concat(SymbolicBits<A> high, SymbolicBits<B> low) {
    return SymbolicBits<A + B>(current_terms().binary(Op::concat, high.term(), low.term()));
}

template <unsigned H, unsigned L, unsigned N>
SymbolicBits<N> with_slice(SymbolicBits<N> x, SymbolicBits<H - L + 1> v) {
    static_assert(L <= H && H < N);
    Terms& terms = current_terms();
    Term result = v.term();
    if constexpr (L > 0) result = terms.binary(Op::concat, result, terms.extract(x.term(), L - 1, 0));
    if constexpr (H < N - 1) result = terms.binary(Op::concat, terms.extract(x.term(), N - 1, H + 1), result);
    return SymbolicBits<N>(result);
}

template <unsigned N, unsigned From>
SymbolicBits<N> ZeroExtend(SymbolicBits<From> x) {
    static_assert(N >= From);
    return SymbolicBits<N>(current_terms().extend(Op::zero_extend, x.term(), N));
}

template <unsigned N, unsigned From>
SymbolicBits<N> SignExtend(SymbolicBits<From> x) {
    static_assert(N >= From);
    return SymbolicBits<N>(current_terms().extend(Op::sign_extend, x.term(), N));
}

template <unsigned K, unsigned N>
SymbolicBits<N> shift_left(SymbolicBits<N> x) {
    static_assert(K < N);
    if constexpr (K == 0) {
        return x;
    } else {
        return concat(slice<N - 1 - K, 0>(x), SymbolicBits<K>(0));
    }
}

template <unsigned K, unsigned N>
SymbolicBits<N> shift_right(SymbolicBits<N> x) {
    static_assert(K < N);
    return ZeroExtend<N>(slice<N - 1, K>(x));
}

template <unsigned N>
SymbolicBits<N> select(SymbolicBool c, SymbolicBits<N> a, SymbolicBits<N> b) {
    return SymbolicBits<N>(current_terms().ite(c.term(), a.term(), b.term()));
}

/// Case analysis, smallest number first: the path goes on with one value.
template <unsigned N>
unsigned each_value(SymbolicBits<N> x) {
    static_assert(N <= 30);
    const Terms& terms = current_terms();
    if (terms.is_literal(x.term())) return static_cast<unsigned>(terms.node(x.term()).value);
    for (unsigned number = 0; number + 1 < (1U << N); ++number) {
        if (static_cast<bool>(x == SymbolicBits<N>(number))) return number;
    }
    return (1U << N) - 1;
}

template <unsigned N>
SymbolicBool IsZero(SymbolicBits<N> x) {
    return x == SymbolicBits<N>(0);
}

} // namespace mtecheck::model::symbolic
