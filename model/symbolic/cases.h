// SPDX-License-Identifier: Apache-2.0
//
// Functions of the pseudocode that decide on configuration only, as machines over terms read them: all paths at once,
// of which each gives a case. Machines differ in what they keep of a case besides its condition and its value.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "model/symbolic/explorer.h"
#include "model/symbolic/values.h"

namespace mtecheck::model::symbolic {

/// The functions that are read so, as keys of what is known of them.
enum class Function : std::uint8_t {
    EL2Enabled,
    ELIsInHost,
    S1TranslationRegime,
    TranslationRegime,
    EffectiveTBI,
    EffectiveTCMA,
    AllocationTagAccessIsEnabled,
    AccessIsTagChecked,
    UnalignedAccessFaults,
    S1Enabled,
    EffectiveTCF
};

template <unsigned N>
std::uint64_t key_of(SymbolicBits<N> value) {
    return static_cast<std::uint64_t>(value.term());
}

/// Goes on with one of the values of a function: forks over them, in the order of the cases. Conditions of cases are
/// disjoint and cover everything; a single case may have none.
template <class Case>
auto fork_over_values(const std::vector<Case>& cases) {
    if (cases.size() == 1) return cases.front().value;
    Terms& terms = current_terms();
    for (auto one = cases.begin(); one != cases.end(); ++one) {
        const auto has_its_value = [&](const Case& other) { return other.value == one->value; };
        if (std::any_of(cases.begin(), one, has_its_value)) continue;
        Term any = terms.boolean(false);
        for (const Case& other : cases) {
            if (has_its_value(other)) any = terms.binary(Op::bool_or, any, other.condition);
        }
        if (current_explorer().branch(any)) return one->value;
    }
    throw PathEnd{};
}

} // namespace mtecheck::model::symbolic
