// SPDX-License-Identifier: Apache-2.0
//
// Which deliberate faults of the model do what a target did? One question is about one case; it is asked of many sets
// of mutations.
//
// A run depends on the mutations that it asks for and on no others. So an answer holds for every set that has the same
// of these, and most sets need no run of their own.
//
// Invariant: the answer is a function of (profile, sequence, state, outcome, mutations), not of what was asked before.
#pragma once

#include <memory>
#include <vector>

#include "difftest/core/case.h"
#include "difftest/core/expectation.h"
#include "difftest/core/outcome.h"
#include "difftest/core/target.h"
#include "difftest/judge/mutation_set.h"
#include "difftest/judge/reading.h"

namespace mtecheck::difftest {

/// How far the model gives an outcome. The better ones are greater.
enum class Match : std::uint8_t {
    none,
    astray, // no allowed run does, but one leads out of the case or to what is not predicted, and agrees until there
    full,   // in every bit that the architecture determines
};

class MutantJudge {
  public:
    explicit MutantJudge(const Profile& profile);

    /// What follows is about cases of this sequence. It is used when first needed, and outlives that.
    void load(const Sequence& sequence);
    /// What follows is about what a target did from this state of it: it completed or took an exception.
    void ask_about(const State& state, const Outcome& got);

    Match match(const MutationSet& mutations) { return answer(mutations).match; }
    /// Of match(mutations) if that is `full`.
    const std::vector<ChoiceTaken>& choices(const MutationSet& mutations) { return answer(mutations).choices; }

  private:
    struct Answer {
        MutationSet asked;
        MutationSet active; // of those
        Match match = Match::none;
        std::vector<ChoiceTaken> choices;
    };
    const Answer& answer(const MutationSet& mutations);
    void try_all(Answer& answer);

    std::unique_ptr<MutantReading> reading_;
    const Sequence* to_load_ = nullptr;
    const State* state_ = nullptr;
    const Outcome* got_ = nullptr;
    std::vector<Answer> answers_; // the first `known_` of this case; the others keep their storage
    std::size_t known_ = 0;
};

} // namespace mtecheck::difftest
