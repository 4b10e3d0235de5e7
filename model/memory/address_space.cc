// SPDX-License-Identifier: Apache-2.0
//
// AddressSpace: sorting, checking and looking up regions.
#include "model/memory/address_space.h"

#include <algorithm>
#include <limits>
#include <stdexcept>
#include <string>

namespace mtecheck::model {

AddressSpace::AddressSpace(std::vector<Region> regions, std::uint8_t gap_level, unsigned pa_bits) : pa_bits_(pa_bits) {
    std::sort(regions.begin(), regions.end(), [](const Region& a, const Region& b) { return a.start < b.start; });
    for (const bool upper : {false, true}) {
        std::vector<Region>& half = halves_[upper ? 1 : 0];
        std::uint64_t next = 0;
        const auto fill_gap = [&](std::uint64_t end) {
            if (next != end) {
                half.push_back({.start = next, .end = end, .mapped = false, .level = gap_level});
            }
        };
        for (const Region& region : regions) {
            if (!(upper ? region.upper : region.lower)) {
                continue;
            }
            if (region.start < next || region.end <= region.start) {
                throw std::invalid_argument("the address space has an empty or overlapping region at offset " +
                                            std::to_string(region.start));
            }
            fill_gap(region.start);
            half.push_back(region);
            next = region.end;
        }
        fill_gap(std::numeric_limits<std::uint64_t>::max());
    }
}

const Region& AddressSpace::find(bool upper, std::uint64_t offset) const {
    const std::vector<Region>& half = halves_[upper ? 1 : 0];
    if (half.empty()) {
        static const Region nothing{.end = std::numeric_limits<std::uint64_t>::max(), .mapped = false, .level = 0};
        return nothing;
    }
    const auto after = std::upper_bound(half.begin(), half.end(), offset,
                                        [](std::uint64_t value, const Region& region) { return value < region.start; });
    return *(after - 1);
}

} // namespace mtecheck::model
