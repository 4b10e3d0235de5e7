// SPDX-License-Identifier: Apache-2.0
//
// What an implementation chose where the architecture leaves it open: a few cases, each of which turns on one rule of
// spec/dont_cares.json, run on the target. The model says which of the allowed outcomes it took.
//
// Invariants:
//  - nothing is judged: an outcome that is not allowed is for campaigns to report. If it ends as an allowed one does,
//  that
//    counts, and a remark names the fields that differ from it; else it is not said to be any;
//  - what is not measured is not in the list, or says why it could not be.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "difftest/core/json_reader.h"
#include "difftest/core/target.h"
#include "spec/gen/dont_cares.h"

namespace mtecheck::difftest {

struct ChoiceSeen {
    spec::DontCare rule{};
    std::string probe;  // what was run
    std::string seen;   // empty: it could not be measured
    std::string remark; // why not; or what else is to be said
};

/// Runs the cases on a target, which must be able to run. The order is that of the rules.
std::vector<ChoiceSeen> measure_choices(Target& target);

OrderedJson to_json(const ChoiceSeen& choice);

} // namespace mtecheck::difftest
