// SPDX-License-Identifier: Apache-2.0
//
// The random numbers of every generator: splitmix64 (Steele, Lea, Flood 2014) turns a key into the state of
// xoshiro256** (Blackman, Vigna 2018). Both are written out here, and a test pins the stream, because a case is
// named by (generator, seed, shard, index) and must be the same on every platform and in every year. Hence also no
// distribution of the standard library: their results differ from one implementation to the next.
//
// Invariants: integers only; every helper draws exactly one number, so that an edit of one place moves the stream
// of no other generator.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>

namespace mtecheck::difftest {

class Random {
  public:
    /// An independent stream for each key. `purpose` tells apart the streams of one (seed, shard, index).
    Random(std::uint64_t seed, std::uint32_t shard, std::uint64_t index, std::uint32_t purpose = 0) {
        std::uint64_t key = seed;
        key = mix(key) ^ ((std::uint64_t{purpose} << 32) | shard);
        key = mix(key) ^ index;
        for (auto& word : state_) {
            word = mix(key);
        }
    }

    std::uint64_t next() {
        const std::uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
        const std::uint64_t shifted = state_[1] << 17;
        state_[2] ^= state_[0];
        state_[3] ^= state_[1];
        state_[1] ^= state_[2];
        state_[0] ^= state_[3];
        state_[2] ^= shifted;
        state_[3] = std::rotl(state_[3], 45);
        return result;
    }

    /// 0 .. bound-1. By multiplication: the bias is below bound / 2^32, which no campaign can see.
    std::uint32_t below(std::uint32_t bound) { return static_cast<std::uint32_t>(((next() >> 32) * bound) >> 32); }

    /// low .. high, both included.
    int between(int low, int high) { return low + static_cast<int>(below(static_cast<std::uint32_t>(high - low) + 1)); }

    /// True in `per_mille` of 1000 draws.
    bool chance(std::uint32_t per_mille) { return below(1000) < per_mille; }

    bool coin() { return (next() >> 63) != 0; }

    template <class T, std::size_t N>
    const T& pick(const std::array<T, N>& choices) {
        return choices[below(N)];
    }

    template <class T>
    T& pick(std::span<T> choices) {
        return choices[below(static_cast<std::uint32_t>(choices.size()))];
    }

    /// An index, with the probability of its weight. The sum of the weights must not be 0.
    std::size_t weighted(std::span<const std::uint16_t> weights) {
        std::uint32_t total = 0;
        for (const auto weight : weights) {
            total += weight;
        }
        std::uint32_t drawn = below(total);
        std::size_t index = 0;
        while (drawn >= weights[index]) {
            drawn -= weights[index++];
        }
        return index;
    }

    /// The same without a branch, which random numbers would make hard to predict.
    template <std::size_t N>
    std::size_t weighted(const std::array<std::uint16_t, N>& weights) {
        std::uint32_t total = 0;
        for (const auto weight : weights) total += weight;
        const std::uint32_t drawn = below(total);
        std::uint32_t up_to = 0;
        std::size_t index = 0;
        for (std::size_t i = 0; i + 1 < N; ++i) {
            up_to += weights[i];
            index += drawn >= up_to ? 1U : 0U;
        }
        return index;
    }

    /// A subset of 16 as a mask: empty, full, all but one, one only, sparse, dense and uniform are all common,
    /// because exclusion masks go wrong at these ends.
    std::uint16_t subset16() {
        const std::uint64_t drawn = next();
        const auto a = static_cast<std::uint16_t>(drawn);
        const auto b = static_cast<std::uint16_t>(drawn >> 16);
        const auto one = static_cast<std::uint16_t>(1U << ((drawn >> 32) & 15));
        // By tables: what random numbers decide is hard to predict.
        const std::array<std::uint16_t, 7> subsets{0,
                                                   0xffff,
                                                   static_cast<std::uint16_t>(~one),
                                                   one,
                                                   static_cast<std::uint16_t>(a & b),
                                                   static_cast<std::uint16_t>(a | b),
                                                   a};
        static constexpr std::array<std::uint8_t, 16> kWhich{0, 0, 0, 1, 2, 2, 3, 3, 4, 4, 4, 5, 5, 6, 6, 6};
        return subsets[kWhich[drawn >> 60]];
    }

  private:
    /// One step of splitmix64: advances `state` and returns its scrambled value.
    static std::uint64_t mix(std::uint64_t& state) {
        state += 0x9e3779b97f4a7c15U;
        std::uint64_t z = state;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
        return z ^ (z >> 31);
    }

    std::array<std::uint64_t, 4> state_{};
};

} // namespace mtecheck::difftest
