// SPDX-License-Identifier: Apache-2.0
//
// The semantics, instantiated for MutantMachine.
#include "model/machine/mutant_machine.h"

namespace mtecheck::model {

static_assert(Machine<MutantMachine>);

template RunResult Run(MutantMachine&, const Program&, std::uint32_t);
template void Step(MutantMachine&, const Program&, std::size_t);

} // namespace mtecheck::model
