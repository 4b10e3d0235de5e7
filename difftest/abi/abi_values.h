// SPDX-License-Identifier: Apache-2.0
//
// What the arguments of generated steps are drawn from. Few granules and tags: what one step did is what another one
// meets.
#pragma once

#include <cstdint>

#include "difftest/generate/random.h"

namespace mtecheck::difftest {

/// arg2 of PR_SET_TAGGED_ADDR_CTRL: of what every kernel with memory tagging accepts.
std::uint64_t draw_usual_control(Random& random);
/// The same, now and then with bits that it has not.
std::uint64_t draw_control(Random& random);
/// An argument of prctl() that must be 0, and mostly is.
std::uint64_t draw_unused_argument(Random& random);

/// Bits 63:56 of an address; those above the tag are mostly 0.
std::uint64_t draw_top(Random& random);
/// Of an address that is passed to a system call about mappings, which is mostly untagged.
std::uint64_t draw_top_of_mapping(Random& random);
std::uint64_t draw_granule(Random& random);

/// `prot` of mmap() and mprotect(); with PROT_EXEC only if the mapping may execute.
std::uint64_t draw_protection(Random& random, bool may_execute);

} // namespace mtecheck::difftest
