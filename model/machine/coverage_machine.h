// SPDX-License-Identifier: Apache-2.0
//
// The machine of campaigns: records which decisions a run met and nothing else. The tracing machine does, too, but its
// code, which can also record events, is larger by half.
#pragma once

#include "model/machine/control_answers.h"
#include "model/machine/native_machine.h"
#include "model/machine/observers.h"
#include "model/run/run.h"

namespace mtecheck::model {

using CoverageMachine = NativeMachine<PlainValues, Coverer, NoMutations>;

extern template RunResult Run(CoverageMachine&, const Program&, std::uint32_t);
extern template void Step(CoverageMachine&, const Program&, std::size_t);

} // namespace mtecheck::model
