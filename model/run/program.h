// SPDX-License-Identifier: Apache-2.0
//
// A sequence of instructions, decoded once and run many times.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "model/machine/feature_set.h"
#include "spec/gen/isa.h"

namespace mtecheck::model {

struct DecodedInstruction {
    std::uint32_t opcode = 0;
    bool allocated = false; ///< false: the tables do not know it; it runs as UNDEFINED
    bool undefined = true;  ///< not allocated, or its operands make it UNDEFINED on every PE
    bool vectors = false;   ///< it names SIMD&FP registers
    spec::Encoding encoding{};
    FeatureSet features; ///< without one of them it is UNDEFINED
};

/// Without one of them the encoding is UNDEFINED.
FeatureSet FeaturesNeeded(spec::Encoding encoding);

struct Program {
    std::uint64_t start = 0; ///< address of the first instruction
    std::vector<DecodedInstruction> code;

    Program() = default;
    Program(std::uint64_t start_address, std::span<const std::uint32_t> opcodes) { assign(start_address, opcodes); }

    /// Replaces the program, keeping its memory.
    void assign(std::uint64_t start_address, std::span<const std::uint32_t> opcodes);

    std::uint64_t end() const { return start + 4 * code.size(); }
};

} // namespace mtecheck::model
