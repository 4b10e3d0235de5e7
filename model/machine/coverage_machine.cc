// SPDX-License-Identifier: Apache-2.0
//
// The semantics, instantiated for CoverageMachine.
#include "model/machine/coverage_machine.h"

namespace mtecheck::model {

static_assert(Machine<CoverageMachine>);

template RunResult Run(CoverageMachine&, const Program&, std::uint32_t);
template void Step(CoverageMachine&, const Program&, std::size_t);

} // namespace mtecheck::model
