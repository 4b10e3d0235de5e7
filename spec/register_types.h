// SPDX-License-Identifier: Apache-2.0
//
// The shape of one row of the system register table (spec/registers.json).
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "spec/isa_types.h"

namespace mtecheck::spec {

enum class Reg : std::uint8_t;

/// op0:op1:CRn:CRm:op2 in 16 bits. For op0 of 2 and 3 these are bits 20:5 of MRS and MSR.
struct SystemRegisterKey {
    std::uint16_t value;

    static constexpr SystemRegisterKey of(unsigned op0, unsigned op1, unsigned crn, unsigned crm, unsigned op2) {
        return {static_cast<std::uint16_t>((op0 << 14U) | (op1 << 11U) | (crn << 7U) | (crm << 3U) | op2)};
    }
    /// The register of an MRS or MSR (register) word.
    static constexpr SystemRegisterKey of_opcode(std::uint32_t opcode) {
        return {static_cast<std::uint16_t>((opcode >> 5U) & 0xFFFFU)};
    }
    constexpr unsigned op0() const { return value >> 14U; }
    constexpr unsigned op1() const { return (value >> 11U) & 7U; }
    constexpr unsigned crn() const { return (value >> 7U) & 15U; }
    constexpr unsigned crm() const { return (value >> 3U) & 15U; }
    constexpr unsigned op2() const { return value & 7U; }
    friend constexpr bool operator==(SystemRegisterKey, SystemRegisterKey) = default;
};

struct RegisterField {
    std::string_view name;
    BitRange bits;
};

/// One line of the access table of a register, for people: rules are tried in order. The model
/// has the executable version.
struct AccessRule {
    std::string_view from;      ///< Exception levels, as in "EL1" or "EL0-EL3"
    std::string_view operation; ///< "MRS", "MSR" or empty for both
    std::string_view when;
    std::string_view result;
    std::string_view requirement;
};

struct RegInfo {
    Reg reg;
    std::string_view name;
    SystemRegisterKey key;
    bool read_only;
    std::uint8_t lowest_el;
    std::uint64_t writable; ///< bits that software can change in the first layout; all if not stated
    std::span<const RegisterField> fields;
    std::span<const Feature> exists_if;
    std::span<const AccessRule> access;
    std::string_view reset;
    std::string_view source;
};

} // namespace mtecheck::spec
