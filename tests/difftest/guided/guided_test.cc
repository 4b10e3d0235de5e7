// SPDX-License-Identifier: Apache-2.0
//
// Guided generation: that what it makes is fit to run, that it is a function of what was kept before, that a journal of
// origins brings it back, and that it finds what random tests do not.
#include <catch2/catch_test_macros.hpp>

#include "difftest/core/arena.h"
#include "difftest/core/branches.h"
#include "difftest/guided/guided_generator.h"
#include "spec/gen/isa.h"
#include "tests/difftest/stream_hash.h"

namespace mtecheck::difftest {
namespace {

constexpr std::uint64_t kBlock = 256;

const FeatureMap& common() {
    static const FeatureMap features = common_features(model_profile());
    return features;
}

/// The guided tests of one shard of a campaign.
struct Shard {
    Shard() : generator(model_profile()) { generator.begin(GuidedCorpus(common())); }

    void run(std::uint64_t tests) {
        for (std::uint64_t end = next + tests; next < end; ++next) {
            generator.generate(1, 0, next, test, expectations);
            for (std::size_t i = 0; i < test.states.size(); ++i) met.add(traits_of(test.states[i], expectations[i]));
        }
    }

    GuidedGenerator generator;
    std::uint64_t next = 0;
    FeatureMap met = common(); // by all cases, kept or not
    Test test;
    std::vector<Expectation> expectations;
};

void check_rules(const Test& test) {
    for (std::size_t i = 0; i < test.sequence.code.size(); ++i) {
        const std::uint32_t word = test.sequence.code[i];
        const auto encoding = spec::decode(word);
        REQUIRE(encoding.has_value());
        CHECK_FALSE(spec::constrained_unpredictable(*encoding, word).has_value());
        if (const auto* const offset = branch_offset(word); offset != nullptr) {
            CHECK(offset->extract(word) >= 1);
            CHECK(i + offset->extract(word) <= test.sequence.code.size());
        }
    }
    for (const State& state : test.states) {
        std::uint64_t end = ARENA_PA;
        for (const Window& window : state.windows) {
            CHECK(window.pa % kWindowBytes == 0);
            CHECK(window.pa >= end);
            end = window.pa + kWindowBytes;
        }
        CHECK(end <= ARENA_PA + kArenaBytes);
    }
}

TEST_CASE("guided tests obey the rules of generated tests, and stay in their windows") {
    Shard shard;
    shard.run(kBlock);
    Judge judge(model_profile());
    for (int i = 0; i < 400; ++i) {
        shard.run(1);
        check_rules(shard.test);
        judge.load(shard.test.sequence);
        for (std::size_t k = 0; k < shard.test.states.size(); ++k) {
            const Expectation& again = judge.expect(shard.test.states[k]);
            CHECK_FALSE(again.escaped);
            CHECK(again.predicted);
            CHECK(again.coverage == shard.expectations[k].coverage);
        }
    }
}

TEST_CASE("the first guided tests of a seed are what they were") {
    // Changes with the random generator, what mutates its cases, the model's decisions and what is kept: put the new
    // number into kGuidedStreamHash and say in the commit why it changed.
    Shard shard;
    StreamHash hash;
    for (std::uint64_t i = 0; i < 4 * kBlock; ++i) {
        shard.run(1);
        hash.add(shard.test);
    }
    CHECK(hash.value() == kGuidedStreamHash);
}

TEST_CASE("the same shard keeps the same cases, and a journal of their origins brings them back") {
    Shard shard;
    Shard other;
    for (Shard* s : {&shard, &other}) s->run(10 * kBlock);
    CHECK(shard.generator.origins() == other.generator.origins());
    CHECK(shard.generator.corpus().oldest() > 0); // so some that tests were made of are gone
    GuidedCorpus restored(common());
    std::size_t mutated = 0;
    for (const Origin& origin : shard.generator.origins()) {
        REQUIRE(shard.generator.restore(origin, 1, 0, restored));
        mutated += origin.parents ? 1U : 0U;
    }
    CHECK(mutated >= 100);
    REQUIRE(restored.kept() == shard.generator.corpus().kept());
    for (std::uint32_t i = restored.oldest(); i < restored.kept(); ++i) {
        CHECK(restored.seed(i).sequence == shard.generator.corpus().seed(i).sequence);
        CHECK((restored.seed(i).state == shard.generator.corpus().seed(i).state));
    }
    CHECK(restored.features().pairs() == shard.generator.corpus().features().pairs());
    CHECK(restored.features().combinations() == shard.generator.corpus().features().combinations());
}

TEST_CASE("an origin that makes nothing new is refused") {
    Shard shard;
    shard.run(kBlock);
    const Origin first = shard.generator.origins().front();
    GuidedCorpus restored(common());
    CHECK(shard.generator.restore(first, 1, 0, restored));
    CHECK_FALSE(shard.generator.restore(first, 1, 0, restored));
    CHECK_FALSE(shard.generator.restore({1, 99, {}}, 1, 0, restored));
    CHECK_FALSE(shard.generator.restore({1, 0, Parents{0, 7}}, 1, 0, restored));
}

TEST_CASE("guided tests meet more pairs of decision outcomes than as many random tests", "[slow]") {
    constexpr std::uint64_t kTests = 100 * kBlock;
    Shard guided;
    guided.run(kTests);
    FeatureMap random = common();
    const auto generator = make_random_generator(model_profile());
    for (std::uint64_t i = 0; i < kTests; ++i) {
        generator->generate(1, 0, i, guided.test, guided.expectations);
        for (std::size_t k = 0; k < guided.test.states.size(); ++k)
            random.add(traits_of(guided.test.states[k], guided.expectations[k]));
    }
    INFO("combinations " << random.combinations() << " and " << guided.met.combinations() << ", kept "
                         << guided.generator.corpus().kept());
    CHECK(guided.met.pairs().count() > random.pairs().count());
}

} // namespace
} // namespace mtecheck::difftest
