// SPDX-License-Identifier: Apache-2.0
//
// The arena (difftest/core/layout.h) and the map of the golden vectors (corpus/golden/README.md).
#include "difftest/judge/layouts.h"

#include <algorithm>
#include <vector>

#include "difftest/core/layout.h"

namespace mtecheck::difftest {

namespace {

using model::MemoryKind;
using model::Region;

constexpr std::uint64_t kSection = 1U << 21U;  // what a level 2 descriptor maps
constexpr std::uint64_t kGigabyte = 1U << 30U; // what a level 1 descriptor maps
constexpr unsigned kPhysicalAddressBits = 48;

constexpr MemoryKind memory_kind(unsigned attribute) {
    switch (attribute) {
    case ARENA_ATTR_TAGGED: return MemoryKind::tagged;
    case ARENA_ATTR_DEVICE: return MemoryKind::device;
    case ARENA_ATTR_NONCACHEABLE: return MemoryKind::noncacheable;
    default: return MemoryKind::write_back;
    }
}

bool intersects(const std::vector<Region>& mapped, std::uint64_t start, std::uint64_t size) {
    return std::any_of(mapped.begin(), mapped.end(),
                       [&](const Region& region) { return region.start < start + size && start < region.end; });
}

/// What is not mapped faults at the level of the first invalid descriptor: tables exist only on the way to what is
/// mapped. Returns `mapped` with these gaps, up to `end`.
std::vector<Region> with_gaps(std::vector<Region> mapped, std::uint64_t end) {
    if (mapped.empty()) return mapped; // an address space is unmapped where it has no region
    std::sort(mapped.begin(), mapped.end(), [](const Region& a, const Region& b) { return a.start < b.start; });
    std::vector<Region> result = mapped;
    std::uint64_t at = 0;
    const auto fill = [&](std::uint64_t until) {
        while (at < until) {
            const std::uint64_t gigabyte = at / kGigabyte * kGigabyte;
            const std::uint64_t section = at / kSection * kSection;
            Region gap{.start = at, .mapped = false};
            if (!intersects(mapped, gigabyte, kGigabyte)) {
                gap.end = gigabyte + kGigabyte;
                gap.level = 1;
            } else if (!intersects(mapped, section, kSection)) {
                gap.end = section + kSection;
                gap.level = 2;
            } else {
                gap.end = section + kSection;
                gap.level = 3;
            }
            gap.end = std::min(gap.end, until);
            at = gap.end;
            Region& last = result.back();
            if (!last.mapped && last.end == gap.start && last.level == gap.level) {
                last.end = gap.end;
            } else {
                result.push_back(gap);
            }
        }
    };
    for (const Region& region : mapped) {
        fill(region.start);
        at = region.end;
    }
    fill(end);
    return result;
}

/// For bare metal; or for a process: its one view, in the lower half, without device and Non-cacheable memory; for a
/// simulator of one all of it Tagged.
model::AddressSpace arena(LayoutId layout) {
    const bool process = runs_as_process(layout);
    std::vector<Region> regions;
    const auto kind_in_layout = [&](MemoryKind kind) {
        if (layout == LayoutId::simulator) return MemoryKind::tagged;
        return process && kind != MemoryKind::tagged ? MemoryKind::write_back : kind;
    };
    const auto page = [&](std::uint64_t view, std::uint64_t number, MemoryKind memory, unsigned ap) {
        const std::uint64_t offset = number * ARENA_PAGE_BYTES;
        regions.push_back({.start = view + offset,
                           .end = view + offset + ARENA_PAGE_BYTES,
                           .pa = ARENA_PA + offset,
                           .memory = memory,
                           .ap = static_cast<std::uint8_t>(ap),
                           .level = 3});
    };
#define ARENA_REGION(number, attribute, permission, mapped)                                                            \
    if (mapped != 0) page(ARENA_VA, number, kind_in_layout(memory_kind(attribute)), permission);
    ARENA_PAGE_TABLE(ARENA_REGION)
#undef ARENA_REGION
    for (std::uint64_t number = 0; number < ARENA_PAGES && !process; ++number) {
        page(ARENA_TAGGED_VA, number, MemoryKind::tagged, ARENA_AP_RW);
        page(ARENA_UNTAGGED_VA, number, MemoryKind::write_back, ARENA_AP_RW);
    }
    // What is in the code area depends on where a target put the code.
    regions.push_back({.start = ARENA_CODE_VA,
                       .end = ARENA_CODE_VA + ARENA_CODE_BYTES,
                       .reserved = true,
                       .memory = MemoryKind::write_back,
                       .ap = ARENA_AP_RO,
                       .level = 2});
    // Where regimes have different tables, the whole table is out of bounds.
    const auto reserve = [&](std::uint64_t va) {
        const std::uint64_t start = va / kGigabyte * kGigabyte;
        regions.push_back({.start = start, .end = start + kGigabyte, .upper = false, .reserved = true, .level = 1});
    };
    reserve(ARENA_RELAY_VA);
    static_assert(ARENA_MONITOR_VA % kGigabyte == 0 && ARENA_MONITOR_BYTES == kGigabyte);
    reserve(ARENA_MONITOR_VA);

    // The two halves have different gaps.
    std::vector<Region> all;
    for (const bool upper : {false, true}) {
        std::vector<Region> half;
        std::copy_if(regions.begin(), regions.end(), std::back_inserter(half),
                     [&](const Region& region) { return upper ? region.upper && !process : region.lower; });
        for (Region& region : with_gaps(std::move(half), std::uint64_t{1} << (64 - ARENA_TXSZ))) {
            region.lower = !upper;
            region.upper = upper;
            all.push_back(region);
        }
    }
    return {std::move(all), 1, kPhysicalAddressBits};
}

model::AddressSpace golden() {
    constexpr unsigned kLevel = 2;
    std::vector<Region> regions;
    const auto block = [&](std::uint64_t start, MemoryKind memory, unsigned ap) {
        regions.push_back({.start = start,
                           .end = start + kSection,
                           .pa = start,
                           .memory = memory,
                           .ap = static_cast<std::uint8_t>(ap),
                           .level = kLevel});
    };
    block(0x000000, MemoryKind::write_back, ARENA_AP_RW);
    block(0x200000, MemoryKind::tagged, ARENA_AP_RW);
    block(0x400000, MemoryKind::tagged, ARENA_AP_RW);
    block(0x600000, MemoryKind::write_back, ARENA_AP_RW);
    block(0x800000, MemoryKind::tagged, ARENA_AP_RO);
    block(0xa00000, MemoryKind::device, ARENA_AP_RW);
    block(0xc00000, MemoryKind::tagged, ARENA_AP_PRIV_RW);
    return {std::move(regions), kLevel, kPhysicalAddressBits};
}

} // namespace

const model::AddressSpace& address_space(LayoutId layout) {
    static const model::AddressSpace arena_space = arena(LayoutId::arena);
    static const model::AddressSpace process_space = arena(LayoutId::process);
    static const model::AddressSpace simulator_space = arena(LayoutId::simulator);
    static const model::AddressSpace golden_space = golden();
    switch (layout) {
    case LayoutId::arena: return arena_space;
    case LayoutId::process: return process_space;
    case LayoutId::simulator: return simulator_space;
    case LayoutId::golden: break;
    }
    return golden_space;
}

} // namespace mtecheck::difftest
