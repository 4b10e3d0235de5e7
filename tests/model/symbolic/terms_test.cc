// SPDX-License-Identifier: Apache-2.0
//
// Terms: whatever is folded and simplified, their value is that of the concrete operations.
#include "model/symbolic/terms.h"

#include <catch2/catch_test_macros.hpp>
#include <random>
#include <vector>

#include "model/symbolic/values.h"

using namespace mtecheck::model;
using namespace mtecheck::model::symbolic;

namespace {

/// The same computation twice: on terms, and on the values that the variables are given.
struct Both {
    SymbolicBits<16> term;
    Bits<16> value;
};

Both apply(unsigned operation, const Both& a, const Both& b) {
    const auto with = [&](auto&& f) { return Both{f(a.term, b.term), f(a.value, b.value)}; };
    switch (operation) {
    case 0: return with([](auto x, auto y) { return x + y; });
    case 1: return with([](auto x, auto y) { return x - y; });
    case 2: return with([](auto x, auto y) { return x & y; });
    case 3: return with([](auto x, auto y) { return x | y; });
    case 4: return with([](auto x, auto y) { return x ^ y; });
    case 5: return with([](auto x, auto) { return ~x; });
    case 6: return with([](auto x, auto y) { return LSL(x, y & decltype(y)(31)); });
    case 7: return with([](auto x, auto y) { return LSR(x, y & decltype(y)(31)); });
    case 8: return with([](auto x, auto y) { return concat(slice<7, 0>(x), slice<15, 8>(y)); });
    case 9: return with([](auto x, auto y) { return with_slice<11, 4>(x, slice<8, 1>(y)); });
    case 10: return with([](auto x, auto) { return SignExtend<16>(slice<9, 2>(x)); });
    case 11: return with([](auto x, auto) { return ZeroExtend<16>(slice<12, 3>(x)); });
    case 12: return with([](auto x, auto y) { return select(ult(x, y), x, y); });
    case 13: return with([](auto x, auto y) { return select(slt(x, y) & !(x == y), y, x); });
    case 14:
        return with([](auto x, auto y) { return select((x == y) | IsZero(x), decltype(x)(7), y + decltype(y)(3)); });
    case 15: return with([](auto x, auto) { return x + decltype(x)(0xfff0); });
    case 16: return with([](auto x, auto) { return shift_left<3>(x); });
    default: return with([](auto x, auto) { return shift_right<5>(x); });
    }
}

} // namespace

TEST_CASE("terms have the values of the concrete operations") {
    std::mt19937_64 random(1); // NOLINT(cert-msc32-c, cert-msc51-cpp): the same in every run
    for (int round = 0; round < 300; ++round) {
        Terms terms;
        const CurrentTerms here(terms);
        Evaluation evaluation(terms);
        std::vector<Both> pool;
        for (unsigned i = 0; i < 4; ++i) {
            const Bits<16> value(random() % 8 == 0 ? 0 : random());
            const Term variable = terms.variable("v" + std::to_string(i), 16);
            evaluation.set(variable, value.raw());
            pool.push_back({SymbolicBits<16>(variable), value});
        }
        for (const std::uint64_t constant : {0U, 1U, 0xffffU, 0x00f0U}) {
            pool.push_back({SymbolicBits<16>(constant), Bits<16>(constant)});
        }
        for (int step = 0; step < 60; ++step) {
            const Both& a = pool[random() % pool.size()];
            const Both& b = pool[random() % pool.size()];
            const auto operation = static_cast<unsigned>(random() % 18);
            const Both result = apply(operation, a, b);
            CAPTURE(round, step, operation);
            REQUIRE(evaluation.value(result.term.term()) == result.value.raw());
            pool.push_back(result);
        }
    }
}

TEST_CASE("equal terms are one term") {
    Terms terms;
    const CurrentTerms here(terms);
    const SymbolicBits<64> x(terms.variable("x", 64));
    const SymbolicBits<64> y(terms.variable("y", 64));
    CHECK((x + y).term() == (y + x).term());
    CHECK(((x + SymbolicBits<64>(3)) + SymbolicBits<64>(5)).term() == (x + SymbolicBits<64>(8)).term());
    CHECK(concat(slice<63, 16>(x), slice<15, 0>(x)).term() == x.term());
    CHECK(slice<7, 0>(with_slice<59, 56>(x, slice<3, 0>(y))).term() == slice<7, 0>(x).term());
    CHECK(terms.is_true((x == x).term()));
    CHECK(terms.is_false((x + SymbolicBits<64>(1) == x + SymbolicBits<64>(2)).term()));
    CHECK(((x - y) + y).term() == x.term());
    CHECK((y + (x - y)).term() == x.term());
    CHECK_THROWS_AS(terms.variable("x", 32), std::logic_error);
}

TEST_CASE("an array holds what was stored last") {
    Terms terms;
    const CurrentTerms here(terms);
    const Term array = terms.array_variable("memory", 56, 8);
    const SymbolicBits<56> at(terms.variable("address", 56));
    const auto next = at + SymbolicBits<56>(1);
    const Term one = terms.store(array, at.term(), terms.literal(8, 1));
    const Term two = terms.store(one, next.term(), terms.literal(8, 2));
    CHECK(terms.select(two, next.term()) == terms.literal(8, 2));
    CHECK(terms.select(two, at.term()) == terms.literal(8, 1)); // the other store is elsewhere for sure
    // A known place in a page: other places in it are elsewhere, those of other pages may be the same.
    const SymbolicBits<44> page(terms.variable("page", 44));
    const auto place = [&](unsigned offset) { return concat(page, SymbolicBits<12>(offset)).term(); };
    const Term three =
        terms.store(terms.store(array, place(0x10), terms.literal(8, 3)), place(0x20), terms.literal(8, 4));
    CHECK(terms.select(three, place(0x10)) == terms.literal(8, 3));
    CHECK(terms.select(three, place(0x30)) == terms.select(array, place(0x30)));
    CHECK(terms.select(three, at.term()) != terms.select(array, at.term()));
    const Term anywhere = terms.variable("anywhere", 56);
    Evaluation evaluation(terms);
    evaluation.set(at.term(), 0x1000);
    evaluation.set(anywhere, 0x1001);
    CHECK(evaluation.value(terms.select(two, anywhere)) == 2);
    Evaluation elsewhere(terms);
    elsewhere.set(anywhere, 0x2000);
    elsewhere.set_element(array, 0x2000, 9);
    CHECK(elsewhere.value(terms.select(two, anywhere)) == 9);
}
