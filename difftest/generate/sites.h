// SPDX-License-Identifier: Apache-2.0
//
// Where in the arena a state puts its windows: inside pages of every kind and across the edges between them.
#pragma once

#include <cstdint>

#include "difftest/core/arena.h"
#include "difftest/core/case.h"

namespace mtecheck::difftest {

constexpr bool plain_tagged(unsigned page) {
    return kArenaPages[page].mapped && kArenaPages[page].attribute == ARENA_ATTR_TAGGED &&
           kArenaPages[page].ap == ARENA_AP_RW;
}

/// A stretch of the arena, as offsets from its start: the windows are [begin, end), pointers go around `focus`.
struct Site {
    std::uint32_t begin = 0; // multiple of kWindowBytes
    std::uint32_t end = 0;   // multiple of kWindowBytes
    std::uint32_t focus = 0; // a granule edge: page edge, window edge or any other
};

} // namespace mtecheck::difftest
