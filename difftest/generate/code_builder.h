// SPDX-License-Identifier: Apache-2.0
//
// Code under construction: fills operands so that they make sense, and follows what every register holds.
//
// A register "points" if it is some pointer's anchor plus a distance that is known; the anchor is chosen by each
// state. What is known is given up when a branch may skip the instruction that made it so: then a state may escape
// its windows, and the generator draws another.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "difftest/core/case.h"
#include "difftest/generate/instructions.h"
#include "difftest/generate/plan.h"
#include "difftest/generate/random.h"
#include "spec/gen/registers.h"

namespace mtecheck::difftest {

/// Operands that a recipe fixes. Registers as numbers; negative is free.
struct Fixed {
    int base = -1;
    int destination = -1;                 // Rd, Xd, or the Rt of a load
    int other_destination = -1;           // the Rt2 of a load
    int first = -1;                       // Rn of what has no address
    int second = -1;                      // Rm
    int transfer = -1;                    // Rt, Xt of a store, of a system register or of a system operation
    int status = -1;                      // Rs of a store exclusive
    std::optional<int> at = std::nullopt; // distance from the anchor
    std::optional<std::uint32_t> immediate = std::nullopt; // field value, of what has no address
    std::optional<spec::Reg> reg = std::nullopt;           // of MRS and MSR
};

class CodeBuilder {
  public:
    CodeBuilder(Random& random, const InstructionSet& instructions, Sequence& sequence, SequencePlan& plan,
                std::size_t length);

    /// False if no good operands were found, or there is no room.
    bool emit(const Instruction& instruction, const Fixed& fixed = {});
    bool emit(spec::Encoding encoding, const Fixed& fixed = {});

    /// Makes a register an alias of another that points: the same place through another view of the arena, or in the
    /// other half of the address space. Negative if there is no room.
    int emit_alias(int pointing);
    /// The states put their pointers at the edge between two pages that differ.
    void go_to_edge() { plan_.at_edge = true; }

    /// After the last instruction: nothing leads beyond it, and what the code does not name, states need not set up.
    void finish();

    std::size_t room() const { return length_ - sequence_.code.size(); }
    /// A pointer whose tag is probably still the one that its state gave it, within `reach` bytes of its anchor.
    /// Negative if there is none.
    int pointer(int reach, unsigned alignment = 1);
    int data_register();
    /// A register that states give a value of this kind, if the code has not written it.
    int data_register(DataKind kind);

  private:
    struct Known {
        bool points = false;
        bool tag_changed = false; // not the tag that goes with the anchor
        std::uint8_t pointer = 0; // index into SequencePlan::pointers
        std::int32_t at = 0;      // value minus anchor
    };
    /// What an instruction does to what is known, applied once it is in the code.
    struct Effects {
        std::uint32_t written = 0; // registers; bit 31 is SP
        int moved = -1;            // register that points afterwards, even if written
        Known target;
        int used = -1; // index into SequencePlan::pointers
        const Instruction* access = nullptr;
        std::int32_t access_at = 0;
        int index = -1; // into SequencePlan::indices
        std::uint8_t index_shift = 0;
        int kind_of = -1; // data register that states give a value of `kind`
        DataKind kind = DataKind::any;
        int tie = -1; // register
    };

    void choose_roles();
    std::optional<std::uint32_t> build(const Instruction& instruction, const Fixed& fixed, Effects& effects);
    bool build_address(const Instruction& instruction, const Fixed& fixed, std::uint32_t& word, Effects& effects);
    void build_register(const Instruction& instruction, const InstructionField& operand, const Fixed& fixed,
                        std::uint32_t& word, Effects& effects);
    void build_immediate(const Instruction& instruction, const InstructionField& operand, const Fixed& fixed,
                         std::uint32_t& word);
    void build_arithmetic(const Instruction& instruction, const Fixed& fixed, std::uint32_t& word, Effects& effects);
    void build_pointer_move(const Instruction& instruction, std::uint32_t& word, Effects& effects);
    void build_system(const Instruction& instruction, const Fixed& fixed, std::uint32_t& word, Effects& effects);
    void apply(const Effects& effects);
    /// Gives an ERET that comes next somewhere to return to: forward. False if it cannot have it.
    bool place_return();
    int draw_distance(const Instruction& instruction);
    int any_register();
    void note_named(int reg);

    Random& random_;
    const InstructionSet& instructions_;
    Sequence& sequence_;
    SequencePlan& plan_;
    std::size_t length_;
    std::array<Known, 32> known_{};
    std::array<std::uint8_t, 31> data_{}; // registers that are neither pointers nor indices
    std::size_t data_count_ = 0;
    std::uint32_t written_ = 0;        // by the code, so far
    std::uint32_t named_pointers_ = 0; // by the code, or by what was drawn for it and given up
    std::uint32_t named_indices_ = 0;
};

} // namespace mtecheck::difftest
