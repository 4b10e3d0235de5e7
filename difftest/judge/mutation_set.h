// SPDX-License-Identifier: Apache-2.0
//
// A set of deliberate faults of the model, and how people write it: "MUTATION+MUTATION".
#pragma once

#include <string>
#include <string_view>

#include "model/machine/native_machine.h"

namespace mtecheck::difftest {

using model::MutationSet;

/// Throws InputError, naming `origin`, for a name that is no mutation.
MutationSet parse_mutations(std::string_view text, const std::string& origin);
std::string to_string(const MutationSet& mutations);

} // namespace mtecheck::difftest
