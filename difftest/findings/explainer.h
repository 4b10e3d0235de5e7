// SPDX-License-Identifier: Apache-2.0
//
// Which known defects of a target account for what it did with a case.
//
// Two kinds of account, never mixed: with the defects the model agrees with the target in every bit, or the defects
// lead the run out of what the case defines (memory outside its windows, a branch out of its code, what the model does
// not predict), so that from there on nothing can be compared. In the second kind the target was still seen to come as
// far as that, and to have there what the rest of the code cannot change.
//
// Invariant: an explanation is a function of the case, of what was got, and of the order of the defects.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "difftest/findings/defects.h"
#include "difftest/judge/mutant_judge.h"

namespace mtecheck::difftest {

struct Explanation {
    std::vector<std::size_t> defects; // by number, ascending; none of them can be left out; empty: unexplained
    bool led_astray = false;
    bool operator==(const Explanation&) const = default;
};

class Explainer {
  public:
    /// `defects` are those that apply to the target. Throws InputError if one names an unknown mutation.
    Explainer(const Profile& profile, const std::vector<Defect>& defects);

    /// What follows is about cases of this sequence, which outlives that.
    void load(const Sequence& sequence) { judge_.load(sequence); }
    /// What follows is about what the target did from this state: it completed or took an exception.
    void ask_about(const State& state, const Outcome& got) { judge_.ask_about(state, got); }

    /// Whether the model as it is does what was got, and by which choices.
    Match without_defects() { return judge_.match({}); }
    const std::vector<ChoiceTaken>& choices_without_defects() { return judge_.choices({}); }

    /// For a case that the model as it is does not match.
    Explanation explain();
    /// Mutations of the model each of which, added to the known defects or alone, gives exactly what was got.
    std::vector<std::string> behaves_like();

    const MutationSet& all_mutations() const { return all_; }

  private:
    MutationSet mutations_of(const std::vector<std::size_t>& defects) const;

    std::vector<MutationSet> mutations_; // of each defect
    MutationSet all_;
    MutantJudge judge_;
};

} // namespace mtecheck::difftest
