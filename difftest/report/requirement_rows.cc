// SPDX-License-Identifier: Apache-2.0
#include "difftest/report/requirement_rows.h"

#include <algorithm>
#include <nlohmann/json.hpp>
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

/// No single case decides about the choice of tags; many draws do.
bool refuted_by_draws(const spec::RequirementInfo& row, const ReportInput& input) {
    return row.id == kRandomTagRequirement && input.tally.random_tags && !input.tally.random_tags->passed();
}

} // namespace

OrderedJson requirement_rows(const ReportInput& input) {
    OrderedJson rows = OrderedJson::array();
    for (const spec::RequirementInfo& row : spec::requirements()) {
        const RequirementCount& count = input.tally.requirements.at(static_cast<std::size_t>(row.value));
        std::string status = "agreed";
        std::string why = not_applicable(row, input.profile);
        if (!why.empty()) {
            status = "not applicable";
        } else if (count.exercised == 0) {
            status = "not reached";
            why = "no case of this campaign ran its instructions and took its decisions";
        } else if (count.diverged != 0 || refuted_by_draws(row, input)) {
            status = "diverged";
        }
        OrderedJson out = {{"id", row.id},
                           {"title", row.title},
                           {"status", status},
                           {"exercised", count.exercised},
                           {"agreed", count.exercised - count.diverged},
                           {"diverged", count.diverged}};
        if (!why.empty()) out["why"] = why;
        if (const auto ids = findings_about(row.id, input.findings); !ids.empty()) out["findings"] = ids;
        if (const auto found = input.proved.find(std::string(row.id)); found != input.proved.end()) {
            out["proved_by"] = found->second;
        }
        rows.push_back(std::move(out));
    }
    return rows;
}

} // namespace mtecheck::difftest
