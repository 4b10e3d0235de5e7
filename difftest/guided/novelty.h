// SPDX-License-Identifier: Apache-2.0
//
// What guided generation looks for: a pair of decision outcomes that no kept case met together, and a decision outcome
// that none met with an instruction of this class and this end.
//
// Invariant: a set of features is a function of the cases that were added to it, in any order.
#pragma once

#include <bitset>
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
    using Pairs = std::bitset<kPairs>;

    /// Whether the case had a feature that was not in the set.
    bool add(const CaseTraits& traits);

    const Pairs& pairs() const { return pairs_; }
    std::size_t combinations() const { return combinations_.count(); }

  private:
    Pairs pairs_;
    std::bitset<kCombinations> combinations_;
};

} // namespace mtecheck::difftest
