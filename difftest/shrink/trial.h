// SPDX-License-Identifier: Apache-2.0
//
// Asks the target and the model which of many cases are divergences of one cause: those that a campaign would put into
// one group.
//
// Invariants: cases run in few exchanges with the target, however many they are; an answer is a function of the case
// and of what the target does with it; what the model cannot follow to its end, or what could loop, never runs.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "difftest/core/target.h"
#include "difftest/findings/examiner.h"

namespace mtecheck::difftest {

class Trial {
  public:
    Trial(Examiner& examiner, Target& target) : examiner_(examiner), target_(target) {}

    /// The group of each case; none of those that agree, or that are no cases.
    std::vector<std::optional<GroupKey>> groups(std::span<const Case> cases);

    /// How many cases the target ran.
    std::uint64_t runs() const { return runs_; }

  private:
    bool runnable(const Case& value);
    void run(const std::vector<Test>& tests, std::vector<std::vector<Outcome>>& outcomes);
    void localise(std::span<const Case> cases, const std::vector<std::size_t>& unexplained,
                  std::vector<std::optional<GroupKey>>& groups);

    Examiner& examiner_;
    Target& target_;
    std::uint64_t runs_ = 0;
};

/// Whether two groups are of one cause, as far as both can tell: a target that ended, or a divergence that no prefix of
/// the code shows, has no instruction.
bool same_cause(const GroupKey& a, const GroupKey& b);

} // namespace mtecheck::difftest
