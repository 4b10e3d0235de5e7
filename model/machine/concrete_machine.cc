// SPDX-License-Identifier: Apache-2.0
//
// The semantics, instantiated for ConcreteMachine.
#include "model/machine/concrete_machine.h"

namespace mtecheck::model {

static_assert(Machine<ConcreteMachine>);

template RunResult Run(ConcreteMachine&, const Program&, std::uint32_t);
template void Step(ConcreteMachine&, const Program&, std::size_t);

} // namespace mtecheck::model
