// SPDX-License-Identifier: Apache-2.0
//
// A counterexample as a case that targets run: its instruction from its state, with the addresses moved to where the
// address map of cases has pages of the same kind, and with the configuration that every target can set up but for the
// controls of tagging.
//
// Invariant: a case that is given shows the fault: the model with it and the model without it disagree about the
// outcome. Not every counterexample has one; then there is a reason.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "difftest/core/case.h"
#include "difftest/prove/proofs.h"

namespace mtecheck::difftest {

/// What breaks an invariant, with a deliberate fault or without.
struct CounterexampleCase {
    std::optional<Case> shown;
    std::string reason; ///< why there is none
};

/// Without a mutation nothing can be compared: the case is where the model breaks the claim.
CounterexampleCase case_of(const model::proofs::Scenario& scenario, unsigned variant, std::size_t statement,
                           std::optional<spec::Mutation> mutation, const model::proofs::Claimed& claimed);

/// Writes the case of every counterexample of a run to a file in the directory, which is made if need be. For people:
/// how many, and why others have none.
std::string write_cases(const Proofs& proofs, const std::filesystem::path& directory);

} // namespace mtecheck::difftest
