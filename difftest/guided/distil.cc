// SPDX-License-Identifier: Apache-2.0
#include "difftest/guided/distil.h"

#include <algorithm>
#include <cstdint>
#include <queue>
#include <utility>

namespace mtecheck::difftest {

/// The case that meets most of what is still missing comes first, and among equals the first. What a case brings only
/// gets less as others are taken: it is counted again only when the case is at the head of the queue.
std::vector<std::size_t> distil(std::span<const CaseTraits> cases, const FeatureMap& known) {
    std::vector<std::uint8_t> missing(FeatureMap::kFeatures);
    const auto each_new = [&](const CaseTraits& traits, auto&& f) {
        FeatureMap::each(traits, [&](std::size_t feature) {
            if (!known.has(feature)) f(feature);
        });
    };
    for (const CaseTraits& traits : cases) each_new(traits, [&](std::size_t feature) { missing[feature] = 1; });
    const auto brings = [&](std::size_t number) {
        std::size_t count = 0;
        each_new(cases[number], [&](std::size_t feature) { count += missing[feature]; });
        return count;
    };
    using Entry = std::pair<std::size_t, std::size_t>; // what it brought when that was counted, and cases after it
    std::priority_queue<Entry> queue;
    for (std::size_t i = 0; i < cases.size(); ++i) queue.emplace(brings(i), cases.size() - i);
    std::vector<std::size_t> taken;
    while (!queue.empty()) {
        const auto [count, after] = queue.top();
        queue.pop();
        const std::size_t number = cases.size() - after;
        if (const std::size_t now = brings(number); now != count) {
            if (now != 0) queue.emplace(now, after);
            continue;
        }
        if (count == 0) break;
        taken.push_back(number);
        each_new(cases[number], [&](std::size_t feature) { missing[feature] = 0; });
    }
    // All that an early one brought may be met by later ones together.
    std::vector<std::uint32_t> met(FeatureMap::kFeatures); // by so many that are taken
    for (const std::size_t number : taken) each_new(cases[number], [&](std::size_t feature) { ++met[feature]; });
    std::erase_if(taken, [&](std::size_t number) {
        bool needed = false;
        each_new(cases[number], [&](std::size_t feature) { needed = needed || met[feature] == 1; });
        if (!needed) each_new(cases[number], [&](std::size_t feature) { --met[feature]; });
        return !needed;
    });
    std::sort(taken.begin(), taken.end());
    return taken;
}

} // namespace mtecheck::difftest
