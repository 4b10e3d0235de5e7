// SPDX-License-Identifier: Apache-2.0
//
// The semantics, instantiated for TracingMachine.
#include "model/machine/tracing_machine.h"

namespace mtecheck::model {

static_assert(Machine<TracingMachine>);

template RunResult Run(TracingMachine&, const Program&, std::uint32_t);
template void Step(TracingMachine&, const Program&, std::size_t);

} // namespace mtecheck::model
