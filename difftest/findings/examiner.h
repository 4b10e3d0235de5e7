// SPDX-License-Identifier: Apache-2.0
//
// What is asked about a divergence: do known defects of the target explain it, at which instruction does it begin,
// and which mutation of the model behaves like it.
//
// Invariants: answers are a function of the case and of what the target does; every search has a fixed bound on the
// number of runs.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "difftest/core/target.h"
#include "difftest/findings/defects.h"
#include "difftest/findings/explainer.h"
#include "difftest/findings/finding.h"
#include "difftest/judge/decisive.h"
#include "difftest/judge/judge.h"
#include "spec/isa_types.h"

namespace mtecheck::difftest {

class Examiner {
  public:
    /// `defects` are those that apply to the target. Throws InputError if one names an unknown mutation.
    Examiner(const Profile& profile, const std::vector<Defect>& defects);

    /// What follows is about cases of this sequence.
    void load(const Sequence& sequence);

    Verdict judge(const State& state, const Outcome& got) { return judge_.judge(state, got); }
    /// Of the last judge(state, got).
    const Expectation& expectation() const { return judge_.expectation(); }
    /// What judge() says of a case whose first outcome was predicted and is not what was got, without differences.
    Verdict rule(const State& state, const Outcome& got, const Expectation& first);
    /// See Judge::depends_on().
    bool depends_on(const State& state, const Expectation& first, spec::DontCare reason) {
        return judge_.depends_on(state, first, reason);
    }
    /// Whether the model can run this case of the loaded sequence to an end within its code and windows.
    bool runnable(const State& state) { return !judge_.expect(state).escaped; }

    /// The known defects that account for a divergence.
    Explanation explain(const State& state, const Outcome& got);
    /// The same, for the case that rule() just found to have diverged.
    Explanation explain_ruled() { return explainer_.explain(); }
    std::vector<std::string> ids(const Explanation& explanation) const;

    /// The signature of a divergence that no defect explains: against the model with all known defects of the target,
    /// so that what they do to the outcome is no part of it.
    Signature signature_of(const std::string& instruction, const State& state, const Outcome& got);

    /// Runs a finding's original alone on a target that was just reset, and notes what came of it.
    Verdict::Kind replay(Finding& finding, Target& target);

    /// Notes what came of its original in some run of it.
    Verdict::Kind judge_again(Finding& finding, const Outcome& got);

    /// Whether the finding, replayed, diverges for the cause that it was seen with: with the same known defects, or
    /// with none that explains it.
    bool confirm(Finding& finding, Target& target);

    /// Fills in a confirmed finding: what it behaves like.
    void complete(Finding& finding);

    /// Runs a case alone, and notes in the finding what came of it.
    Verdict::Kind show(const Case& shown, Finding& finding, Target& target);

    /// The signature of a divergence at the last instruction of a prefix (see prefix()), if what was got of it diverges
    /// and no defect explains it. The prefix is what is loaded then.
    std::optional<Signature> signature_at(const Sequence& prefix, std::size_t length, const State& state,
                                          const Outcome& got);

  private:
    Verdict run_one(Target& target, const Sequence& sequence, const State& state);
    bool explained_as(const Finding& finding, const State& state, const Outcome& got);
    void describe_into(Finding& finding, const Verdict& verdict, const Outcome& got);

    std::vector<Defect> defects_;
    Judge judge_;
    Explainer explainer_;
    Judge with_defects_; // the model with all of them
    DecisionTracer tracer_;
    Sequence sequence_;
    std::vector<Test> one_test_;
    std::vector<std::vector<Outcome>> one_outcome_;
};

/// The first `length` instructions, the others replaced by NOP so that branches keep their targets.
Sequence prefix(const Sequence& sequence, std::size_t length);

/// The target died, hung or answered nonsense.
bool has_ended(const Outcome& outcome);

/// What kind of instruction this is, for signatures: its mnemonic.
std::string instruction_name(std::uint32_t opcode);

Signature make_signature(const std::string& instruction, const Outcome& expected, const Outcome& got,
                         const Verdict& verdict);

std::vector<Difference> differences_of(const Verdict& verdict);

} // namespace mtecheck::difftest
