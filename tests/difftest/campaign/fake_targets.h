// SPDX-License-Identifier: Apache-2.0
//
// Targets that misbehave on purpose, around the model.
#pragma once

#include <functional>
#include <memory>

#include "difftest/core/target.h"

namespace mtecheck::difftest {

/// The model, whose outcomes `tamper` may change; it is told how many cases the target ran since its last reset.
std::unique_ptr<Target>
make_tampered_target(std::function<void(const Test&, std::size_t state, std::uint64_t since_reset, Outcome&)> tamper);

/// The model, but for how tests come to it and outcomes go from it.
using StreamThrough = std::function<void(Target& model, TestSource& source, OutcomeSink& sink)>;
std::unique_ptr<Target> make_streaming_target(StreamThrough stream);

} // namespace mtecheck::difftest
