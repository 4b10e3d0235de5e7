// SPDX-License-Identifier: Apache-2.0
//
// The constrained random generator: a configuration, code for it, and states for the code. The model runs each state
// once; one that touches memory outside its windows is drawn again.
#include "difftest/core/layout.h"
#include "difftest/generate/code.h"
#include "difftest/generate/configuration.h"
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
        : state_count_(states), configurations_(profile), code_(profile), judge_(profile) {}

    std::string_view name() const override { return "random"; }

  protected:
    void draw(std::uint64_t seed, std::uint32_t shard, std::uint64_t index, Test& out,
              std::vector<Expectation>* expectations) override {
        Random system(seed, shard, index / kConfigurationRun, kSystemStream);
        Random random(seed, shard, index, kSequenceStream);

        Sequence& sequence = out.sequence;
        sequence.layout = LayoutId::arena;
        sequence.configuration = configurations_.draw(system, random);
        const bool upper_code = random.chance(100) && address_regime(sequence.configuration).two_ranges;
        sequence.pc = upper_code ? ARENA_UPPER_HALF | ARENA_CODE_VA : ARENA_CODE_VA;
        code_.draw(random, sequence, plan_);

        judge_.load(sequence);
        const StateGenerator states(sequence, plan_);
        out.states.resize(state_count_);
        if (expectations != nullptr) expectations->resize(state_count_);
        for (std::size_t i = 0; i < state_count_; ++i) {
            const Expectation& expectation = draw_state(random, states, out.states[i]);
            if (expectations != nullptr) (*expectations)[i] = expectation;
        }
    }

  private:
    const Expectation& draw_state(Random& random, const StateGenerator& states, State& state) {
        const auto useful = [](const Expectation& e) { return !e.escaped && e.predicted; };
        for (int attempt = 0; attempt < kStateAttempts; ++attempt) {
            states.draw(random, state);
            if (const Expectation& expectation = judge_.expect(state); useful(expectation)) return expectation;
        }
        for (int attempt = 1; attempt < kStateAttempts; ++attempt) {
            states.draw_unmapped(random, state);
            if (const Expectation& expectation = judge_.expect(state); useful(expectation)) return expectation;
        }
        states.draw_unmapped(random, state);
        return judge_.expect(state);
    }

    std::size_t state_count_;
    ConfigurationGenerator configurations_;
    CodeGenerator code_;
    Judge judge_;
    SequencePlan plan_;
};

} // namespace

std::unique_ptr<Generator> make_random_generator(const Profile& profile, std::size_t states) {
    return std::make_unique<RandomGenerator>(profile, states);
}

} // namespace mtecheck::difftest
