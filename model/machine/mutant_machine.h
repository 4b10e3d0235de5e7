// SPDX-License-Identifier: Apache-2.0
//
// The machine with deliberate faults, selected at run time.
#pragma once

#include "model/machine/native_machine.h"
#include "model/machine/observers.h"
#include "model/run/run.h"

namespace mtecheck::model {

using MutantMachine = NativeMachine<PlainValues, NoObserver, RecordedMutations>;

extern template RunResult Run(MutantMachine&, const Program&, std::uint32_t);
extern template void Step(MutantMachine&, const Program&, std::size_t);

} // namespace mtecheck::model
