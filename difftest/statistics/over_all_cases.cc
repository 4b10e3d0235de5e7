// SPDX-License-Identifier: Apache-2.0
#include "difftest/statistics/over_all_cases.h"

namespace mtecheck::difftest {

std::vector<std::string> OverAllCases::broken(const OverAllCases& before, const OverAllCases& now) {
    std::vector<std::string> result;
    if (before.random_tags && !now.random_tags)
        result.emplace_back("the tags that IRG chooses with GCR_EL1.RRND = 1 are not distributed as they may be");
    if (before.store_exclusives && !now.store_exclusives) result.emplace_back("no store-exclusive passes");
    return result;
}

OverAllCases over_all_cases_of(const JsonPlace& report) {
    OverAllCases result;
    if (const auto random_tags = report.find("random_tags")) {
        const auto passed = random_tags->find("passed");
        result.random_tags = !passed || passed->boolean();
    }
    if (const auto counted = report.find("store_exclusives"))
        result.store_exclusives = counted->member("make_progress").boolean();
    return result;
}

} // namespace mtecheck::difftest
