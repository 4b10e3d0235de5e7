// SPDX-License-Identifier: Apache-2.0
//
// What waivers do to a report: which groups they cover, and which of them hold no longer.
#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>

#include "difftest/report/report.h"

namespace mtecheck::difftest {
namespace {

constexpr std::size_t kMaxGroupsRead = 1000000;
constexpr std::size_t kMaxDefectsOfGroup = 1000;
constexpr std::uint64_t kMaxCases = std::numeric_limits<std::int64_t>::max();

} // namespace

std::vector<std::pair<GroupKey, std::uint64_t>> groups_of(const JsonPlace& report) {
    std::vector<std::pair<GroupKey, std::uint64_t>> result;
    const JsonPlace groups = report.member("groups");
    const std::size_t size = groups.array_size(kMaxGroupsRead);
    for (std::size_t i = 0; i < size; ++i) {
        const JsonPlace group = groups.element(i);
        GroupKey key;
        key.explained_by = group.member("explained_by").texts(kMaxDefectsOfGroup);
        if (const auto led_astray = group.find("led_astray")) key.led_astray = led_astray->boolean();
        key.signature = signature_from_json(group.member("signature"));
        result.emplace_back(std::move(key), group.member("cases").number(kMaxCases));
    }
    return result;
}

std::vector<std::pair<GroupKey, std::uint64_t>> groups_of(const Tally& tally) {
    std::vector<std::pair<GroupKey, std::uint64_t>> result;
    for (const auto& [key, group] : tally.groups) result.emplace_back(key, group.cases);
    return result;
}

OrderedJson waivers_json(const Waivers& waivers, const std::vector<std::pair<GroupKey, std::uint64_t>>& groups) {
    std::uint64_t cases = 0;
    std::vector<std::string> waived;
    for (const auto& [key, count] : groups) {
        if (!waivers.cover(key)) continue;
        cases += count;
        waived.push_back(key.id());
    }
    std::sort(waived.begin(), waived.end());
    OrderedJson list = OrderedJson::array();
    for (const Waivers::Use& use : waivers.uses(groups)) {
        OrderedJson item = {{"about", use.waiver->subject()}};
        if (!use.waiver->defect.empty()) item["defect"] = use.waiver->defect;
        item["reason"] = use.waiver->reason;
        if (!use.waiver->link.empty()) item["link"] = use.waiver->link;
        if (!use.waiver->expires.empty()) item["expires"] = use.waiver->expires;
        item["applies"] = use.applies;
        item["expired"] = use.expired;
        item["cases"] = use.cases;
        list.push_back(std::move(item));
    }
    return {{"cases", cases}, {"groups", waived}, {"list", std::move(list)}};
}

bool any_unwaived(const std::vector<std::pair<GroupKey, std::uint64_t>>& groups, const Waivers& waivers) {
    return std::any_of(groups.begin(), groups.end(),
                       [&](const auto& group) { return group.second != 0 && !waivers.cover(group.first); });
}

} // namespace mtecheck::difftest
