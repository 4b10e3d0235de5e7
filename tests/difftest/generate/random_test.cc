// SPDX-License-Identifier: Apache-2.0
//
// The stream is part of the name of every case, so these numbers never change.
#include "difftest/generate/random.h"

#include <algorithm>
#include <set>

#include <catch2/catch_test_macros.hpp>

namespace mtecheck::difftest {
namespace {

TEST_CASE("the stream of a key is fixed for ever") {
    Random random(1, 2, 3, 4);
    constexpr std::array<std::uint64_t, 4> kGolden{0x2c34c3189e1f8b6b, 0x1644d56b25b87ec5, 0xcd0764821979ccfb,
                                                   0xc3559160d77f5cd8};
    for (const auto golden : kGolden) CHECK(random.next() == golden);
    Random zero(0, 0, 0);
    CHECK(zero.next() == 0x8c4986f3f0e565d5);
}

TEST_CASE("every part of a key gives another stream") {
    std::set<std::uint64_t> firsts;
    for (std::uint64_t seed = 0; seed < 4; ++seed) {
        for (std::uint32_t shard = 0; shard < 4; ++shard) {
            for (std::uint64_t index = 0; index < 4; ++index) {
                for (std::uint32_t purpose = 0; purpose < 4; ++purpose) {
                    firsts.insert(Random(seed, shard, index, purpose).next());
                }
            }
        }
    }
    CHECK(firsts.size() == 256);
}

TEST_CASE("helpers stay in their ranges and reach all of them") {
    Random random(5, 0, 0);
    std::set<std::uint32_t> below;
    std::set<int> between;
    for (int i = 0; i < 1000; ++i) {
        below.insert(random.below(7));
        between.insert(random.between(-2, 2));
    }
    CHECK(below == std::set<std::uint32_t>{0, 1, 2, 3, 4, 5, 6});
    CHECK(between == std::set<int>{-2, -1, 0, 1, 2});
    CHECK_FALSE(random.chance(0));
    CHECK(random.chance(1000));
}

TEST_CASE("a weighted choice follows its weights") {
    Random random(6, 0, 0);
    constexpr std::array<std::uint16_t, 4> kWeights{10, 0, 30, 60};
    std::array<int, 4> count{};
    for (int i = 0; i < 10000; ++i) ++count[random.weighted(kWeights)];
    CHECK(count[1] == 0);
    CHECK(std::abs(count[0] - 1000) < 150);
    CHECK(std::abs(count[2] - 3000) < 250);
}

TEST_CASE("subsets of 16 are often empty, full, single or all but one") {
    Random random(7, 0, 0);
    std::array<int, 17> count{};
    for (int i = 0; i < 1600; ++i) ++count[static_cast<std::size_t>(std::popcount(random.subset16()))];
    CHECK(count[0] > 150);
    CHECK(count[1] > 100);
    CHECK(count[15] > 100);
    CHECK(count[16] > 50);
    CHECK(std::all_of(count.begin(), count.end(), [](int n) { return n > 0; }));
}

} // namespace
} // namespace mtecheck::difftest
