// SPDX-License-Identifier: Apache-2.0
//
// What a proof depends on besides its task: the sources of spec and model, the statement, the solver.
#pragma once

#include <string>

#include "model/proofs/invariant.h"

namespace mtecheck::difftest {

/// Of all tables of spec and all of the model but the files that state invariants.
std::string semantics_hash();
/// Of the file that states the invariants of a scenario, and what it shares with others.
std::string statement_hash(const model::proofs::Scenario& scenario);
/// "Z3 4.8.12".
std::string solver_name();
/// Features of the PE that is proved about.
std::vector<std::string> proved_features();

} // namespace mtecheck::difftest
