// SPDX-License-Identifier: Apache-2.0
//
// The one door to the SMT solver (Z3): assertions on a stack, satisfiability with one more assumption, and the model of
// a satisfiable answer. No type of the solver shows here.
//
// Invariants: an answer is a function of the assertions, their order and the budget, not of time; a query that runs
// out of its budget is `unknown`, never an answer.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "model/symbolic/terms.h"

namespace mtecheck::model::symbolic {

enum class Answer : std::uint8_t { satisfiable, unsatisfiable, unknown };

/// What one query may cost, in the solver's own unit of work (Z3's rlimit), which does not depend on the machine.
inline constexpr std::uint32_t kQueryBudget = 20'000'000;

class Solver {
  public:
    explicit Solver(const Terms& terms, std::uint32_t query_budget = kQueryBudget);
    ~Solver();
    Solver(const Solver&) = delete;
    Solver& operator=(const Solver&) = delete;

    void push(Term assertion);
    void pop(unsigned count);

    /// Whether the assertions and `assumption` can hold together.
    Answer check(Term assumption);
    /// An assignment for the last satisfiable answer. Variables that do not matter are left out.
    void read_model(Evaluation& out) const;

    std::uint64_t queries() const { return queries_; }
    /// The last query as a text of SMT-LIB 2.
    std::string to_smt2(Term assumption) const;

    static std::string version();

  private:
    struct Implementation;
    std::unique_ptr<Implementation> implementation_;
    std::uint64_t queries_ = 0;
};

} // namespace mtecheck::model::symbolic
