// SPDX-License-Identifier: Apache-2.0
//
// What a generator's cases come to on the model, so that no class of outcome starves, and what they cost.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "difftest/core/expectation.h"
#include "difftest/core/target.h"

namespace mtecheck::difftest {

enum class OutcomeKind : std::uint8_t {
    clean,              // ran to the end, no fault recorded
    asynchronous_fault, // ran to the end, recorded a Tag Check Fault
    tag_fault,          // a synchronous Tag Check Fault
    mmu_fault,          // Translation, Address size, Access flag or Permission fault
    alignment_fault,    // of data or SP
    undefined,
    trap, // of a system register or operation, to a higher Exception level
    other,
};
inline constexpr std::size_t kOutcomeKinds = 8;

OutcomeKind kind_of(const State& before, const Expectation& expectation);

struct Distribution {
    std::uint64_t cases = 0;
    std::uint64_t checked = 0; // compared at least one tag
    std::uint64_t instructions = 0;
    std::array<std::uint64_t, kOutcomeKinds> kinds{};

    void add(const State& before, const Expectation& expectation);
    /// Of all cases, 0..1.
    double share(OutcomeKind kind) const;
    double checked_share() const;
    /// A table for people.
    std::string text() const;
};

/// Microseconds of processor time.
struct GeneratorCost {
    double sequence = 0; // configuration and code
    double state = 0;    // windows and registers, without the model's run
    double per_case = 0; // all of it, with the model's run, in the default number of states
};

GeneratorCost measure_generator_cost(const Profile& profile, std::uint64_t sequences);

} // namespace mtecheck::difftest
