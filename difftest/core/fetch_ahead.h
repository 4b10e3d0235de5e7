// SPDX-License-Identifier: Apache-2.0
//
// Asks for memory before it is used. Cases pass through storage that is larger than the near caches, or come from
// those of the processor that ran the target: while one is worked on, the next can be on its way.
#pragma once

#include <cstddef>
#include <cstdint>

#include "difftest/core/case.h"
#include "difftest/core/expectation.h"

namespace mtecheck::difftest {

/// Sequences that are generated, and judged, together: a part of a unit and what the target is given of it stay in the
/// caches near the processor.
inline constexpr std::size_t kPartSequences = 8;

enum class Use : std::uint8_t { read, write };

template <Use use>
void fetch_ahead(const void* from, std::size_t bytes) {
    constexpr std::size_t kCacheLine = 64;
    const auto* const memory = static_cast<const char*>(from);
    for (std::size_t at = 0; at < bytes; at += kCacheLine) __builtin_prefetch(memory + at, use == Use::write ? 1 : 0);
}

/// What most of them use: up to the first window.
template <Use use>
void fetch_ahead(const State& state) {
    fetch_ahead<use>(&state, sizeof(State) - sizeof(Windows) + sizeof(Window));
}
template <Use use>
void fetch_ahead(const Expectation& expectation) {
    fetch_ahead<use>(&expectation, sizeof(Expectation) - sizeof(Windows) + sizeof(Window));
}

} // namespace mtecheck::difftest
