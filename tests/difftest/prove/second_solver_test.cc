// SPDX-License-Identifier: Apache-2.0
//
// A second solver, played by small programs: what they say counts, and what they do not say is no answer.
#include "difftest/prove/second_solver.h"

#include <catch2/catch_test_macros.hpp>
#include <filesystem>
#include <fstream>

#include "difftest/core/error.h"
#include "tests/difftest/broken_pipes.h"
#include "tests/difftest/scratch.h"

namespace mtecheck::difftest {
namespace {

constexpr const char* kQuestion =
    "(set-logic QF_BV)\n(declare-fun x () (_ BitVec 8))\n(assert (= x #x05))\n(check-sat)\n";

/// A program that answers questions so.
std::string program(const std::filesystem::path& directory, const std::string& name, const std::string& script) {
    const auto path = directory / name;
    std::ofstream(path) << "#!/bin/sh\n" << script << "\n";
    std::filesystem::permissions(path, std::filesystem::perms::owner_all);
    return path.string();
}

Job any_job() {
    const auto& scenario = model::proofs::scenarios().front();
    return {&scenario, 0, std::nullopt, std::vector<bool>(scenario.statements.size(), true)};
}

TEST_CASE("a second solver that contradicts is a failure, one that is late is not") {
    const auto directory = scratch_directory("solvers");
    const auto check = [&](const std::string& solver) {
        QueryWitness witness;
        witness.cross_check(solver, 1);
        witness.see(any_job(), kQuestion, model::symbolic::Answer::satisfiable);
        witness.see(any_job(), kQuestion, model::symbolic::Answer::satisfiable); // is not asked again
        return witness.result();
    };
    CHECK(check(program(directory, "agrees", "cat >/dev/null; echo sat")).agreed == 1);
    CHECK(check(program(directory, "contradicts", "cat >/dev/null; echo unsat")).disagreed.size() == 1);
    CHECK(check(program(directory, "gives-up", "cat >/dev/null; echo unknown")).unknown == 1);
    CHECK_THROWS_AS(check(program(directory, "complains", "cat >/dev/null; echo '(error \"no\")'")), ToolError);
    CHECK_THROWS_AS(check(program(directory, "dies", "exit 3")), ToolError);
    CHECK_THROWS_AS(check("no-such-solver"), ToolError);
}

TEST_CASE("cvc5 answers one question after the other") {
    QueryWitness witness;
    try {
        witness.cross_check("cvc5", 10);
    } catch (const ToolError&) {
        SKIP("cvc5 is not installed");
    }
    witness.see(any_job(), kQuestion, model::symbolic::Answer::satisfiable);
    witness.see(any_job(), "(set-logic QF_BV)\n(declare-fun x () (_ BitVec 8))\n(assert (not (= x x)))\n(check-sat)\n",
                model::symbolic::Answer::unsatisfiable);
    CHECK(witness.result().agreed == 2);
    CHECK(witness.result().disagreed.empty());
}

} // namespace
} // namespace mtecheck::difftest
