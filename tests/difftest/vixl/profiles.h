// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>

#include "difftest/judge/judge.h"

namespace mtecheck::difftest {

/// That of a simulator which has everything that one can have.
inline Profile simulator_profile() {
    Profile profile = model_profile();
    profile.process = true;
    profile.simulator = true;
    profile.el2 = false;
    profile.el3 = false;
    profile.mte = 2;
    profile.mte_async = false;
    std::erase(profile.features, "FEAT_MTE3");
    profile.features.emplace_back("FEAT_MTE2");
    return profile;
}

} // namespace mtecheck::difftest
