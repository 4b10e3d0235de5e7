// SPDX-License-Identifier: Apache-2.0
//
// What a target did with an ABI program next to one way in which the contract may be kept, in the order in which things
// happened. The first divergence ends it.
#pragma once

#include <optional>
#include <string>

#include "difftest/abi/abi_model.h"

namespace mtecheck::difftest {

struct AbiDivergence {
    unsigned flow = 0; // 0: the first process; 1: its child or thread
    unsigned step = 0; // in the program
    model::linux_abi::Clause clause{};
    std::string what;     // without numbers: what like divergences have in common
    std::string expected; // for people
    std::string observed;
    bool same_group(const AbiDivergence& other) const { return clause == other.clause && what == other.what; }
};

struct AbiComparison {
    std::optional<AbiDivergence> divergence;
    unsigned progress = 0; // what was compared until then; of two ways the one with more explains more
    unsigned cannot = 0;   // steps that the target says it cannot do
};
AbiComparison compare(const AbiProgram& program, const AbiExpectation& expected, const abi_response& observed);

/// The step in which a second flow begins, or the number of steps.
unsigned parting(const AbiProgram& program);

} // namespace mtecheck::difftest
