// SPDX-License-Identifier: Apache-2.0
//
// What a target says of itself, as the set of features that the model asks for, and what it has of constants that no
// case sets.
#pragma once

#include <cstdint>

#include "difftest/core/target.h"
#include "model/machine/native_machine.h"

namespace mtecheck::difftest {

model::FeatureSet features_of(const Profile& profile);

/// The smallest line of its data caches, in bytes: CTR_EL0.DminLine, 64 where the profile does not have the register.
std::uint32_t data_cache_line_of(const Profile& profile);

} // namespace mtecheck::difftest
