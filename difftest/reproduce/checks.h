// SPDX-License-Identifier: Apache-2.0
//
// What a reproducer looks at after the code ran: words of state, each with what the architecture says it holds.
//
// Invariants: nothing is looked at that the architecture leaves open; an implementation that behaves in any allowed way
// passes all checks.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "difftest/core/case.h"
#include "difftest/core/outcome.h"
#include "difftest/core/target.h"

namespace mtecheck::difftest {

struct Check {
    std::string name;  // for people: "x3", "memory 0x100600010"
    std::string where; // for the assembler: the address of the word
    std::uint64_t expected = 0;
    std::uint64_t mask = ~std::uint64_t{0}; // bits that are looked at
};

/// Where the reproducer puts what it recorded: offsets from the label `record`.
namespace record {
inline constexpr unsigned kX = 0;
inline constexpr unsigned kPstate = 248;
inline constexpr unsigned kEvent = 256; // Exception level << 8 | vector number, si_code << 8 | signal, or kCompleted
inline constexpr unsigned kEsr = 264;
inline constexpr unsigned kFar = 272; // or si_addr
inline constexpr unsigned kElr = 280; // or the PC of the signal's frame
inline constexpr unsigned kSpsr = 288;
inline constexpr unsigned kSp = 296; // SP_EL0, SP_EL1, SP_EL2
inline constexpr unsigned kGcr = 320;
inline constexpr unsigned kRgsr = 328;
inline constexpr unsigned kTfsre0 = 336;
inline constexpr unsigned kTfsr = 344; // TFSR_EL1, TFSR_EL2, TFSR_EL3
inline constexpr unsigned kTags = 368; // a word for each window
inline constexpr unsigned kVectors = 432;
inline constexpr unsigned kBytes = 944;
inline constexpr std::uint64_t kCompleted = 0;
} // namespace record

/// What is worth looking at: how the run ends, what the code changes, and what `got` has otherwise. Throws InputError
/// if the architecture leaves open what the case does.
std::vector<Check> checks_of(const Case& value, const Profile& profile, const Outcome* got);

/// Whether an outcome passes a check of that state.
bool passes(const Check& check, const std::vector<Check>& words_of_outcome);

/// All words of an outcome, in the order of checks; masks say what is defined.
std::vector<Check> words_of(const Outcome& outcome, bool process);

} // namespace mtecheck::difftest
