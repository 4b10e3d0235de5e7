// SPDX-License-Identifier: Apache-2.0
//
// What is asked about a divergence: do known defects of the target explain it, at which instruction does it begin,
// which mutation of the model behaves like it, and what is the shortest case that shows it.
//
// Invariants: answers are a function of the case and of what the target does; every search has a fixed bound on the
// number of runs.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "difftest/core/target.h"
#include "difftest/findings/defects.h"
#include "difftest/findings/finding.h"
#include "difftest/judge/judge.h"

namespace mtecheck::difftest {

class Examiner {
  public:
    /// `defects` are those that apply to the target. Throws InputError if one names an unknown mutation.
    Examiner(const Profile& profile, const std::vector<Defect>& defects);
    ~Examiner();

    /// What follows is about cases of this sequence.
    void load(const Sequence& sequence);
    Verdict judge(const State& state, const Outcome& got) { return judge_.judge(state, got); }
    Verdict judge(const State& state, const Outcome& got, const Expectation& first) {
        return judge_.judge(state, got, first);
    }
    /// Of the last judge(state, got).
    const Expectation& expectation() const { return judge_.expectation(); }
    /// Whether the model can run this case of the loaded sequence to an end within its code and windows.
    bool runnable(const State& state) { return !judge_.expect(state).escaped; }

    /// Ids of the known defects that explain what was got, a set from which none can be left out. Empty: unexplained.
    std::vector<std::string> explain(const State& state, const Outcome& got);

    /// The signature of a divergence that no defect explains: against the model with all known defects of the target,
    /// so that what they do to the outcome is no part of it.
    Signature signature_of(const std::string& instruction, const State& state, const Outcome& got);

    /// Runs a finding's original alone on a target that was just reset, and notes what came of it.
    Verdict::Kind replay(Finding& finding, Target& target);

    /// Whether the finding, replayed, diverges for the cause that it was seen with: with the same known defects, or
    /// with none that explains it.
    bool confirm(Finding& finding, Target& target);

    /// Fills in a confirmed finding: decisions, what it behaves like, the shortest case found.
    void complete(Finding& finding, Target& target);

  private:
    class Suspicion; // the model with some mutations

    void load_into(Suspicion& suspicion);
    bool explains(Suspicion& suspicion, const State& state, const Outcome& got);
    Suspicion& together(const std::vector<std::size_t>& defects);
    std::vector<std::size_t> all_defects() const;
    std::vector<std::string> behaves_like(const State& state, const Outcome& got);
    Verdict run_one(Target& target, const Sequence& sequence, const State& state);
    bool same_cause(const Finding& finding, const State& state);
    Case shorten(const Finding& finding, Target& target);
    void describe_into(Finding& finding, const Verdict& verdict);

    Profile profile_;
    Judge judge_;
    Sequence sequence_;
    std::uint64_t generation_ = 0; // counts load()
    std::vector<Defect> defects_;
    std::map<std::vector<std::size_t>, std::unique_ptr<Suspicion>>
        together_; // by the numbers of defects; made when needed
    std::vector<std::pair<std::string, std::unique_ptr<Suspicion>>> mutants_; // made when first asked for
    std::vector<Test> one_test_;
    std::vector<std::vector<Outcome>> one_outcome_;
};

/// The first `length` instructions, the others replaced by NOP so that branches keep their targets.
Sequence prefix(const Sequence& sequence, std::size_t length);

/// What kind of instruction this is, for signatures: its mnemonic.
std::string instruction_name(std::uint32_t opcode);

Signature make_signature(const std::string& instruction, const Outcome& expected, const Outcome& got,
                         const Verdict& verdict);

std::vector<Difference> differences_of(const Verdict& verdict);

} // namespace mtecheck::difftest
