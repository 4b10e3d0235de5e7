// SPDX-License-Identifier: Apache-2.0
//
// What no single case decides, out of a report: the tags that an implementation chooses itself (random_tags.h), and
// whether store-exclusives make progress (store_exclusives.h).
#pragma once

#include <string>
#include <vector>

#include "difftest/core/json_reader.h"

namespace mtecheck::difftest {

struct OverAllCases {
    bool random_tags = true;      // as they may be, or not measured
    bool store_exclusives = true; // make progress, or are too few to tell
    bool pass() const { return random_tags && store_exclusives; }

    /// For people: what held before and does not hold now.
    static std::vector<std::string> broken(const OverAllCases& before, const OverAllCases& now);
};

/// Of the report of a campaign. InputError if it is none.
OverAllCases over_all_cases_of(const JsonPlace& report);

} // namespace mtecheck::difftest
