// SPDX-License-Identifier: Apache-2.0
//
// Exploration of all feasible paths of a computation on terms, by running it again and again: each run follows the
// decisions of the one before up to the last one that has another side left. The solver prunes what cannot happen.
//
// Invariants: the computation is deterministic; paths come in the order of their decisions, true before false and
// options ascending, whatever the solver answers; a side about which the solver gives up is explored, and counted.
#pragma once

#include <any>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "model/symbolic/solver.h"
#include "model/symbolic/terms.h"

namespace mtecheck::model::symbolic {

/// Thrown to leave a run whose assumptions cannot hold.
struct PathEnd {};

/// Thrown to leave a run, and the exploration with it, because it was told to stop.
struct Stopped {};

struct Exploration {
    std::uint64_t paths = 0;     ///< run to their end
    std::uint64_t abandoned = 0; ///< their assumptions cannot hold
    std::uint64_t undecided = 0; ///< sides and claims about which the solver gave up
    bool complete = true;        ///< false: stopped, or a bound was reached
};

/// The decisions of the current path of Explorer::summarise().
struct Summary {
    std::vector<std::pair<Term, bool>> decisions;
    std::size_t position = 0;
};

class Explorer {
  public:
    explicit Explorer(Terms& terms, Solver::Use use = Solver::Use::incremental)
        : terms_(terms), solver_(terms, use), without_path_(terms, Solver::Use::single) {}
    Explorer(const Explorer&) = delete;
    Explorer& operator=(const Explorer&) = delete;

    /// Runs `body` once for each feasible path, until it returns false or `max_paths` were run. Not from within itself.
    Exploration explore(const std::function<bool()>& body, std::uint64_t max_paths);

    /// Runs a pure function, which asks for branches only, on all its paths at once: calls `result` for each with its
    /// condition. Conditions are disjoint and cover everything; nothing is pruned, and this path decides nothing.
    void summarise(const std::function<void()>& function, const std::function<void(Term condition)>& result);

    // ---- within a run ----

    /// Which way the path goes at a condition.
    bool branch(Term condition);
    /// Which of several ways that are all open, whatever the values.
    unsigned fork(unsigned options);
    /// Goes on only where the condition holds.
    void assume(Term condition);
    /// Whether the condition holds for all values there are, on this path or not. Each is asked once.
    bool valid(Term condition);
    /// Whether the condition holds for all values of this path. Without an answer, nothing; it is counted.
    std::optional<bool> holds(Term condition);
    /// Values of the path for which the condition of the last holds(), which was false, does not hold.
    void read_counterexample(Evaluation& out) const { solver_.read_model(out); }
    /// Values of the path for which the premise holds. False: there are none, or none was found, which is counted.
    bool read_witness(Term premise, Evaluation& out);

    /// What this path has decided, by condition.
    const std::unordered_map<Term, bool>& decided() const { return known_; }

    std::uint64_t queries() const { return solver_.queries() + without_path_.queries(); }
    /// Called with every question to the solver from now on; empty: nothing is.
    void observe(const Solver::Observer& observer) {
        solver_.observe(observer);
        without_path_.observe(observer);
    }
    /// Asked before every question to the solver: whether to stop.
    void stop_when(std::function<bool()> stop) { stop_ = std::move(stop); }

    /// Results of summarise() that callers keep, by what they depend on; they outlive the run.
    std::map<std::vector<std::uint64_t>, std::any>& summaries() { return summaries_; }
    bool within_summary() const { return summary_.has_value(); }

  private:
    struct Entry {
        enum class Kind : std::uint8_t { branch, fork, assumption };
        Kind kind{};
        bool asserted = false; ///< on the solver's stack
        unsigned taken = 0;    ///< a branch: 1 is true
        unsigned options = 1;  ///< how many sides there are in all; the next one to try is taken + 1, or false
        Term condition = Term::none;
    };

    bool branch_in_summary(Term condition);
    bool next_path();
    Entry& append(Entry entry);
    void note(Term condition, bool outcome);
    bool feasible(Term condition);
    bool possible(Term condition);
    std::optional<bool> in_model(Term condition);
    Answer ask(Solver& solver, Term condition);

    Terms& terms_;
    Solver solver_;
    Solver without_path_; // has no assertions
    std::unordered_map<Term, bool> valid_;
    std::vector<Entry> entries_;
    std::size_t position_ = 0;             // in entries_: what is before was replayed in this run
    std::unordered_map<Term, bool> known_; // what this path has decided
    std::optional<Evaluation> model_;      // of all assertions, if one is at hand
    std::uint64_t undecided_ = 0;
    std::function<bool()> stop_;

    std::optional<Summary> summary_;
    std::map<std::vector<std::uint64_t>, std::any> summaries_;
};

/// The explorer of this thread's run.
Explorer& current_explorer();

} // namespace mtecheck::model::symbolic
