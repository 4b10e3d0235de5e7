// SPDX-License-Identifier: Apache-2.0
#include "difftest/generate/generator.h"

#include <algorithm>
#include <array>
#include <cstring>

#include <catch2/catch_test_macros.hpp>

#include "difftest/core/layout.h"
#include "difftest/generate/sites.h"
#include "difftest/judge/judge.h"
#include "spec/gen/isa.h"
#include "tests/difftest/stream_hash.h"

namespace mtecheck::difftest {
namespace {

std::uint64_t hash_of(const Test& test) {
    StreamHash hash;
    hash.add(test);
    return hash.value();
}

TEST_CASE("the first tests of a seed are what they were") {
    // Changes whenever the generator, its weights or the instruction tables change. Then names of old cases lead to
    // other cases: findings keep whole cases, so put the new number into kStreamHash and say in the commit why it
    // changed.
    const auto generator = make_random_generator(model_profile());
    StreamHash hash;
    Test test;
    for (std::uint64_t index = 0; index < 1000; ++index) {
        generator->generate(1, 0, index, test);
        hash.add(test);
    }
    CHECK(hash.value() == kStreamHash);
}

/// Where the windows of a state are.
enum class Where : std::uint8_t { tagged_page, special_page, window_edge, page_edge };

Where where(const State& state) {
    const auto page = [](const Window& window) {
        return static_cast<unsigned>((window.pa - ARENA_PA) / ARENA_PAGE_BYTES);
    };
    const Windows& windows = state.windows;
    if (windows.size() > 1) return page(windows[0]) == page(windows[1]) ? Where::window_edge : Where::page_edge;
    return plain_tagged(page(windows[0])) ? Where::tagged_page : Where::special_page;
}

TEST_CASE("each sequence has states at all kinds of sites, and any kind may come first") {
    const auto generator = make_random_generator(model_profile());
    std::array<unsigned, 4> first{};
    unsigned sequences = 0;
    unsigned lack = 0; // one of the rare kinds
    Test test;
    for (std::uint64_t index = 0; index < 400; ++index) {
        generator->generate(3, 0, index, test);
        std::array<unsigned, 4> states{};
        for (const State& state : test.states) {
            if (!state.windows.empty()) ++states.at(static_cast<std::size_t>(where(state)));
        }
        if (states[0] < 8) continue; // about edges of pages alone
        ++sequences;
        ++first.at(static_cast<std::size_t>(where(test.states.front())));
        if (states[1] == 0 || states[2] == 0) ++lack;
    }
    CHECK(sequences >= 340);
    CHECK(lack <= sequences / 20); // those of which the state was drawn again
    for (const unsigned often : first) CHECK(often >= sequences / 30);
}

TEST_CASE("a test depends on its name alone") {
    const auto one = make_random_generator(model_profile());
    const auto other = make_random_generator(model_profile());
    Test used;
    for (std::uint64_t index = 0; index < 50; ++index) one->generate(9, 1, index, used);
    for (const std::uint64_t index : {77U, 3U, 49U}) {
        Test fresh;
        one->generate(9, 1, index, used);
        other->generate(9, 1, index, fresh);
        CHECK(used.sequence == fresh.sequence);
        CHECK(used.states == fresh.states);
    }
}

TEST_CASE("tests that are drawn together are those that are drawn alone") {
    const auto together = make_random_generator(model_profile());
    const auto alone = make_random_generator(model_profile());
    constexpr std::size_t kTests = 300; // of the states of a few, the first attempt is no good
    std::vector<Test> tests(kTests);
    std::vector<std::vector<Expectation>> expectations(kTests);
    together->generate(9, 2, 1000, tests, expectations);
    Test test;
    for (std::size_t i = 0; i < kTests; ++i) {
        alone->generate(9, 2, 1000 + i, test);
        CHECK(test.sequence == tests[i].sequence);
        CHECK(test.states == tests[i].states);
        Judge judge(model_profile());
        judge.load(test.sequence);
        for (std::size_t k = 0; k < test.states.size(); ++k) {
            CHECK(agrees(judge.expect(test.states[k]), expectations[i][k].outcome));
            CHECK(judge.expectation().coverage == expectations[i][k].coverage);
        }
    }
}

TEST_CASE("seeds, shards and indices give different tests") {
    const auto generator = make_random_generator(model_profile());
    Test test;
    std::vector<std::uint64_t> hashes;
    for (std::uint64_t seed = 0; seed < 4; ++seed) {
        for (std::uint32_t shard = 0; shard < 4; ++shard) {
            for (std::uint64_t index = 0; index < 20; ++index) {
                generator->generate(seed, shard, index, test);
                hashes.push_back(hash_of(test));
            }
        }
    }
    std::sort(hashes.begin(), hashes.end());
    CHECK(std::adjacent_find(hashes.begin(), hashes.end()) == hashes.end());
}

void check_invariants(const Test& test, const Profile& profile) {
    const Sequence& sequence = test.sequence;
    CHECK(sequence.layout == LayoutId::arena);
    CHECK(sequence.pc % 64 == 0);
    CHECK_FALSE(sequence.code.empty());
    CHECK(test.states.size() == kStatesPerSequence);
    const Configuration& c = sequence.configuration;
    CHECK((c.el != 0 || c.spsel == 0));
    CHECK((c.el != 3 || c.spsel == 0)); // SP_EL3 is a monitor's
    CHECK((c.el != 2 || profile.el2));
    CHECK((c.el != 3 || profile.el3));
    for (const std::uint32_t opcode : sequence.code) {
        const auto encoding = spec::decode(opcode);
        REQUIRE(encoding);
        CHECK_FALSE(spec::constrained_unpredictable(*encoding, opcode));
    }
    for (const State& state : test.states) {
        CHECK((state.v.empty() || profile.has_vectors));
        std::uint64_t after = ARENA_PA;
        for (const Window& window : state.windows) {
            CHECK(window.pa % kWindowBytes == 0);
            CHECK(window.pa >= after);
            after = window.pa + kWindowBytes;
        }
        CHECK(after <= ARENA_PA + ARENA_PAGES * ARENA_PAGE_BYTES);
    }
}

TEST_CASE("tests keep the rules of tests, whatever the profile") {
    Profile profile = model_profile();
    SECTION("everything") {}
    SECTION("no SIMD&FP registers") { profile.has_vectors = false; }
    SECTION("no EL2 and no EL3") { profile.el2 = profile.el3 = false; }
    SECTION("synchronous checks only") {
        std::erase(profile.features, "FEAT_MTE3");
        profile.features.emplace_back("FEAT_MTE2");
        profile.mte = 2;
        profile.mte_async = false;
    }
    const auto generator = make_random_generator(profile);
    Judge judge(profile);
    Test test;
    std::size_t useless = 0;
    for (std::uint64_t index = 0; index < 300; ++index) {
        generator->generate(3, 2, index, test);
        check_invariants(test, profile);
        judge.load(test.sequence);
        for (const State& state : test.states) {
            const Expectation& expectation = judge.expect(state);
            if (expectation.escaped || !expectation.predicted) ++useless;
        }
    }
    CHECK(useless == 0);
}

} // namespace
} // namespace mtecheck::difftest
