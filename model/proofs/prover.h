// SPDX-License-Identifier: Apache-2.0
//
// Proves the statements of one scenario for all inputs, or refutes them with values.
//
// Invariants: what is found is a function of the task, not of time, unless `stop` ended it; a statement is proved only
// if every path was run to its end and the solver answered every question.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "model/proofs/invariant.h"

namespace mtecheck::model::proofs {

/// FEAT_MTE3 and all that it needs, without what came after it.
FeatureSet ProvedFeatures();

struct Task {
    const Scenario* scenario = nullptr;
    unsigned variant = 0;
    MutationSet mutations;
    std::vector<bool> statements; ///< of the scenario: which are asked about
    std::uint64_t max_paths = 1'000'000;
    std::function<bool()> stop; ///< asked before each question to the solver; empty: never
    /// Called with each question to the solver as a text of SMT-LIB 2, and its answer; empty: not wanted.
    std::function<void(const std::string& smt2, symbolic::Answer answer)> on_query;
};

enum class Verdict : std::uint8_t { proved, refuted, unknown };

/// On a statement that was refuted or not, with so many questions without an answer, if every path was run or not.
constexpr Verdict verdict_of(bool refuted, std::uint64_t unknown, bool complete) {
    if (refuted) return Verdict::refuted;
    return complete && unknown == 0 ? Verdict::proved : Verdict::unknown;
}

struct TaskResult {
    std::uint64_t paths = 0;
    std::uint64_t abandoned = 0; ///< paths that the scenario is not about
    std::uint64_t queries = 0;
    bool complete = false; ///< every path was run and decided
    MutationSet consulted; ///< deliberate faults that the model asked for on the way
    std::vector<StatementResult> statements;

    Verdict verdict(std::size_t statement) const;
};

TaskResult prove(const Task& task);

} // namespace mtecheck::model::proofs
