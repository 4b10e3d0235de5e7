// SPDX-License-Identifier: Apache-2.0
#include "difftest/core/branches.h"

#include <algorithm>

#include "spec/encode.h"

namespace mtecheck::difftest {

const spec::FieldInfo* branch_offset(spec::Encoding encoding) {
    switch (spec::info(encoding).instruction_class) {
    case spec::InstructionClass::Branch: return spec::find_field(encoding, "imm26");
    case spec::InstructionClass::BranchConditional:
    case spec::InstructionClass::CompareAndBranch: return spec::find_field(encoding, "imm19");
    case spec::InstructionClass::TestAndBranch: return spec::find_field(encoding, "imm14");
    default: return nullptr;
    }
}

const spec::FieldInfo* branch_offset(std::uint32_t word) {
    const auto encoding = spec::decode(word);
    return encoding ? branch_offset(*encoding) : nullptr;
}

bool is_exception_return(std::uint32_t word) { return word == spec::info(spec::Encoding::ERET).value; }

bool has_exception_return(const Sequence& sequence) {
    return std::any_of(sequence.code.begin(), sequence.code.end(), is_exception_return);
}

bool branches_stay(const Sequence& sequence) {
    const auto size = static_cast<std::int64_t>(sequence.code.size());
    for (const std::uint64_t elr : sequence.configuration.elr) {
        if (elr == 0) continue; // where code cannot be
        const std::uint64_t distance = elr - sequence.pc;
        if (distance % 4 != 0 || distance > 4 * sequence.code.size()) return false;
    }
    for (std::int64_t i = 0; i < size; ++i) {
        const std::uint32_t word = sequence.code[static_cast<std::size_t>(i)];
        const spec::FieldInfo* const offset = branch_offset(word);
        if (offset == nullptr) continue;
        const std::int64_t target = i + spec::field_value(*offset, word) / 4;
        if (target < 0 || target > size) return false;
    }
    return true;
}

} // namespace mtecheck::difftest
