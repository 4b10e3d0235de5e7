// SPDX-License-Identifier: Apache-2.0
//
// Operations on values that are known in part: what they call known is the same for all values of the other bits, and
// nothing more is, for the operations that are exact.
#include <catch2/catch_test_macros.hpp>
#include <cstdint>

#include "model/machine/partial_bits.h"

namespace mtecheck::model::partial {
namespace {

constexpr unsigned kWidth = 3;
constexpr unsigned kValues = 1U << kWidth;
using Partial = PartialBits<kWidth>;
using Plain = Bits<kWidth>;

/// The bits that are the same in f(a, b) for all completions of two partial values.
template <class F>
std::pair<unsigned, unsigned> certain(Partial a, Partial b, const F& f) {
    unsigned ones = kValues - 1;
    unsigned zeros = kValues - 1;
    for (unsigned x = 0; x < kValues; ++x) {
        if (((x ^ a.value().raw()) & a.known().raw()) != 0) continue;
        for (unsigned y = 0; y < kValues; ++y) {
            if (((y ^ b.value().raw()) & b.known().raw()) != 0) continue;
            const unsigned result = f(Plain(x), Plain(y)).raw();
            ones &= result;
            zeros &= ~result;
        }
    }
    return {ones, ones | zeros};
}

template <class F, class G>
void check(const F& partial, const G& plain, bool exact) {
    for (unsigned known_a = 0; known_a < kValues; ++known_a) {
        for (unsigned known_b = 0; known_b < kValues; ++known_b) {
            for (unsigned x = 0; x < kValues; ++x) {
                for (unsigned y = 0; y < kValues; ++y) {
                    const Partial a{Plain(x), Plain(known_a)};
                    const Partial b{Plain(y), Plain(known_b)};
                    const Partial result = partial(a, b);
                    const auto [value, known] = certain(a, b, plain);
                    REQUIRE((result.known().raw() & ~known) == 0);
                    REQUIRE(result.value().raw() == (value & result.known().raw()));
                    if (exact) REQUIRE(result.known().raw() == known);
                }
            }
        }
    }
}

TEST_CASE("what an operation on partial values calls known is certain") {
    check([](auto a, auto b) { return a & b; }, [](auto a, auto b) { return a & b; }, true);
    check([](auto a, auto b) { return a | b; }, [](auto a, auto b) { return a | b; }, true);
    check([](auto a, auto b) { return a ^ b; }, [](auto a, auto b) { return a ^ b; }, true);
    check([](auto a, auto) { return ~a; }, [](auto a, auto) { return ~a; }, true);
    check([](auto a, auto b) { return a + b; }, [](auto a, auto b) { return a + b; }, false);
    check([](auto a, auto b) { return a - b; }, [](auto a, auto b) { return a - b; }, false);
    check([](auto a, auto b) { return LSL(a, b); }, [](auto a, auto b) { return LSL(a, b); }, false);
    check([](auto a, auto b) { return LSR(a, b); }, [](auto a, auto b) { return LSR(a, b); }, false);
    check([](auto a, auto) { return shift_left<1>(a); }, [](auto a, auto) { return shift_left<1>(a); }, true);
    check([](auto a, auto) { return shift_right<1>(a); }, [](auto a, auto) { return shift_right<1>(a); }, true);
    check([](auto a, auto b) { return select(a == b, a, b); }, [](auto a, auto b) { return select(a == b, a, b); },
          false);
}

TEST_CASE("a comparison of partial values is known if it is certain") {
    CHECK((PartialBits<8>(Bits<8>(0x10), Bits<8>(0xf0)) == PartialBits<8>(0x25)).known());
    CHECK_FALSE((PartialBits<8>(Bits<8>(0x20), Bits<8>(0xf0)) == PartialBits<8>(0x25)).known());
    CHECK_FALSE(ult(PartialBits<8>(1), PartialBits<8>::unknown()).known());
    const auto decide = [](PartialBool b) { return static_cast<bool>(b); };
    CHECK(decide(PartialBits<8>(3) != PartialBits<8>(4)));
    CHECK_THROWS_AS(decide(IsZero(PartialBits<8>::unknown())), NotKnown);
    CHECK((PartialBool(false) & PartialBool(false, false)).known());
    CHECK_FALSE((PartialBool(true) & PartialBool(false, false)).known());
    CHECK((PartialBool(true) | PartialBool(false, false)).known());
}

TEST_CASE("sums of partial values are known below the lowest bit that is not") {
    const PartialBits<64> address(Bits<64>(0x1000), ~Bits<64>(std::uint64_t{0xf} << 56));
    const PartialBits<64> sum = address + PartialBits<64>(0x20);
    CHECK(sum.known().raw() == (std::uint64_t{1} << 56) - 1);
    CHECK(sum.value().raw() == 0x1020);
}

} // namespace
} // namespace mtecheck::model::partial
