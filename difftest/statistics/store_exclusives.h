// SPDX-License-Identifier: Apache-2.0
//
// Whether store-exclusives make progress, which no single case can decide either. One of a process that fits the
// load-exclusive before it may fail, since monitors can be cleared at any time; but not so systematically that loops of
// the two never end (Arm ARM, B2.12.5; DC-69). So cases are counted in which one passed, and in which one failed, as
// far as their ends tell.
//
// Where a store-exclusive passes at least half of the time, none of `kEnoughExclusives` passes with a probability of
// 2^-64. (Of a process in a kernel all but one of some 40,000 pass.)
#pragma once

#include <cstdint>

#include "difftest/core/json_reader.h"

namespace mtecheck::difftest {

inline constexpr std::uint64_t kEnoughExclusives = 64;

struct StoreExclusives {
    std::uint64_t passed = 0; // cases with such a store-exclusive, all of which passed
    std::uint64_t failed = 0; // cases in which one failed

    void add(const StoreExclusives& other);
    bool any() const { return passed + failed != 0; }
    bool make_progress() const { return passed != 0 || failed < kEnoughExclusives; }
};

/// What was counted, and the verdict.
OrderedJson to_json(const StoreExclusives& statistics);
/// What was counted alone.
OrderedJson counts_json(const StoreExclusives& statistics);
/// Of counts_json(). InputError if it is not.
StoreExclusives store_exclusives_from_json(const JsonPlace& place);

} // namespace mtecheck::difftest
