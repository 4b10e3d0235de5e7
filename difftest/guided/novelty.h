// SPDX-License-Identifier: Apache-2.0
//
// What guided generation looks for: a pair of decision outcomes that no kept case met together, and a decision outcome
// that none met with an instruction of this class and this end.
//
// Invariant: a set of features is a function of the cases that were added to it, in any order.
#pragma once

#include <bitset>
#include <boost/container/static_vector.hpp>
#include <cstddef>

#include "difftest/core/expectation.h"
#include "difftest/generate/statistics.h"
#include "model/machine/observers.h"
#include "spec/gen/isa.h"

namespace mtecheck::difftest {

/// What a case came to, as far as novelty goes.
struct CaseTraits {
    model::DecisionSet decisions;
    spec::InstructionClass last{}; ///< the class of the last instruction that was begun
    OutcomeKind kind{};
    bool operator==(const CaseTraits&) const = default;
};

CaseTraits traits_of(const State& before, const Expectation& expectation);

class FeatureMap {
  public:
    /// All pairs of decision outcomes, an outcome with itself included.
    static constexpr std::size_t kPairs = model::DecisionSet::size * (model::DecisionSet::size + 1) / 2;
    static constexpr std::size_t kCombinations =
        model::DecisionSet::size * spec::instruction_class_count * kOutcomeKinds;
    static constexpr std::size_t kFeatures = kPairs + kCombinations; ///< numbered in this order
    using Pairs = std::bitset<kPairs>;

    /// f(number) for each feature of a case.
    template <class F>
    static void each(const CaseTraits& traits, F&& f) {
        boost::container::static_vector<std::size_t, model::DecisionSet::size> met;
        traits.decisions.each([&](std::size_t i) { met.push_back(i); });
        const std::size_t end =
            static_cast<std::size_t>(traits.last) * kOutcomeKinds + static_cast<std::size_t>(traits.kind);
        for (const std::size_t i : met) f(kPairs + end * model::DecisionSet::size + i);
        for (std::size_t i = 0; i < met.size(); ++i) {
            const std::size_t row = met[i] * (met[i] + 1) / 2;
            for (std::size_t k = 0; k <= i; ++k) f(row + met[k]);
        }
    }

    /// Whether the case had a feature that was not in the set.
    bool add(const CaseTraits& traits);

    bool has(std::size_t feature) const { return feature < kPairs ? pairs_[feature] : combinations_[feature - kPairs]; }
    const Pairs& pairs() const { return pairs_; }
    std::size_t combinations() const { return combinations_.count(); }

  private:
    Pairs pairs_;
    std::bitset<kCombinations> combinations_;
};

} // namespace mtecheck::difftest
