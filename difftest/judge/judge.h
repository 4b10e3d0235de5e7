// SPDX-License-Identifier: Apache-2.0
//
// The oracle: runs the model on a case and says whether what a target did is one of the outcomes that the
// architecture allows.
//
// Invariants: a verdict is a function of (profile, mutations, sequence, state, outcome); after warm-up a case that
// agrees with the model's first outcome costs no allocation.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "difftest/core/case.h"
#include "difftest/core/compare.h"
#include "difftest/core/expectation.h"
#include "difftest/core/outcome.h"
#include "difftest/core/target.h"
#include "difftest/judge/mutation_set.h"
#include "difftest/judge/reading.h"

namespace mtecheck::difftest {

struct Verdict {
    enum class Kind : std::uint8_t {
        agreed,
        diverged,
        tool_trouble,   // the target crashed, hung or answered garbage: a finding, but not of a field
        not_applicable, // the target cannot set this case up
        open,           // an allowed run leads out of the case or is not predicted: no telling from there on
    };
    Kind kind = Kind::agreed;
    std::vector<FieldDifference> differences; // from the closest allowed outcome (the fewest fields)
    std::vector<ChoiceTaken> choices;         // that lead to the agreeing, or closest, outcome
    std::uint32_t runs = 1;                   // of the model; allowed outcomes that were tried
    bool exhausted = true;                    // if it diverged: all allowed outcomes were tried
    std::string note;                         // for people: the target's, or why there is no verdict

    bool agreed() const { return kind == Kind::agreed; }
};

class Judge {
  public:
    explicit Judge(const Profile& profile, const MutationSet& mutations = {});
    ~Judge();
    Judge(Judge&&) noexcept;
    Judge& operator=(Judge&&) noexcept;

    /// All that follows is about states of this sequence. It is copied.
    void load(const Sequence& sequence);

    /// Runs the model with the pseudocode's own answer to every question that is left open.
    /// Valid until the next call of any member.
    const Expectation& expect(const State& state);
    /// The same, into storage of the caller, which is reused.
    void expect(const State& state, Expectation& out);
    /// The same for several states, which is faster than one by one; `out` has as many.
    void expect(std::span<const State> states, std::span<Expectation> out);

    /// expect(), compare, and on a difference the other allowed outcomes.
    Verdict judge(const State& state, const Outcome& got);

    /// The same, for a caller that kept expect(state).
    Verdict judge(const State& state, const Outcome& got, const Expectation& first);

    /// Whether another answer to one of the questions about `reason` that expect(state) met would have led to an
    /// outcome that is told from it. `first` is what expect(state) gave; the sequence is loaded.
    bool depends_on(const State& state, const Expectation& first, spec::DontCare reason);

    /// The expectation of the last judge(state, got): the first outcome, not the agreeing one.
    const Expectation& expectation() const;

  private:
    std::unique_ptr<Reading> reading_;
};

/// The profile of everything that the model knows: FEAT_MTE3, LSE, LSE2, VHE, EL2, EL3.
Profile model_profile();

} // namespace mtecheck::difftest
