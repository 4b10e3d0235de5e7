// SPDX-License-Identifier: Apache-2.0
//
// The machine that records decisions (always) and events (on request).
#pragma once

#include "model/machine/native_machine.h"
#include "model/machine/observers.h"
#include "model/run/run.h"

namespace mtecheck::model {

using TracingMachine = NativeMachine<PlainValues, Tracer, NoMutations>;

extern template RunResult Run(TracingMachine&, const Program&, std::uint32_t);
extern template void Step(TracingMachine&, const Program&, std::size_t);

} // namespace mtecheck::model
