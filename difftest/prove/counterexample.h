// SPDX-License-Identifier: Apache-2.0
//
// A counterexample for people: what was claimed, the state in which it does not hold with only the values that matter,
// and what the model did there, step by step, with the decisions of the pseudocode.
#pragma once

#include <optional>
#include <string>

#include "model/proofs/confirm.h"

namespace mtecheck::difftest {

std::string counterexample_text(const model::proofs::Scenario& scenario, unsigned variant, std::size_t statement,
                                std::optional<spec::Mutation> mutation, const model::proofs::Claimed& claimed);

} // namespace mtecheck::difftest
