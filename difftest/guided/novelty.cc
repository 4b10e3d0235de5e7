// SPDX-License-Identifier: Apache-2.0
#include "difftest/guided/novelty.h"

#include <boost/container/static_vector.hpp>

namespace mtecheck::difftest {

CaseTraits traits_of(const State& before, const Expectation& expectation) {
    const auto encoding = spec::decode(expectation.last_opcode);
    return {expectation.coverage.decisions,
            encoding ? spec::info(*encoding).instruction_class : spec::InstructionClass{},
            kind_of(before, expectation)};
}

bool FeatureMap::add(const CaseTraits& traits) {
    boost::container::static_vector<std::size_t, model::DecisionSet::size> met;
    traits.decisions.each([&](std::size_t i) { met.push_back(i); });
    bool any = false;
    const auto enter = [&](auto& set, std::size_t i) {
        any = any || !set[i];
        set[i] = true;
    };
    const std::size_t end =
        static_cast<std::size_t>(traits.last) * kOutcomeKinds + static_cast<std::size_t>(traits.kind);
    for (const std::size_t i : met) enter(combinations_, end * model::DecisionSet::size + i);
    for (std::size_t i = 0; i < met.size(); ++i) {
        const std::size_t row = met[i] * (met[i] + 1) / 2;
        for (std::size_t k = 0; k <= i; ++k) enter(pairs_, row + met[k]);
    }
    return any;
}

} // namespace mtecheck::difftest
