// SPDX-License-Identifier: Apache-2.0
//
// Reduces the case of a finding: fewer instructions, then a plainer configuration, plainer memory, registers, addresses
// and operands, again and again until nothing more can be left out.
//
// Invariants:
//  - every step was run on target and model and is a divergence of the same cause as the finding;
//  - the result is a function of the finding and of what the target does; going on from a ShrinkProgress gives the
//    result of never having stopped;
//  - every step lowers cost() (difftest/shrink/plain.h), and the number of runs is bounded.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <vector>

#include "difftest/core/target.h"
#include "difftest/findings/examiner.h"
#include "difftest/findings/finding.h"
#include "difftest/shrink/edits.h"
#include "difftest/shrink/trial.h"

namespace mtecheck::difftest {

inline constexpr std::uint64_t kShrinkRuns = 50'000; // by default

/// Where a reduction is, at the end of a phase of it.
struct ShrinkProgress {
    GroupKey cause;
    std::vector<Case> steps; // what it came through, the simplest last; empty: not begun
    std::uint64_t cycle = 0; // how often all phases were gone through
    std::uint64_t phase = 0; // the next one
    bool simpler = false;    // something was left out in this cycle
    std::uint64_t runs = 0;  // of cases, by the target
};

enum class ShrinkEnd : std::uint8_t {
    minimal,        // nothing more can be left out by what this knows
    out_of_runs,    // the best until there
    interrupted,    // the best until there; go on from the progress
    not_reproduced, // the finding does not show alone on this target: left as it was
};

struct ShrinkSetup {
    std::uint64_t runs = kShrinkRuns;
    const std::atomic<bool>* interrupt = nullptr;
    std::function<void(const ShrinkProgress&)> checkpoint; // called at the beginning and at the end of each phase
};

class Shrinker {
  public:
    /// `examiner` knows the target's profile and defects. Both outlive this.
    Shrinker(Examiner& examiner, Target& target, ShrinkSetup setup);

    /// Goes on from `progress`, or begins if that is empty. Fills in what belongs to the reduced case.
    ShrinkEnd shrink(Finding& finding, ShrinkProgress progress = {});

  private:
    enum class Stop : std::uint8_t { no, runs, interrupt };

    bool begin(const Finding& finding);
    Stop run_phases();
    bool run_phase(std::size_t phase);
    bool sweep(const std::vector<Edit>& edits);
    bool drop_instructions();
    std::vector<bool> keep_cause(const std::vector<Case>& cases);
    Stop stop() const;
    bool settle(Finding& finding);
    const Case& best() const { return progress_.steps.back(); }

    Examiner& examiner_;
    Target& target_;
    const Profile& profile_;
    ShrinkSetup setup_;
    Trial trial_;
    ShrinkProgress progress_;
    std::uint64_t runs_before_ = 0; // what the trial ran before this reduction
    Case current_;                  // the best of this phase so far
};

} // namespace mtecheck::difftest
