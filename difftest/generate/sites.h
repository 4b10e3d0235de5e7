// SPDX-License-Identifier: Apache-2.0
//
// Where in the arena a state puts its windows: inside pages of every kind and across the edges between them.
#pragma once

#include <array>
#include <cstdint>

#include "difftest/core/case.h"
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

constexpr bool plain_tagged(unsigned page) {
    return kArenaPages[page].mapped && kArenaPages[page].attribute == ARENA_ATTR_TAGGED &&
           kArenaPages[page].ap == ARENA_AP_RW;
}

/// A stretch of the arena, as offsets from its start: the windows are [begin, end), pointers go around `focus`.
struct Site {
    std::uint32_t begin = 0; // multiple of kWindowBytes
    std::uint32_t end = 0;   // multiple of kWindowBytes
    std::uint32_t focus = 0; // a granule edge: page edge, window edge or any other
    bool edge = false;       // `focus` is an edge between pages
};

} // namespace mtecheck::difftest
