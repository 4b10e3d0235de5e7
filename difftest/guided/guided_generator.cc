// SPDX-License-Identifier: Apache-2.0
#include "difftest/guided/guided_generator.h"

#include <algorithm>
#include <optional>

#include "difftest/generate/fitness.h"

namespace mtecheck::difftest {
namespace {

// Random::purpose; those of the random generator are 0 and 1.
constexpr std::uint32_t kParentsStream = 2;
constexpr std::uint32_t kMutationStream = 3;

constexpr std::uint32_t kFresh = 250; // of 1000 tests
constexpr int kAttempts = 4;

} // namespace

FeatureMap common_features(const Profile& profile) {
    constexpr std::uint64_t kTests = 4096;
    const auto random = make_random_generator(profile);
    FeatureMap features;
    Test test;
    std::vector<Expectation> expectations;
    for (std::uint64_t index = 0; index < kTests; ++index) {
        random->generate(0, 0, index, test, expectations);
        for (std::size_t i = 0; i < test.states.size(); ++i) features.add(traits_of(test.states[i], expectations[i]));
    }
    return features;
}

GuidedGenerator::GuidedGenerator(const Profile& profile)
    : random_(make_random_generator(profile)), mutator_(profile), judge_(profile) {}

void GuidedGenerator::begin(const GuidedCorpus& corpus) {
    corpus_ = std::make_unique<GuidedCorpus>(corpus);
    origins_.clear();
}

void GuidedGenerator::draw(std::uint64_t seed, std::uint32_t shard, std::uint64_t index, Test& out,
                           std::vector<Expectation>* expectations) {
    std::vector<Expectation>& expected = expectations == nullptr ? scratch_ : *expectations;
    Random choice(seed, shard, index, kParentsStream);
    const bool fresh = choice.chance(kFresh) || corpus_->kept() == 0;
    std::optional<Parents> parents;
    if (fresh) {
        random_->generate(seed, shard, index, out, expected);
    } else {
        parents = corpus_->draw_parents(choice);
        Random mutation(seed, shard, index, kMutationStream);
        mutate(*corpus_, *parents, mutation, out, expected);
    }
    before_.clear();
    for (std::uint32_t i = 0; i < out.states.size(); ++i) {
        const CaseTraits traits = traits_of(out.states[i], expected[i]);
        if (std::find(before_.begin(), before_.end(), traits) != before_.end()) continue; // costs less than to look
        before_.push_back(traits);
        if (corpus_->add(traits, out.sequence, out.states[i])) origins_.push_back({index, i, parents});
    }
}

/// States that a target could not run the same way twice, or that leave their windows, are made anew; what remains of
/// them is the parent's own case, which was fit.
void GuidedGenerator::mutate(const GuidedCorpus& corpus, const Parents& parents, Random& random, Test& out,
                             std::vector<Expectation>& expectations) {
    const GuidedSeed& parent = corpus.seed(parents.first);
    const GuidedSeed& donor = corpus.seed(parents.donor);
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
                fit = is_fit(out.sequence.layout, out.states[i], may_write_seed, expectations[i]);
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

std::optional<CaseTraits> GuidedGenerator::restore(const Origin& origin, std::uint64_t seed, std::uint32_t shard,
                                                   GuidedCorpus& corpus) {
    Test test;
    std::vector<Expectation> expectations;
    if (!origin.parents) {
        random_->generate(seed, shard, origin.index, test, expectations);
    } else {
        for (const std::uint32_t number : {origin.parents->first, origin.parents->donor}) {
            if (number < corpus.oldest() || number >= corpus.kept()) return std::nullopt;
        }
        Random mutation(seed, shard, origin.index, kMutationStream);
        mutate(corpus, *origin.parents, mutation, test, expectations);
    }
    if (origin.state >= test.states.size()) return std::nullopt;
    const State& state = test.states[origin.state];
    const CaseTraits traits = traits_of(state, expectations[origin.state]);
    return corpus.add(traits, test.sequence, state) ? std::optional(traits) : std::nullopt;
}

} // namespace mtecheck::difftest
