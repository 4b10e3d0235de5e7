// SPDX-License-Identifier: Apache-2.0
//
// The fast machine: plain values, nothing recorded.
#pragma once

#include "model/machine/control_answers.h"
#include "model/machine/native_machine.h"
#include "model/machine/observers.h"
#include "model/run/run.h"

namespace mtecheck::model {

using ConcreteMachine = NativeMachine<PlainValues, NoObserver, NoMutations>;

extern template RunResult Run(ConcreteMachine&, const Program&, std::uint32_t);
extern template void Step(ConcreteMachine&, const Program&, std::size_t);

} // namespace mtecheck::model
