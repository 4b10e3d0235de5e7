// SPDX-License-Identifier: Apache-2.0
//
// Which invariants are asked about: all, or those that patterns name by their own id or by that of their scenario.
#pragma once

#include <string>
#include <vector>

#include "model/proofs/invariant.h"

namespace mtecheck::difftest {

struct SelectedScenario {
    const model::proofs::Scenario* scenario = nullptr;
    std::vector<bool> statements; ///< of the scenario: which are asked about; at least one
};

struct Selection {
    std::vector<SelectedScenario> scenarios; ///< in the order of the table
    bool everything = false;
};

/// Patterns as shells have them (*, ?, [...]). Throws InputError for one that names nothing.
Selection select_invariants(const std::vector<model::proofs::Scenario>& all, const std::vector<std::string>& patterns);

} // namespace mtecheck::difftest
