// SPDX-License-Identifier: Apache-2.0
//
// The constrained random generator: a configuration, code for it, and states for the code. The model runs each state
// once; one that touches memory outside its windows is drawn again.
#include <algorithm>

#include "difftest/core/layout.h"
#include "difftest/generate/code.h"
#include "difftest/generate/configuration.h"
#include "difftest/generate/generator.h"
#include "difftest/generate/state.h"
#include "difftest/judge/judge.h"
#include "spec/gen/dont_cares.h"
#include "spec/gen/isa.h"
#include "spec/gen/registers.h"

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

        writes_seed_ = std::any_of(sequence.code.begin(), sequence.code.end(), [](std::uint32_t word) {
            return spec::decode(word) == spec::Encoding::MSR_reg &&
                   spec::decode_register(spec::SystemRegisterKey::of_opcode(word)) == spec::Reg::RGSR_EL1;
        });

        judge_.load(sequence);
        const StateGenerator states(sequence, plan_);
        out.states.resize(state_count_);
        if (expectations != nullptr) expectations->resize(state_count_);
        for (std::size_t i = 0; i < state_count_; ++i) {
            draw_state(random, states, out.states[i], expectations != nullptr ? (*expectations)[i] : scratch_);
        }
    }

  private:
    void draw_state(Random& random, const StateGenerator& states, State& state, Expectation& expectation) {
        const auto useful = [&] {
            judge_.expect(state, expectation);
            return !expectation.escaped && expectation.predicted &&
                   !(takes_random_tag(expectation) && may_lack_seed(state));
        };
        for (int attempt = 0; attempt < kStateAttempts; ++attempt) {
            states.draw(random, state);
            if (useful()) return;
        }
        for (int attempt = 0; attempt < kStateAttempts; ++attempt) {
            states.draw_unmapped(random, state);
            if (useful()) return;
        }
    }

    // With GCR_EL1.RRND == 1 an implementation may seed its random tags itself where RGSR_EL1 has no seed, as QEMU
    // does: every tag is allowed then, but no run is like another, and no report like another.
    static bool takes_random_tag(const Expectation& expectation) {
        return std::any_of(expectation.choices.begin(), expectation.choices.end(),
                           [](const ChoiceTaken& choice) { return choice.reason == spec::DontCare::RandomTag; });
    }
    bool may_lack_seed(const State& state) const {
        return (state.rgsr_el1 & spec::field::RGSR_EL1::SEED.mask()) == 0 || writes_seed_;
    }

    std::size_t state_count_;
    bool writes_seed_ = false; // the code of the sequence writes RGSR_EL1
    ConfigurationGenerator configurations_;
    CodeGenerator code_;
    Judge judge_;
    SequencePlan plan_;
    Expectation scratch_; // for callers who want none
};

} // namespace

std::unique_ptr<Generator> make_random_generator(const Profile& profile, std::size_t states) {
    return std::make_unique<RandomGenerator>(profile, states);
}

} // namespace mtecheck::difftest
