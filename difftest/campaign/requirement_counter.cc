// SPDX-License-Identifier: Apache-2.0
#include "difftest/campaign/requirement_counter.h"

namespace mtecheck::difftest {

namespace {

bool is_register_access(spec::Encoding encoding) {
    return encoding == spec::Encoding::MRS || encoding == spec::Encoding::MSR_reg;
}

std::size_t access_index(spec::Reg reg, spec::Encoding encoding) {
    return 2 * static_cast<std::size_t>(reg) + (encoding == spec::Encoding::MSR_reg ? 1U : 0U);
}

} // namespace

RequirementCounter::RequirementCounter()
    : by_encoding_(spec::encoding_count), by_access_(2 * spec::reg_count), by_decision_(2 * spec::decision_count) {
    for (const auto& row : spec::requirements()) {
        const auto number = static_cast<std::size_t>(row.value);
        for (const auto encoding : row.encodings) {
            if (row.registers.empty() || !is_register_access(encoding)) {
                by_encoding_[static_cast<std::size_t>(encoding)].set(number);
                continue;
            }
            for (const spec::Reg reg : row.registers) by_access_[access_index(reg, encoding)].set(number);
        }
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
    each_bit(coverage.accesses, [&](std::size_t i) { by_encoding |= by_access_[i]; });
    RequirementSet by_decision = needs_no_decision_;
    coverage.decisions.each([&](std::size_t i) { by_decision |= by_decision_[i]; });
    return by_encoding & by_decision;
}

} // namespace mtecheck::difftest
