// SPDX-License-Identifier: Apache-2.0
//
// The semantics, instantiated for StrictMachine.
#include "tests/model/strict_machine.h"

namespace mtecheck::model {

static_assert(Machine<strict::StrictMachine>);

template RunResult Run(strict::StrictMachine&, const Program&, std::uint32_t);

} // namespace mtecheck::model
