// SPDX-License-Identifier: Apache-2.0
//
// What a target says of itself, as the set of features that the model asks for.
#pragma once

#include "difftest/core/target.h"
#include "model/machine/native_machine.h"

namespace mtecheck::difftest {

model::FeatureSet features_of(const Profile& profile);

} // namespace mtecheck::difftest
