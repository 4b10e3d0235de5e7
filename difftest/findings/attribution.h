// SPDX-License-Identifier: Apache-2.0
//
// What many divergences are put down to, when each may come of several mutations of the model.
//
// Invariants: the mutations are as few as a greedy choice finds: each is, of those not taken before, the one with the
// weightiest items that are left, among equals the first by name; an item is put down to one mutation; the result
// depends on names and weights alone.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace mtecheck::difftest {

/// By mutation, in the order of choice: the items put down to it. `possible`: for each mutation the items that it
/// accounts for. `weight`: uint64_t(const Item&), of an item; one without weight is put down to nothing.
template <class Item, class Weight>
std::vector<std::pair<std::string, std::vector<Item>>> attribute(std::map<std::string, std::vector<Item>> possible,
                                                                 Weight weight) {
    std::vector<std::pair<std::string, std::vector<Item>>> result;
    while (true) {
        std::uint64_t most = 0;
        auto best = possible.end();
        for (auto row = possible.begin(); row != possible.end(); ++row) {
            std::uint64_t sum = 0;
            for (const Item& item : row->second) sum += weight(item);
            if (sum <= most) continue;
            most = sum;
            best = row;
        }
        if (best == possible.end()) return result;
        result.emplace_back(best->first, std::move(best->second));
        const std::vector<Item>& taken = result.back().second;
        possible.erase(best);
        for (auto& [name, items] : possible) {
            std::erase_if(items,
                          [&](const Item& item) { return std::find(taken.begin(), taken.end(), item) != taken.end(); });
        }
    }
}

} // namespace mtecheck::difftest
