// SPDX-License-Identifier: Apache-2.0
//
// Random words of an encoding, reproducible, with register 31 and extreme fields more often
// than chance would give them.
#pragma once

#include <bit>
#include <cstdint>
#include <random>

#include "spec/gen/isa.h"

namespace mtecheck::spec::test {

/// Where several words mean the same, the one that an assembler makes.
inline std::uint32_t as_assembled(const EncodingInfo& row, std::uint32_t word) {
    if (constrained_unpredictable(row.encoding, word) == DontCare::AddTagReservedField) {
        return word & ~0xC000U; // assemblers cannot write a non-zero op3
    }
    if (row.instruction_class == InstructionClass::LogicalImmediate) {
        const std::uint32_t length_code = (((word >> 22U) & 1U) << 6U) | (~(word >> 10U) & 0x3FU);
        const auto size = static_cast<std::uint32_t>(std::bit_floor(length_code));
        return word & ~((0x3FU & ~(size - 1U)) << 16U); // a rotation is taken modulo the element size
    }
    if (row.encoding == Encoding::PRFM_reg && (word >> 3U & 3U) == 3U) {
        return word & ~8U; // RPRFM to newer assemblers, unknown to older ones
    }
    return word;
}

class Words {
  public:
    explicit Words(std::uint64_t seed) : random_(seed) {}

    std::uint32_t any() { return static_cast<std::uint32_t>(random_()); }

    std::uint32_t of(const EncodingInfo& row) {
        std::uint32_t word = row.value | (any() & ~row.mask);
        for (const FieldInfo& field : row.fields) {
            const std::uint32_t dice = any() % 8U;
            if (dice == 0U) word = field.insert(word, field.max());
            if (dice == 1U) word = field.insert(word, 0);
        }
        return word;
    }

    /// A word that has a defined meaning; there is one for every row.
    std::uint32_t defined(const EncodingInfo& row) {
        std::uint32_t word = of(row);
        while (is_undefined(row.encoding, word)) word = of(row);
        return word;
    }

  private:
    std::mt19937_64 random_;
};

} // namespace mtecheck::spec::test
