// SPDX-License-Identifier: Apache-2.0
#include "difftest/guided/novelty.h"

namespace mtecheck::difftest {

CaseTraits traits_of(const State& before, const Expectation& expectation) {
    const auto encoding = spec::decode(expectation.last_opcode);
    return {expectation.coverage.decisions,
            encoding ? spec::info(*encoding).instruction_class : spec::InstructionClass{},
            kind_of(before, expectation)};
}

bool FeatureMap::add(const CaseTraits& traits) {
    bool any = false;
    const auto enter = [&](auto& set, std::size_t i) {
        any = any || !set[i];
        set[i] = true;
    };
    each(traits, [&](std::size_t feature) {
        if (feature < kPairs) {
            enter(pairs_, feature);
        } else {
            enter(combinations_, feature - kPairs);
        }
    });
    return any;
}

} // namespace mtecheck::difftest
