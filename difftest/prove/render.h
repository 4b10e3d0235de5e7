// SPDX-License-Identifier: Apache-2.0
//
// Proofs as text for people: a table of invariants by scenario, one of deliberate faults and what kills them, and
// counterexamples with only what matters.
#pragma once

#include <string>

#include "difftest/prove/proofs.h"

namespace mtecheck::difftest {

/// Names and sentences of what is selected, without a proof.
std::string list_invariants(const Selection& selection);

/// The tables and, at the end, what fails. `counterexamples`: those of kills, too, not only of what is refuted.
std::string render_proofs(const Proofs& proofs, bool counterexamples);

} // namespace mtecheck::difftest
