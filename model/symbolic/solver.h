// SPDX-License-Identifier: Apache-2.0
//
// The one door to the SMT solver (Z3): assertions on a stack, satisfiability with one more assumption, and the model of
// a satisfiable answer. No type of the solver shows here.
//
// Invariants: an answer is a function of the assertions, their order and the budget, not of time; a query that runs
// out of its budget is `unknown`, never an answer.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "model/symbolic/terms.h"

namespace mtecheck::model::symbolic {

enum class Answer : std::uint8_t { satisfiable, unsatisfiable, unknown };

/// What one query may cost, in the solver's own unit of work (Z3's rlimit), which does not depend on the machine.
inline constexpr std::uint32_t kQueryBudget = 20'000'000;

class Solver {
  public:
    enum class Use : std::uint8_t {
        incremental, ///< many small questions on one stack
        single,      ///< questions by themselves, each worth some preparation
        repeated,    ///< many small questions, many of them again and again: answers are kept. Without arrays
    };
    explicit Solver(const Terms& terms, Use use = Use::incremental, std::uint32_t query_budget = kQueryBudget);
    ~Solver();
    Solver(const Solver&) = delete;
    Solver& operator=(const Solver&) = delete;

    void push(Term assertion);
    void pop(unsigned count);

    /// Whether the assertions and `assumption` can hold together.
    Answer check(Term assumption);
    /// An assignment for the last satisfiable answer. Variables that do not matter are left out.
    void read_model(Evaluation& out) const;

    /// Called with each query from now on, as a text of SMT-LIB 2, and its answer.
    using Observer = std::function<void(const std::string& smt2, Answer answer)>;
    void observe(Observer observer) { observer_ = std::move(observer); }

    std::uint64_t queries() const { return queries_; }
    /// A query as a text of SMT-LIB 2.
    std::string to_smt2(Term assumption) const;

    static std::string version();

  private:
    struct Implementation;
    std::unique_ptr<Implementation> implementation_;
    std::uint64_t queries_ = 0;
    Observer observer_;
};

} // namespace mtecheck::model::symbolic
