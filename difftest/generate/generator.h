// SPDX-License-Identifier: Apache-2.0
//
// Where tests come from.
//
// Invariant: a test is a function of (generator, profile, seed, shard, index) and of nothing else, so that every
// case can be named, drawn again and drawn anywhere.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "difftest/core/case.h"
#include "difftest/core/expectation.h"
#include "difftest/core/target.h"

namespace mtecheck::difftest {

class Generator {
  public:
    virtual ~Generator() = default;
    virtual std::string_view name() const = 0;

    /// Overwrites all of `out`, reusing its storage. No state of it escapes its windows on the model.
    void generate(std::uint64_t seed, std::uint32_t shard, std::uint64_t index, Test& out) {
        draw(seed, shard, index, out, nullptr);
    }
    /// The same, and what the model expects of each state: generators have to know it anyway.
    void generate(std::uint64_t seed, std::uint32_t shard, std::uint64_t index, Test& out,
                  std::vector<Expectation>& expectations) {
        draw(seed, shard, index, out, &expectations);
    }

    /// The tests from number `first` on, and what the model expects of their states: so many at a time cost less.
    virtual void generate(std::uint64_t seed, std::uint32_t shard, std::uint64_t first, std::span<Test> out,
                          std::span<std::vector<Expectation>> expectations) {
        for (std::size_t i = 0; i < out.size(); ++i) generate(seed, shard, first + i, out[i], expectations[i]);
    }

  protected:
    virtual void draw(std::uint64_t seed, std::uint32_t shard, std::uint64_t index, Test& out,
                      std::vector<Expectation>* expectations) = 0;
};

inline constexpr std::size_t kStatesPerSequence = 16;

/// Names the streams of tests that random generators make, whatever the seed: a hash of the first thousand tests of one
/// of them, which a test works out again. Campaigns that began with another stream are not gone on with.
inline constexpr std::uint64_t kStreamHash = 0xe8c94725c894bb2d;

/// Constrained random tests, biased to where MTE is subtle.
std::unique_ptr<Generator> make_random_generator(const Profile& profile, std::size_t states = kStatesPerSequence);

} // namespace mtecheck::difftest
