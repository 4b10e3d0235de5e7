// SPDX-License-Identifier: Apache-2.0
//
// The encodings that a profile has, as the code generator sees them: how each forms its address, how much it
// accesses, and how often it is to be drawn. Everything is derived from the instruction tables.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include <boost/container/static_vector.hpp>

#include "difftest/core/target.h"
#include "difftest/generate/random.h"
#include "spec/gen/isa.h"

namespace mtecheck::difftest {

enum class Addressing : std::uint8_t {
    none,            // no memory access
    base,            // [Xn|SP]
    offset,          // [Xn|SP, #imm]
    pre_index,       // [Xn|SP, #imm]!
    post_index,      // [Xn|SP], #imm
    register_offset, // [Xn|SP, Xm, extend]
    operation,       // the address is the operand of a system operation (DC)
};

/// What the code generator tells apart by name; Xd and Rd are one.
enum class FieldName : std::uint8_t {
    other,
    Rd,
    Rn,
    Rm,
    Rt,
    Rt2,
    Rs,
    branch_offset,
    imm9,
    imm12,
    uimm4,
    uimm6,
    option,
    S
};

/// What an instruction does with a general register that is no part of its address; of other fields it says nothing.
enum class RegisterUse : std::uint8_t {
    source,      // read, and not stored
    stored,      // to memory, or the operand of a system operation
    destination, // written
    compared,    // with memory, and loaded over (CAS)
    status,      // of a store exclusive: a destination
};

struct InstructionField : spec::FieldBits {
    FieldName name{};
    RegisterUse use{};
};

/// All that code is made from, near together: there are so many of them that they do not stay in the near caches.
struct Instruction {
    using Fields = boost::container::static_vector<InstructionField, spec::most_fields>;

    spec::Encoding encoding{};
    spec::InstructionClass instruction_class{};
    std::uint32_t value = 0; // of the opcode, with all fields zero
    Addressing addressing = Addressing::none;
    std::uint16_t bytes = 0;    // accessed from the address on
    std::uint8_t alignment = 1; // of the address, that the encoding or its usual controls ask for
    std::optional<InstructionField> base;
    std::optional<InstructionField> immediate; // of the address
    std::uint16_t weight = 0;
    bool uses_vectors = false;   // SIMD&FP registers
    bool may_be_another = false; // some operands make it an instance of another encoding
    Fields fields;               // all of the encoding's, in its order
    Fields others;               // those that are no part of the address

    bool writes_back() const { return addressing == Addressing::pre_index || addressing == Addressing::post_index; }
};

class InstructionSet {
  public:
    explicit InstructionSet(const Profile& profile);

    /// One of all, by weight.
    const Instruction& draw(Random& random, unsigned el) const;

    /// Null if the profile has not got it.
    const Instruction* find(spec::Encoding encoding) const;

    std::span<const Instruction> all() const { return instructions_; }

  private:
    /// Weights, summed up, and where to begin to look for the first sum above a number: a search by halves would take
    /// branches that cannot be predicted.
    struct Weights {
        std::vector<std::uint32_t> sums;
        std::vector<std::uint16_t> begin; // by the number, in parts of kPart
        static constexpr std::uint32_t kPart = 64;
    };

    std::vector<Instruction> instructions_;
    std::vector<std::int16_t> by_encoding_;
    std::array<Weights, 2> weights_; // at EL0, and above
};

} // namespace mtecheck::difftest
