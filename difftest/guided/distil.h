// SPDX-License-Identifier: Apache-2.0
//
// Which of many cases are enough to meet all that they meet together.
//
// Invariants: the answer is a function of the cases and their order; what it leaves out meets nothing that it does not
// meet, and none of it can be left out.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "difftest/guided/novelty.h"

namespace mtecheck::difftest {

/// Their numbers, in ascending order. What is in `known` need not be met.
std::vector<std::size_t> distil(std::span<const CaseTraits> cases, const FeatureMap& known);

} // namespace mtecheck::difftest
