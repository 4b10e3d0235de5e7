// SPDX-License-Identifier: Apache-2.0
//
// The address maps of cases as the model translates with them.
#pragma once

#include "difftest/core/case.h"
#include "model/memory/address_space.h"

namespace mtecheck::difftest {

/// Lives as long as the program.
const model::AddressSpace& address_space(LayoutId layout);

} // namespace mtecheck::difftest
