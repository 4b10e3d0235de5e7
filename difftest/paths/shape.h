// SPDX-License-Identifier: Apache-2.0
//
// The code of which paths are enumerated: an instruction with operands that are all there is to know of them for a
// path, the instructions around it that let it show what it does, and where in a page it accesses memory.
//
// Register numbers, immediates and other selectors are one choice that stands for all, chosen so that registers do not
// overlap and the instruction is not UNDEFINED; operands that are UNDEFINED or CONSTRAINED UNPREDICTABLE and the stack
// pointer as base are shapes of their own. So are variants, in which other values are most easily taken wrong: register
// 31 where it is not the base, immediates at their ends, and the selection that accesses most memory. The position of
// an access is one of a few: aligned, unaligned within a granule, across the end of a granule, across the end of a
// page; in the middle, and off by one. Where exactly an access crosses is no decision of the pseudocode.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "spec/gen/isa.h"

namespace mtecheck::difftest {

inline constexpr unsigned kNoBase = 32;

struct Shape {
    std::vector<std::uint32_t> code;
    std::size_t subject = 0;       ///< the instruction whose paths are meant
    unsigned base = kNoBase;       ///< register of the address; 31 is SP
    std::uint64_t offset = 0;      ///< of the first byte that is accessed from the base register
    unsigned index = kNoBase;      ///< register that is added to the base
    std::uint64_t index_value = 0; ///< its value
    unsigned place = 0;            ///< bits 11:0 of the address of the first byte
    bool uses_simd = false;        ///< SIMD&FP registers are read or written
    bool ordinary = true;          ///< for all configuration classes; otherwise for those that stand for all
    bool variant = false;          ///< other operands of the same: what a path does with them is worth a case each

    bool stack_pointer() const { return base == 31; }
};

/// All shapes of an encoding. Empty: it has no paths that a case can take (why is in `reason`).
struct Shapes {
    std::vector<Shape> shapes;
    std::string reason;
};

Shapes shapes_of(const spec::EncodingInfo& info);

} // namespace mtecheck::difftest
