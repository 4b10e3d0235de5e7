// SPDX-License-Identifier: Apache-2.0
//
// The solver: answers, models, and giving up.
#include "model/symbolic/solver.h"

#include <catch2/catch_test_macros.hpp>

#include "model/symbolic/values.h"

using namespace mtecheck::model::symbolic;

TEST_CASE("assertions and an assumption are solved together, and can be taken back") {
    Terms terms;
    const CurrentTerms here(terms);
    Solver solver(terms);
    const SymbolicBits<32> x(terms.variable("x", 32));
    solver.push(ult(x, SymbolicBits<32>(10)).term());
    CHECK(solver.check((x == SymbolicBits<32>(11)).term()) == Answer::unsatisfiable);
    REQUIRE(solver.check(ult(SymbolicBits<32>(8), x).term()) == Answer::satisfiable);
    Evaluation values(terms);
    solver.read_model(values);
    CHECK(values.value(x.term()) == 9);
    solver.pop(1);
    CHECK(solver.check((x == SymbolicBits<32>(11)).term()) == Answer::satisfiable);
    CHECK(solver.queries() == 3);
}

TEST_CASE("models have elements of arrays") {
    Terms terms;
    const CurrentTerms here(terms);
    Solver solver(terms);
    const Term tags = terms.array_variable("tags", 52, 4);
    const SymbolicBits<52> a(terms.variable("a", 52));
    const SymbolicBits<52> b(terms.variable("b", 52));
    const auto tag = [&](Term array, SymbolicBits<52> at) { return SymbolicBits<4>(terms.select(array, at.term())); };
    const Term written = terms.store(tags, a.term(), terms.literal(4, 5));
    const auto differ = (tag(written, b) != SymbolicBits<4>(5)) & (tag(tags, b) == SymbolicBits<4>(7));
    REQUIRE(solver.check(differ.term()) == Answer::satisfiable);
    Evaluation values(terms);
    solver.read_model(values);
    CHECK(values.value(a.term()) != values.value(b.term()));
    CHECK(values.value(tag(written, b).term()) == 7);
    CHECK(solver.check((differ & (a == b)).term()) == Answer::unsatisfiable);
}

TEST_CASE("a query beyond its budget has no answer") {
    Terms terms;
    const CurrentTerms here(terms);
    // A product of two unknown factors, by shifts and sums.
    SymbolicBits<64> product(0);
    const SymbolicBits<64> x(terms.variable("x", 64));
    const SymbolicBits<64> y(terms.variable("y", 64));
    for (unsigned i = 0; i < 64; ++i) {
        const auto bit = LSR(y, SymbolicBits<64>(i)) & SymbolicBits<64>(1);
        product = product + select(bit == SymbolicBits<64>(1), LSL(x, SymbolicBits<64>(i)), SymbolicBits<64>(0));
    }
    const auto factored = (product == SymbolicBits<64>(0xffffffffffffffc5)) & ult(SymbolicBits<64>(1), x) & ult(x, y);
    for (const Solver::Use use : {Solver::Use::incremental, Solver::Use::single}) {
        Solver solver(terms, use, 1000);
        CHECK(solver.check(factored.term()) == Answer::unknown);
    }
}

TEST_CASE("queries can be written for another solver") {
    Terms terms;
    const CurrentTerms here(terms);
    Solver solver(terms);
    const SymbolicBits<8> x(terms.variable("x", 8));
    solver.push(ult(x, SymbolicBits<8>(4)).term());
    const std::string text = solver.to_smt2((x == SymbolicBits<8>(9)).term());
    CHECK(text.find("(set-logic QF_ABV)") != std::string::npos);
    CHECK(text.find("bvult") != std::string::npos);
    CHECK(text.find("(check-sat)") != std::string::npos);
}
