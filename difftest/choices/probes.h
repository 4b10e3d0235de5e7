// SPDX-License-Identifier: Apache-2.0
//
// The cases that turn on what the architecture leaves open, one rule each.
#pragma once

#include <string>
#include <vector>

#include "difftest/core/case.h"
#include "difftest/core/outcome.h"
#include "difftest/core/target.h"
#include "spec/gen/dont_cares.h"

namespace mtecheck::difftest {

struct ChoiceProbe {
    spec::DontCare rule{};
    spec::DontCare asked{};  // under which name the model asks; mostly the same
    std::string where{};     // what the code does not show
    std::vector<Case> cases; // that tell the answers apart, all of them together
    /// What the first case left where any value is allowed.
    std::string (*detail)(const Case& input, const Outcome& outcome) = nullptr;
};

/// In the order of the rules.
std::vector<ChoiceProbe> choice_probes(const Profile& profile);

/// IRG with GCR_EL1.RRND = 1, several times from one state without a seed.
Test random_tag_probe(const Profile& profile);

} // namespace mtecheck::difftest
