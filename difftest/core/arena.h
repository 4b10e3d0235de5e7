// SPDX-License-Identifier: Apache-2.0
//
// The arena of layout.h for C++: its pages, its size, and the views through which addresses see it.
#pragma once

#include <array>
#include <cstdint>

#include "difftest/core/layout.h"

namespace mtecheck::difftest {

struct ArenaPage {
    std::uint8_t attribute;
    std::uint8_t ap;
    bool mapped;
};

#define MTECHECK_ARENA_PAGE(page, attribute, ap, mapped) ArenaPage{attribute, ap, (mapped) != 0},
inline constexpr std::array<ArenaPage, ARENA_PAGES> kArenaPages{{ARENA_PAGE_TABLE(MTECHECK_ARENA_PAGE)}};
#undef MTECHECK_ARENA_PAGE

inline constexpr std::uint32_t kArenaBytes = ARENA_PAGES * ARENA_PAGE_BYTES;

/// In the lower half. The first is the one with the attributes of the pages.
inline constexpr std::array<std::uint64_t, 3> kArenaViews{ARENA_VA, ARENA_TAGGED_VA, ARENA_UNTAGGED_VA};

} // namespace mtecheck::difftest
