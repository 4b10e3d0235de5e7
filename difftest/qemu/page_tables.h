// SPDX-License-Identifier: Apache-2.0
//
// Translation tables of the arena (difftest/core/layout.h) in the guest's memory, written by the host before boot.
#pragma once

#include <cstdint>
#include <span>

namespace mtecheck::difftest {

/// Physical addresses of the first tables.
struct PageTables {
    std::uint64_t lower = 0; // two-range regimes (EL1&0, EL2&0), TTBR0
    std::uint64_t upper = 0; // two-range regimes, TTBR1
    std::uint64_t el2 = 0;   // EL2 without E2H
    std::uint64_t el3 = 0;   // with the monitor
};

/// Writes all tables to `memory`, which the guest sees at physical address `pa`.
PageTables build_page_tables(std::span<std::uint8_t> memory, std::uint64_t pa);

} // namespace mtecheck::difftest
