// SPDX-License-Identifier: Apache-2.0
#include "difftest/report/requirement_rows.h"

#include <algorithm>
#include <string>

#include "difftest/judge/features.h"
#include "spec/gen/features.h"
#include "spec/gen/requirements.h"

namespace mtecheck::difftest {
namespace {

/// Why no case on this target can put the requirement at stake; empty if one can.
std::string not_applicable(const spec::RequirementInfo& row, const Profile& profile) {
    if (!row.scope.empty()) return std::string(row.scope);
    if (!row.feature || features_of(profile).has(*row.feature)) return {};
    return "the target does not implement " + std::string(spec::info(*row.feature).id);
}

std::vector<std::string> findings_about(std::string_view requirement, const std::vector<Finding>& findings) {
    std::vector<std::string> ids;
    for (const Finding& finding : findings) {
        const bool about =
            std::any_of(finding.differences.begin(), finding.differences.end(),
                        [&](const Difference& difference) { return difference.requirement == requirement; });
        if (about) ids.push_back(finding.original.id);
    }
    return ids;
}

} // namespace

OrderedJson requirement_rows(const Tally& tally, const Profile& profile, const std::vector<Finding>& findings,
                             const Citations& proved) {
    OrderedJson rows = OrderedJson::array();
    for (const spec::RequirementInfo& row : spec::requirements()) {
        const RequirementCount& count = tally.requirements.at(static_cast<std::size_t>(row.value));
        std::string status = "agreed";
        std::string why = not_applicable(row, profile);
        if (!why.empty()) {
            status = "not applicable";
        } else if (count.exercised == 0) {
            status = "not reached";
            why = "no case of this campaign ran its instructions and took its decisions";
        } else if (count.diverged != 0) {
            status = "diverged";
        }
        OrderedJson out = {{"id", row.id},
                           {"title", row.title},
                           {"status", status},
                           {"exercised", count.exercised},
                           {"agreed", count.exercised - count.diverged},
                           {"diverged", count.diverged}};
        if (!why.empty()) out["why"] = why;
        if (const auto ids = findings_about(row.id, findings); !ids.empty()) out["findings"] = ids;
        if (const auto found = proved.find(std::string(row.id)); found != proved.end()) {
            out["proved_by"] = found->second;
        }
        rows.push_back(std::move(out));
    }
    return rows;
}

} // namespace mtecheck::difftest
