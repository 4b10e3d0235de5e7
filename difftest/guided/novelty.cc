// SPDX-License-Identifier: Apache-2.0
#include "difftest/guided/novelty.h"

#include <boost/container/static_vector.hpp>

namespace mtecheck::difftest {
namespace {

using Indices = boost::container::static_vector<std::size_t, model::DecisionSet::size>;

Indices indices_of(const model::DecisionSet& decisions) {
    Indices indices;
    decisions.each([&](std::size_t i) { indices.push_back(i); });
    return indices;
}

/// f(pair) for each pair of these.
template <class F>
void each_pair(const Indices& met, F&& f) {
    for (std::size_t i = 0; i < met.size(); ++i) {
        const std::size_t row = met[i] * (met[i] + 1) / 2;
        for (std::size_t k = 0; k <= i; ++k) f(row + met[k]);
    }
}

} // namespace

CaseTraits traits_of(const State& before, const Expectation& expectation) {
    const auto encoding = spec::decode(expectation.last_opcode);
    return {expectation.coverage.decisions,
            encoding ? spec::info(*encoding).instruction_class : spec::InstructionClass{},
            kind_of(before, expectation)};
}

bool FeatureMap::add(const CaseTraits& traits) {
    const Indices met = indices_of(traits.decisions);
    bool any = false;
    const auto enter = [&](auto& set, std::size_t i) {
        any = any || !set[i];
        set[i] = true;
    };
    const std::size_t end =
        static_cast<std::size_t>(traits.last) * kOutcomeKinds + static_cast<std::size_t>(traits.kind);
    for (const std::size_t i : met) enter(combinations_, end * model::DecisionSet::size + i);
    each_pair(met, [&](std::size_t i) { enter(pairs_, i); });
    return any;
}

void add_pairs(const model::DecisionSet& decisions, FeatureMap::Pairs& pairs) {
    each_pair(indices_of(decisions), [&](std::size_t i) { pairs[i] = true; });
}

} // namespace mtecheck::difftest
