// SPDX-License-Identifier: Apache-2.0
//
// Beginnings of ABI programs that chance alone would hardly put together.
//
// Invariants: a scenario is well formed at the start of any program that neither forks nor starts a thread nor calls
// execve() before it; it is a function of the random numbers drawn.
#pragma once

#include <cstddef>
#include <vector>

#include "difftest/abi/abi_program.h"
#include "difftest/generate/random.h"

namespace mtecheck::difftest {

struct AbiScenario {
    AbiProgram steps;
    std::vector<std::size_t> mapped;   // pages that are mapped after it, among others
    std::vector<std::size_t> unmapped; // what is not, though it was perhaps before
    bool parts = false;                // there are two processes after it
};

AbiScenario draw_abi_scenario(Random& random);

} // namespace mtecheck::difftest
