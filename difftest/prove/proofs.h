// SPDX-License-Identifier: Apache-2.0
//
// What a run of proofs found, and whether that is enough: a row for each invariant, a row for each deliberate fault.
//
// Invariant: but for times, a function of what was asked and of the sources; not of the number of workers.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "difftest/prove/job.h"
#include "difftest/prove/second_solver.h"
#include "difftest/prove/selection.h"

namespace mtecheck::difftest {

/// One invariant and one deliberate fault.
struct FaultTrial {
    enum class Result : std::uint8_t {
        killed,    ///< the fault breaks the invariant, and the model with plain values agrees
        survived,  ///< the invariant holds all the same
        unknown,   ///< neither could be shown
        not_shown, ///< the solver says that it breaks, the model with plain values does not
        not_run,   ///< interrupted
    };
    spec::Mutation mutation{};
    bool expected = true; ///< the invariant says that this fault breaks it
    Result result = Result::not_run;
    unsigned variant = 0; ///< where it was killed
    std::optional<model::proofs::Claimed> counterexample;
};

/// One invariant of a scenario, over all variants.
struct InvariantRow {
    const model::proofs::Scenario* scenario = nullptr;
    std::size_t number = 0; ///< in the scenario
    model::proofs::Verdict verdict = model::proofs::Verdict::unknown;
    std::uint64_t claims = 0;
    std::optional<model::proofs::Claimed> witness;
    unsigned witness_variant = 0;
    std::optional<model::proofs::Claimed> counterexample; ///< refuted
    unsigned counterexample_variant = 0;
    bool confirmed = true; ///< the counterexample
    std::vector<FaultTrial> trials;

    const model::proofs::Statement& statement() const { return scenario->statements[number]; }
    bool killed() const;
};

/// The proof of the selected invariants of one scenario: they share the exploration of its paths.
struct ScenarioRow {
    const model::proofs::Scenario* scenario = nullptr;
    unsigned variants = 0; ///< that were run to their end or their time
    unsigned timed_out = 0;
    std::uint64_t paths = 0;
    std::uint64_t queries = 0;
    double seconds = 0; ///< of processor time, with the proofs taken from the cache as they were
    std::vector<InvariantRow> invariants;
};

struct Proofs {
    bool everything = false; ///< all invariants were asked about, with their mutations
    bool mutations = true;   ///< deliberate faults were tried
    bool interrupted = false;
    double mutation_seconds = 0;
    std::uint64_t jobs = 0;
    std::uint64_t cached_jobs = 0;
    std::vector<ScenarioRow> scenarios;
    std::optional<CrossCheckResult> cross_check;

    /// Why the run fails, one line each; empty: all is proved, says something, and dies where it must.
    std::vector<std::string> failures() const;
};

} // namespace mtecheck::difftest
