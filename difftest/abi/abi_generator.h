// SPDX-License-Identifier: Apache-2.0
//
// Random ABI programs.
//
// Invariant: a program is a function of (seed, index) and of whether the target is known to have more than one mode of
// tag checks; it is well formed.
#pragma once

#include "difftest/abi/abi_program.h"

namespace mtecheck::difftest {

AbiProgram generate_abi_program(std::uint64_t seed, std::uint64_t index);

} // namespace mtecheck::difftest
