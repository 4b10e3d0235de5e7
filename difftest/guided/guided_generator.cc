// SPDX-License-Identifier: Apache-2.0
#include "difftest/guided/guided_generator.h"

#include <algorithm>

#include "difftest/generate/fitness.h"

namespace mtecheck::difftest {
namespace {

// Random::purpose; those of the random generator are 0 and 1.
constexpr std::uint32_t kParentsStream = 2;
constexpr std::uint32_t kMutationStream = 3;

constexpr std::uint32_t kFresh = 250; // of 1000 tests
constexpr int kAttempts = 4;

} // namespace

GuidedGenerator::GuidedGenerator(const Profile& profile)
    : random_(make_random_generator(profile)), mutator_(profile), judge_(profile) {}

FeatureMap GuidedGenerator::common() {
    constexpr std::uint64_t kTests = 4096;
    FeatureMap features;
    Test test;
    std::vector<Expectation> expectations;
    for (std::uint64_t index = 0; index < kTests; ++index) {
        random_->generate(0, 0, index, test, expectations);
        for (std::size_t i = 0; i < test.states.size(); ++i) features.add(traits_of(test.states[i], expectations[i]));
    }
    return features;
}

void GuidedGenerator::generate(const TestPlace& place, GuidedCorpus& corpus, std::vector<Origin>& origins, Test& out,
                               std::vector<Expectation>& expectations) {
    Random random(place.seed, place.shard, place.index, kParentsStream);
    const bool fresh = random.chance(kFresh) || corpus.kept() == 0;
    std::optional<Parents> parents;
    if (fresh) {
        random_->generate(place.seed, place.shard, place.index, out, expectations);
    } else {
        parents = corpus.draw_parents(random);
        mutate(corpus, *parents, place, out, expectations);
    }
    before_.clear();
    for (std::uint32_t i = 0; i < out.states.size(); ++i) {
        const CaseTraits traits = traits_of(out.states[i], expectations[i]);
        if (std::find(before_.begin(), before_.end(), traits) != before_.end()) continue; // costs less than to look
        before_.push_back(traits);
        if (corpus.add(traits, out.sequence, out.states[i])) origins.push_back({place.index, i, parents});
    }
}

/// States that a target could not run the same way twice, or that leave their windows, are made anew; what remains of
/// them is the parent's own case, which was fit.
void GuidedGenerator::mutate(const GuidedCorpus& corpus, const Parents& parents, const TestPlace& place, Test& out,
                             std::vector<Expectation>& expectations) {
    const GuidedSeed& parent = corpus.seed(parents.first);
    const GuidedSeed& donor = corpus.seed(parents.donor);
    Random random(place.seed, place.shard, place.index, kMutationStream);
    out.states.resize(kStatesPerSequence);
    expectations.resize(kStatesPerSequence);
    const auto draw_states = [&] {
        judge_.load(out.sequence);
        const bool may_write_seed = writes_seed(out.sequence);
        for (std::size_t i = 0; i < out.states.size(); ++i) {
            bool fit = false;
            for (int attempt = 0; attempt < kAttempts && !fit; ++attempt) {
                mutator_.mutate(random, parent, out.sequence, i == 0 && attempt == 0, out.states[i]);
                judge_.expect(out.states[i], expectations[i]);
                fit = is_fit(out.states[i], may_write_seed, expectations[i]);
            }
            if (fit) continue;
            if (i == 0) return false;
            out.states[i] = out.states[0];
            expectations[i] = expectations[0];
        }
        return true;
    };
    mutator_.mutate(random, parent, donor, out.sequence);
    if (draw_states()) return;
    out.sequence = parent.sequence;
    draw_states();
}

bool GuidedGenerator::restore(const Origin& origin, const TestPlace& shard, GuidedCorpus& corpus) {
    Test test;
    std::vector<Expectation> expectations;
    const TestPlace place{shard.seed, shard.shard, origin.index};
    if (!origin.parents) {
        random_->generate(place.seed, place.shard, place.index, test, expectations);
    } else {
        for (const std::uint32_t number : {origin.parents->first, origin.parents->donor}) {
            if (number < corpus.oldest() || number >= corpus.kept()) return false;
        }
        mutate(corpus, *origin.parents, place, test, expectations);
    }
    if (origin.state >= test.states.size()) return false;
    const State& state = test.states[origin.state];
    return corpus.add(traits_of(state, expectations[origin.state]), test.sequence, state);
}

} // namespace mtecheck::difftest
