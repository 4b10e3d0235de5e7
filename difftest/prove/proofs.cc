// SPDX-License-Identifier: Apache-2.0
#include "difftest/prove/proofs.h"

#include <algorithm>

namespace mtecheck::difftest {
namespace {

using model::proofs::Verdict;

void append_failures(const InvariantRow& row, bool mutations, std::vector<std::string>& out) {
    const std::string id(row.statement().id);
    if (row.counterexample && !row.confirmed) {
        out.push_back(id + ": the solver's counterexample does not break it with plain values: the two readings of the "
                           "model differ, or a contract says too little");
    } else if (row.verdict == Verdict::refuted) {
        out.push_back(id + ": refuted");
    } else if (row.verdict == Verdict::unknown) {
        out.push_back(id + ": unknown (time or the solver's budget was up)");
    } else if (!row.witness) {
        out.push_back(id + ": vacuous: no state meets its premises");
    }
    if (!mutations) return;
    for (const FaultTrial& trial : row.trials) {
        const std::string mutation(spec::info(trial.mutation).id);
        if (trial.result == FaultTrial::Result::not_shown) {
            out.push_back(id + ": the solver's counterexample under " + mutation +
                          " does not break it with plain values");
        } else if (trial.expected && trial.result == FaultTrial::Result::survived) {
            out.push_back(id + ": is not broken by " + mutation + ", though it says so");
        } else if (trial.expected && trial.result == FaultTrial::Result::unknown) {
            out.push_back(id + ": unknown whether " + mutation + " breaks it");
        }
    }
}

} // namespace

bool InvariantRow::killed() const {
    return std::any_of(trials.begin(), trials.end(),
                       [](const FaultTrial& trial) { return trial.result == FaultTrial::Result::killed; });
}

std::vector<std::string> Proofs::failures() const {
    std::vector<std::string> lines;
    if (cross_check) {
        for (const std::string& line : cross_check->disagreed) lines.push_back("the solvers disagree: " + line);
    }
    model::MutationSet killed;
    for (const ScenarioRow& scenario : scenarios) {
        for (const InvariantRow& row : scenario.invariants) {
            append_failures(row, mutations, lines);
            for (const FaultTrial& trial : row.trials) {
                if (trial.result == FaultTrial::Result::killed) killed.add(trial.mutation);
            }
        }
    }
    if (!everything || !mutations || interrupted) return lines;
    for (const auto& mutation : spec::mutations()) {
        const bool beyond = !mutation.beyond_invariants.empty();
        if (killed.has(mutation.value) && beyond) {
            lines.push_back(std::string(mutation.id) + ": is said to be beyond invariants, but one kills it");
        } else if (!killed.has(mutation.value) && !beyond) {
            lines.push_back(std::string(mutation.id) + ": no invariant kills this deliberate fault");
        }
    }
    return lines;
}

} // namespace mtecheck::difftest
