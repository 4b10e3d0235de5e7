// SPDX-License-Identifier: Apache-2.0
//
// The constrained random generator: a configuration, code for it, and states for the code. The model runs each state
// once; one that touches memory outside its windows is drawn again.
//
// That is rare. So all sequences of a call are drawn first, then their states, and then the model runs these: each of
// the three has code enough to drive that of the others out of the caches. A state that is drawn again takes its random
// numbers after those of all states of its sequence, and may have any site.
#include <algorithm>

#include "difftest/core/fetch_ahead.h"
#include "difftest/core/layout.h"
#include "difftest/generate/code.h"
#include "difftest/generate/configuration.h"
#include "difftest/generate/fitness.h"
#include "difftest/generate/generator.h"
#include "difftest/generate/state.h"
#include "difftest/judge/judge.h"

namespace mtecheck::difftest {

namespace {

// Random::purpose
constexpr std::uint32_t kSequenceStream = 0;
constexpr std::uint32_t kSystemStream = 1;

constexpr int kStateAttempts = 6;

class RandomGenerator final : public Generator {
  public:
    RandomGenerator(const Profile& profile, std::size_t states)
        : state_count_(states), layout_(!profile.process    ? LayoutId::arena
                                        : profile.simulator ? LayoutId::simulator
                                                            : LayoutId::process),
          configurations_(profile), code_(profile), judge_(profile) {}

    std::string_view name() const override { return "random"; }

    using Generator::generate;
    void generate(std::uint64_t seed, std::uint32_t shard, std::uint64_t first, std::span<Test> out,
                  std::span<std::vector<Expectation>> expectations) override {
        while (drafts_.size() < out.size()) drafts_.emplace_back();
        for (std::size_t i = 0; i < out.size(); ++i) draw_sequence(seed, shard, first + i, out[i].sequence, drafts_[i]);
        for (std::size_t i = 0; i < out.size(); ++i) draw_states(out[i], drafts_[i]);
        for (std::size_t i = 0; i < out.size(); ++i) expect(out[i], drafts_[i], expectations[i]);
    }

  protected:
    void draw(std::uint64_t seed, std::uint32_t shard, std::uint64_t index, Test& out,
              std::vector<Expectation>* expectations) override {
        if (expectations == nullptr) expectations = &scratch_;
        generate(seed, shard, index, std::span(&out, 1), std::span(expectations, 1));
    }

  private:
    /// A sequence, and what its states are drawn from.
    struct Draft {
        SequencePlan plan;
        Random random{0, 0, 0};
        bool writes_seed = false; // the code writes RGSR_EL1
    };

    void draw_sequence(std::uint64_t seed, std::uint32_t shard, std::uint64_t index, Sequence& sequence,
                       Draft& draft) const {
        Random system(seed, shard, index / kConfigurationRun, kSystemStream);
        Random& random = draft.random;
        random = Random(seed, shard, index, kSequenceStream);
        sequence.layout = layout_;
        sequence.configuration = configurations_.draw(system, random);
        const bool upper_code =
            random.chance(100) && layout_ == LayoutId::arena && address_regime(sequence.configuration).two_ranges;
        sequence.pc = upper_code ? ARENA_UPPER_HALF | ARENA_CODE_VA : ARENA_CODE_VA;
        code_.draw(random, sequence, draft.plan);
        if (sequence.configuration.elr != decltype(Configuration::elr){})
            configurations_.draw_return(random, sequence.configuration);
        draft.writes_seed = writes_seed(sequence);
    }

    void draw_states(Test& test, Draft& draft) const {
        const StateGenerator generator(test.sequence, draft.plan);
        test.states.resize(state_count_);
        // In each sequence the kinds of sites have their shares, not only on average; and those of a kind come one
        // after the other, so that what is done for each state takes the same way many times in a row. Any kind may be
        // first.
        const std::size_t first_site = draft.random.below(256);
        for (std::size_t i = 0; i < state_count_; ++i) {
            if (i + 1 < state_count_) fetch_ahead<Use::write>(test.states[i + 1]);
            generator.draw(draft.random, test.states[i],
                           generator.site_kind((256 * i / state_count_ + first_site) % 256));
        }
    }

    void expect(Test& test, Draft& draft, std::vector<Expectation>& expectations) {
        expectations.resize(state_count_);
        judge_.load(test.sequence);
        judge_.expect(test.states, expectations);
        for (std::size_t i = 0; i < state_count_; ++i) {
            if (!useful(test, test.states[i], draft, expectations[i]))
                draw_again(test, draft, test.states[i], expectations[i]);
        }
    }

    static bool useful(const Test& test, const State& state, const Draft& draft, const Expectation& expectation) {
        return is_fit(test.sequence.layout, state, draft.writes_seed, expectation);
    }

    /// After a first attempt.
    void draw_again(const Test& test, Draft& draft, State& state, Expectation& expectation) {
        const StateGenerator generator(test.sequence, draft.plan);
        for (int attempt = 1; attempt < kStateAttempts; ++attempt) {
            generator.draw(draft.random, state);
            judge_.expect(state, expectation);
            if (useful(test, state, draft, expectation)) return;
        }
        for (int attempt = 0; attempt < kStateAttempts; ++attempt) {
            generator.draw_unmapped(draft.random, state);
            judge_.expect(state, expectation);
            if (useful(test, state, draft, expectation)) return;
        }
    }

    std::size_t state_count_;
    LayoutId layout_; // of all cases
    ConfigurationGenerator configurations_;
    CodeGenerator code_;
    Judge judge_;
    std::vector<Draft> drafts_;
    std::vector<Expectation> scratch_; // for callers who want none
};

} // namespace

std::unique_ptr<Generator> make_random_generator(const Profile& profile, std::size_t states) {
    return std::make_unique<RandomGenerator>(profile, states);
}

} // namespace mtecheck::difftest
