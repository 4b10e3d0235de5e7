// SPDX-License-Identifier: Apache-2.0
#include "difftest/judge/remainder.h"

#include <algorithm>
#include <bitset>
#include <span>

#include "difftest/core/compare.h"
#include "difftest/core/process.h"

namespace mtecheck::difftest {
namespace {

constexpr unsigned kStackPointer = 31;
constexpr unsigned kPair = 2;      // registers that a general register field stands for, at most: CASP
constexpr unsigned kStructure = 4; // SIMD&FP registers: LD4

bool is_branch(spec::InstructionClass instruction) {
    using enum spec::InstructionClass;
    return instruction == Branch || instruction == BranchConditional || instruction == CompareAndBranch ||
           instruction == TestAndBranch;
}

/// What instructions may write, by their operands.
struct Writes {
    std::bitset<32> general; // with 31 for SP
    std::bitset<32> simd;
    bool memory = false; // or tags
    bool system_registers = false;
    bool rgsr = false;
    bool clears_block_of_data = false;
    bool backward = false; // a branch or an exception return, perhaps to an earlier instruction

    void add(const model::DecodedInstruction& instruction) {
        if (!instruction.allocated) return;
        const spec::EncodingInfo& info = spec::info(instruction.encoding);
        for (const spec::FieldInfo& field : info.fields) add(info, field, instruction.opcode);
        const auto writes = [](spec::Access access) {
            return access == spec::Access::write || access == spec::Access::read_write;
        };
        memory = memory || writes(info.access) || writes(info.tag_access);
        system_registers = system_registers || info.instruction_class == spec::InstructionClass::MoveSystemRegister;
        clears_block_of_data = clears_block_of_data || difftest::clears_block_of_data(instruction);
        rgsr = rgsr || info.instruction_class == spec::InstructionClass::IRG;
        backward = backward || info.instruction_class == spec::InstructionClass::ExceptionReturn;
    }

  private:
    void add(const spec::EncodingInfo& info, const spec::FieldInfo& field, std::uint32_t opcode) {
        const std::uint32_t value = field.extract(opcode);
        switch (field.role) {
        case spec::Role::general:
        case spec::Role::general_or_sp:
        case spec::Role::base:
            for (unsigned i = 0; i < kPair; ++i) general.set((value + i) % general.size());
            return;
        case spec::Role::simd:
            for (unsigned i = 0; i < kStructure; ++i) simd.set((value + i) % simd.size());
            return;
        case spec::Role::immediate: {
            const bool negative = (value >> (field.width() - 1) & 1U) != 0;
            backward = backward || (field.is_signed && negative && is_branch(info.instruction_class));
            return;
        }
        case spec::Role::selector: return;
        }
    }
};

/// The number of the instruction at an address; the length of the code if it is behind them.
std::size_t index_of(const model::Program& program, std::uint64_t address) {
    return std::min<std::uint64_t>((address - program.start) / 4, program.code.size());
}

/// What is left of a run that came to the state `before`.
struct Remainder {
    std::size_t from = 0; // the earliest instruction that it may still execute
    bool any_pc = false;  // that of a fault at its end says nothing
    Writes writes;

    Remainder(const model::Program& program, const Expectation& before, bool loses_pc)
        : from(before.from_anywhere ? 0 : index_of(program, before.outcome.pc)) {
        for (const auto& instruction : std::span(program.code).subspan(from)) writes.add(instruction);
        if (writes.backward) {
            from = 0;
            for (const auto& instruction : program.code) writes.add(instruction);
        }
        any_pc = loses_pc && writes.clears_block_of_data;
    }

    /// Whether it may end with `got`, by its place in the code.
    bool ends_with(const model::Program& program, const Outcome& got) const {
        const bool exception = got.status == Status::exception;
        const bool fault = exception || (got.status == Status::signal && got.signal.number == linux_signal::kSigsegv);
        if (any_pc && fault) return true;
        const std::uint64_t end = exception ? got.exception.elr : got.pc;
        return end - program.start <= 4 * program.code.size() && index_of(program, end) >= from;
    }
};

} // namespace

bool clears_block_of_data(const model::DecodedInstruction& instruction) {
    return instruction.allocated && (instruction.encoding == spec::Encoding::DC_ZVA || //
                                     instruction.encoding == spec::Encoding::DC_GZVA);
}

bool came_as_far(const model::Program& program, const Expectation& before, const Outcome& got, bool loses_pc) {
    return Remainder(program, before, loses_pc).ends_with(program, got);
}

bool agrees_so_far(const model::Program& program, const Expectation& before, const Outcome& got, bool loses_pc) {
    const Remainder remainder(program, before, loses_pc);
    if (!remainder.ends_with(program, got)) return false;
    const Writes& writes = remainder.writes;

    const Outcome& then = before.outcome;
    Outcome kept = got; // with the fields that are not compared as they are expected
    kept.status = then.status;
    kept.pc = then.pc;
    kept.pstate = then.pstate;
    kept.exception = then.exception;
    kept.signal = then.signal;
    kept.tfsre0_el1 = then.tfsre0_el1;
    kept.tfsr = then.tfsr;
    for (std::size_t n = 0; n < kept.x.size(); ++n) {
        if (writes.general[n]) kept.x[n] = then.x[n];
    }
    if (writes.general[kStackPointer] || writes.system_registers) kept.sp = then.sp;
    if (writes.system_registers) kept.gcr_el1 = then.gcr_el1;
    if (writes.system_registers || writes.rgsr) kept.rgsr_el1 = then.rgsr_el1;
    for (std::size_t n = 0; n < std::min(kept.v.size(), then.v.size()); ++n) {
        if (writes.simd[n]) kept.v[n] = then.v[n];
    }
    if (writes.memory) kept.windows = then.windows;
    return agrees(before, kept);
}

} // namespace mtecheck::difftest
