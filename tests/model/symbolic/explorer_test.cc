// SPDX-License-Identifier: Apache-2.0
//
// Exploration: every feasible path once, in order, and nothing else.
#include "model/symbolic/explorer.h"

#include <catch2/catch_test_macros.hpp>
#include <vector>

#include "model/symbolic/cases.h"
#include "model/symbolic/values.h"

using namespace mtecheck::model::symbolic;

namespace {

struct Setting {
    Terms terms;
    CurrentTerms here{terms};
    Explorer explorer{terms};
    SymbolicBits<8> any(const char* name) { return SymbolicBits<8>(terms.variable(name, 8)); }
};

} // namespace

TEST_CASE("infeasible sides are not explored") {
    Setting s;
    std::vector<int> seen;
    const Exploration result = s.explorer.explore(
        [&] {
            const auto x = s.any("x");
            int path = 0;
            if (static_cast<bool>(ult(x, SymbolicBits<8>(10)))) path += 1;
            if (static_cast<bool>(x == SymbolicBits<8>(3))) path += 10;
            if (static_cast<bool>(ult(x, SymbolicBits<8>(20)))) path += 100;
            seen.push_back(path);
            return true;
        },
        100);
    CHECK(seen == std::vector<int>{111, 101, 100, 0});
    CHECK(result.paths == 4);
    CHECK(result.complete);
    CHECK(result.undecided == 0);
}

TEST_CASE("forks are taken whatever the values; assumptions cut") {
    Setting s;
    std::vector<unsigned> seen;
    const Exploration result = s.explorer.explore(
        [&] {
            const auto x = s.any("x");
            const unsigned way = s.explorer.fork(3);
            s.explorer.assume((x == SymbolicBits<8>(way)).term());
            if (way == 1) s.explorer.assume((x == SymbolicBits<8>(2)).term()); // cannot be
            seen.push_back(way);
            return true;
        },
        100);
    CHECK(seen == std::vector<unsigned>{0, 2});
    CHECK(result.paths == 2);
    CHECK(result.abandoned == 1);
}

TEST_CASE("claims hold for all values of the path, or have a counterexample") {
    Setting s;
    bool refuted = false;
    s.explorer.explore(
        [&] {
            const auto x = s.any("x");
            if (static_cast<bool>(ult(x, SymbolicBits<8>(16)))) {
                CHECK(s.explorer.holds(IsZero(slice<7, 4>(x)).term()) == true);
            } else {
                const auto even = slice<0, 0>(x) == SymbolicBits<1>(0);
                CHECK(s.explorer.holds(even.term()) == false);
                Evaluation values(s.terms);
                s.explorer.read_counterexample(values);
                CHECK(values.value(x.term()) % 2 == 1);
                CHECK(values.value(x.term()) >= 16);
                refuted = true;
            }
            return true;
        },
        100);
    CHECK(refuted);
}

TEST_CASE("a bound on paths is told, and an exploration can be repeated") {
    Setting s;
    const auto body = [&] {
        const auto x = s.any("x");
        unsigned number = 0;
        while (number < 9 && !static_cast<bool>(x == SymbolicBits<8>(number))) ++number;
        return true;
    };
    const Exploration some = s.explorer.explore(body, 4);
    CHECK_FALSE(some.complete);
    CHECK(some.paths == 4);
    const Exploration all = s.explorer.explore(body, 100);
    CHECK(all.complete);
    CHECK(all.paths == 10);
}

TEST_CASE("a computation that is not deterministic is found out") {
    Setting s;
    int run = 0;
    CHECK_THROWS_AS(s.explorer.explore(
                        [&] {
                            const auto x = s.any("x");
                            const bool first = static_cast<bool>(x == SymbolicBits<8>(static_cast<unsigned>(run++)));
                            return first || static_cast<bool>(ult(x, SymbolicBits<8>(100))) || true;
                        },
                        100),
                    std::logic_error);
}

TEST_CASE("a summary has all paths of a function at once, and decides nothing") {
    Setting s;
    const Exploration result = s.explorer.explore(
        [&] {
            const auto x = s.any("x");
            std::vector<unsigned> values;
            Term covered = s.terms.boolean(false);
            unsigned value = 0;
            s.explorer.summarise(
                [&] {
                    value = static_cast<bool>(ult(x, SymbolicBits<8>(10))) ? 1 : 2;
                    if (value == 2 && static_cast<bool>(x == SymbolicBits<8>(0xff))) value = 3;
                },
                [&](Term condition) {
                    values.push_back(value);
                    covered = s.terms.binary(Op::bool_or, covered, condition);
                });
            CHECK(values == std::vector<unsigned>{1, 3, 2});
            CHECK(s.explorer.holds(covered) == true);
            return true;
        },
        100);
    CHECK(result.paths == 1);
}

TEST_CASE("the cases of a function fork over its values, not over the ways to them") {
    struct Case {
        Term condition{};
        unsigned value = 0;
    };
    Setting s;
    std::vector<unsigned> seen;
    const Exploration result = s.explorer.explore(
        [&] {
            const auto x = s.any("x");
            const auto is = [&](unsigned value) { return (x == SymbolicBits<8>(value)).term(); };
            const auto other = ult(SymbolicBits<8>(2), x);
            seen.push_back(fork_over_values(std::vector<Case>{{is(0), 7}, {is(1), 8}, {is(2), 7}, {other.term(), 8}}));
            CHECK(fork_over_values(std::vector<Case>{{Term::none, 9}}) == 9); // a single case needs no condition
            return true;
        },
        100);
    CHECK(seen == std::vector<unsigned>{7, 8});
    CHECK(result.paths == 2);
}

TEST_CASE("a case analysis gives each value that is feasible, smallest first") {
    Setting s;
    std::vector<unsigned> seen;
    s.explorer.explore(
        [&] {
            const auto x = s.any("x");
            s.explorer.assume(ult(SymbolicBits<8>(0xfc), x).term());
            seen.push_back(each_value(slice<2, 0>(x)));
            return true;
        },
        100);
    CHECK(seen == std::vector<unsigned>{5, 6, 7});
}
