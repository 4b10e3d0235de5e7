// SPDX-License-Identifier: Apache-2.0
//
// What guided generation has kept of one shard: the cases that brought something new, and all that they brought.
//
// A kept case has an origin: the test of the shard that it was in and, if that was mutated from others, their numbers.
// So a journal of origins is enough to have the kept cases again.
//
// Invariants: what is new is judged by what is common and what was kept; memory is bounded, since only the last
// kCapacity kept cases are still there to make tests of.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "difftest/core/case.h"
#include "difftest/generate/random.h"
#include "difftest/guided/novelty.h"

namespace mtecheck::difftest {

/// A case of which others are made.
struct GuidedSeed {
    Sequence sequence;
    State state;
};

/// The kept cases, by number, that a test was mutated from.
struct Parents {
    std::uint32_t first = 0; ///< whose code, configuration and state are changed
    std::uint32_t donor = 0; ///< whose parts go into it
    bool operator==(const Parents&) const = default;
};

struct Origin {
    std::uint64_t index = 0; ///< of the test in its shard
    std::uint32_t state = 0;
    std::optional<Parents> parents; ///< none: a random test
    bool operator==(const Origin&) const = default;
};

class GuidedCorpus {
  public:
    static constexpr std::size_t kCapacity = 512;

    /// `common`: features that are nothing new, for most tests have them.
    explicit GuidedCorpus(const FeatureMap& common) : features_(common) {}

    /// Keeps the case, if it brings something new.
    bool add(const CaseTraits& traits, const Sequence& sequence, const State& state);

    /// How many cases were ever kept: they are numbered from 0.
    std::uint32_t kept() const { return kept_; }
    /// The first that is still there.
    std::uint32_t oldest() const { return kept_ - static_cast<std::uint32_t>(entries_.size()); }
    const GuidedSeed& seed(std::uint32_t number) const { return *entry(number).seed; }
    const FeatureMap& features() const { return features_; }

    /// Two kept cases to make a test from, the rarer what they met the likelier. There must be one.
    Parents draw_parents(Random& random) const;

  private:
    struct Entry {
        model::DecisionSet decisions;
        std::shared_ptr<const GuidedSeed> seed;
    };
    const Entry& entry(std::uint32_t number) const { return entries_.at(number % kCapacity); }
    void weigh();

    std::vector<Entry> entries_; // a ring
    std::uint32_t kept_ = 0;
    FeatureMap features_;
    std::array<std::uint32_t, model::DecisionSet::size> met_{}; // entries by decision outcome
    std::vector<std::uint32_t> cumulative_;                     // weights of the entries
};

} // namespace mtecheck::difftest
