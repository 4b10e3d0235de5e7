// SPDX-License-Identifier: Apache-2.0
//
// The model as a target: "model", which agrees with itself, and "model:MUTATION[+MUTATION...]", a defective
// implementation on demand.
#pragma once

#include <memory>
#include <string>

#include "difftest/core/target.h"

namespace mtecheck::difftest {

/// `spec` is "model" or "model:MUTATION[+MUTATION...]"; InputError otherwise.
std::unique_ptr<Target> make_model_target(const std::string& spec);

} // namespace mtecheck::difftest
