// SPDX-License-Identifier: Apache-2.0
//
// The unit of work of a run of proofs: some statements of one variant of a scenario, of the model as it is or with one
// deliberate fault.
//
// Invariant: the outcome is a function of the job, but for its time, unless it was stopped; only one that was not
// stopped is kept.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "model/proofs/confirm.h"
#include "model/proofs/prover.h"

namespace mtecheck::difftest {

struct Job {
    const model::proofs::Scenario* scenario = nullptr;
    unsigned variant = 0;
    std::optional<spec::Mutation> mutation;
    std::vector<bool> statements;

    std::string name() const; ///< for people and for the cache
};

struct ProvedPart {
    std::uint64_t claims = 0;
    std::uint64_t unknown = 0;
    std::optional<model::proofs::Claimed> witness;
    std::optional<model::proofs::Claimed> counterexample; ///< with as few values as break the claim, if confirmed
    model::proofs::Confirmation confirmation{};           ///< of the counterexample
};

struct JobOutcome {
    std::uint64_t paths = 0;
    std::uint64_t abandoned = 0;
    std::uint64_t queries = 0;
    double seconds = 0; ///< of processor time
    bool complete = false;
    bool stopped = false; ///< its time was up, or the run was interrupted
    model::MutationSet consulted;
    std::vector<ProvedPart> statements;

    model::proofs::Verdict verdict(std::size_t statement) const;
};

/// Called with each query and its answer; from the thread that runs the job.
using QueryObserver = std::function<void(const Job&, const std::string& smt2, model::symbolic::Answer answer)>;

JobOutcome run_job(const Job& job, const std::function<bool()>& stop, const QueryObserver& on_query);

} // namespace mtecheck::difftest
