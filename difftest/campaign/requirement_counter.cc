// SPDX-License-Identifier: Apache-2.0
#include "difftest/campaign/requirement_counter.h"

namespace mtecheck::difftest {

RequirementCounter::RequirementCounter() : by_encoding_(spec::encoding_count), by_decision_(2 * spec::decision_count) {
    for (const auto& row : spec::requirements()) {
        const auto number = static_cast<std::size_t>(row.value);
        for (const auto encoding : row.encodings) by_encoding_[static_cast<std::size_t>(encoding)].set(number);
        for (const auto& [decision, outcome] : row.decisions) {
            by_decision_[2 * static_cast<std::size_t>(decision) + (outcome ? 1U : 0U)].set(number);
        }
        const bool names_something = !row.encodings.empty() || !row.decisions.empty();
        needs_no_encoding_[number] = names_something && row.encodings.empty();
        needs_no_decision_[number] = names_something && row.decisions.empty();
    }
}

RequirementSet RequirementCounter::exercised(const Coverage& coverage) const {
    RequirementSet by_encoding = needs_no_encoding_;
    each_bit(coverage.encodings, [&](std::size_t i) { by_encoding |= by_encoding_[i]; });
    RequirementSet by_decision = needs_no_decision_;
    coverage.decisions.each([&](std::size_t i) { by_decision |= by_decision_[i]; });
    return by_encoding & by_decision;
}

} // namespace mtecheck::difftest
