// SPDX-License-Identifier: Apache-2.0
//
// The shape of one row of the instruction tables, and of the other tables that rows refer to.
// The rows themselves are generated from spec/*.json into spec/gen/*.h; the enumerations are
// declared here without their enumerators, so that this header does not depend on generated
// code.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace mtecheck::spec {

enum class Encoding : std::uint16_t;
enum class InstructionClass : std::uint8_t;
enum class Feature : std::uint8_t;
enum class Requirement : std::uint16_t;
enum class DontCare : std::uint8_t;

/// When the memory accesses of an instruction are Tag Checked, before AccessIsTagChecked looks
/// at configuration and address.
enum class TagChecked : std::uint8_t {
    none,        ///< no memory access
    never,       ///< the access descriptor has tagchecked = FALSE
    base_not_sp, ///< unless the base register is encoded as 31
    always,
};

enum class Access : std::uint8_t { none, read, write, read_write };

/// What a field of an encoding means to somebody who fills it in.
enum class Role : std::uint8_t {
    general,       ///< general register, 31 is ZR
    general_or_sp, ///< general register, 31 is SP
    base,          ///< address base, 31 is SP
    simd,          ///< SIMD&FP register
    immediate,     ///< a number: operand value = (signed or unsigned field) * scale
    selector,      ///< any other bits: sizes, options, conditions, system register names
};

/// Bits hi:lo of an opcode, and what they are.
struct FieldBits {
    std::uint8_t hi;
    std::uint8_t lo;
    Role role;
    bool is_signed;
    std::uint16_t scale;

    constexpr unsigned width() const { return static_cast<unsigned>(hi - lo) + 1U; }
    constexpr std::uint32_t max() const { return width() == 32U ? ~0U : (1U << width()) - 1U; }
    constexpr std::uint32_t mask() const { return max() << lo; }
    constexpr std::uint32_t extract(std::uint32_t opcode) const { return (opcode >> lo) & max(); }
    constexpr std::uint32_t insert(std::uint32_t opcode, std::uint32_t bits) const {
        return (opcode & ~mask()) | ((bits & max()) << lo);
    }
};

struct FieldInfo : FieldBits {
    std::string_view name;
};

/// A second way to write the same word, preferred when its condition holds (CMPP for SUBPS).
struct AliasInfo {
    bool (*applies)(std::uint32_t opcode);
    std::string_view asm_template;
};

struct EncodingInfo {
    Encoding encoding;
    InstructionClass instruction_class;
    std::string_view id;
    std::string_view mnemonic;
    std::string_view asm_template;
    std::string_view pseudocode; ///< the decode/execute function in Arm's pseudocode
    std::uint32_t mask;
    std::uint32_t value;
    TagChecked tag_checked;
    Access access;     ///< of data
    Access tag_access; ///< explicit accesses to Allocation Tags
    bool unprivileged;
    std::uint8_t min_el;
    std::span<const FieldInfo> fields;
    std::span<const AliasInfo> aliases;
    std::span<const Feature> features;
    std::span<const Requirement> requirements;
};

/// Bits hi:lo of a register.
struct BitRange {
    std::uint8_t hi;
    std::uint8_t lo;

    constexpr unsigned width() const { return static_cast<unsigned>(hi - lo) + 1U; }
    constexpr std::uint64_t max() const { return width() == 64U ? ~0ULL : (1ULL << width()) - 1U; }
    constexpr std::uint64_t mask() const { return max() << lo; }
    constexpr std::uint64_t place(std::uint64_t value) const { return (value & max()) << lo; }
    constexpr std::uint64_t extract(std::uint64_t word) const { return (word >> lo) & max(); }
    constexpr std::uint64_t insert(std::uint64_t word, std::uint64_t value) const {
        return (word & ~mask()) | place(value);
    }
};

/// An opcode for code that has no machine: the `W` of the class templates on the host.
struct Word {
    std::uint32_t value;

    template <unsigned Hi, unsigned Lo>
    friend constexpr std::uint32_t slice(Word word) {
        static_assert(Hi >= Lo && Hi < 32U);
        return static_cast<std::uint32_t>((word.value >> Lo) & ((std::uint64_t{2} << (Hi - Lo)) - 1U));
    }
};

} // namespace mtecheck::spec
