// SPDX-License-Identifier: Apache-2.0
//
// What the code generator tells the state generator: which register plays which role at the first instruction, so
// that states make the code's addresses land where MTE is subtle instead of nowhere.
//
// The code generator follows every pointer through the code as "anchor plus a known number of bytes". The anchor is
// an address that the state chooses, anew for every state; the distance is the code's and the same for all states.
#pragma once

#include <array>
#include <cstdint>

#include <boost/container/static_vector.hpp>

namespace mtecheck::difftest {

inline constexpr std::uint8_t kStackPointer = 31;

struct PointerPlan {
    std::uint8_t reg = 0;          // general register, or kStackPointer
    std::int32_t displacement = 0; // anchor minus initial value
    std::uint8_t alignment = 1;    // bytes; what the most demanding access through it asks for
    std::uint8_t size = 0;         // of the longest access through it, as a power of 2; 4 if that is a granule or more
};

enum class Extend : std::uint8_t { none, unsigned_word, signed_word };

/// A register that is added to a base: small, after `extend` and a shift by at most `shift`.
struct IndexPlan {
    std::uint8_t reg = 0;
    Extend extend = Extend::none;
    std::uint8_t shift = 0;
};

/// What the other registers are good for.
enum class DataKind : std::uint8_t {
    any,
    tag_pointer,  // its logical tag matters (STG Xt, GMI, SUBP)
    exclude_mask, // bits 15:0 are a set of tags
    gcr,          // a value for GCR_EL1
    rgsr,         // a value for RGSR_EL1
    tfsr,         // a value for TFSR_ELx and TFSRE0_EL1
    tco,          // a value for TCO
    boolean,      // 0 or 1, for conditions on registers
};

/// A register that is to hold, in about half of the states, what memory holds at anchor + offset (CAS).
struct MemoryTie {
    std::uint8_t reg = 0;
    std::uint8_t pointer = 0; // index into SequencePlan::pointers
    std::int32_t offset = 0;
    std::uint8_t bytes = 0; // 1, 2, 4, 8
};

struct SequencePlan {
    boost::container::static_vector<PointerPlan, 8> pointers;
    boost::container::static_vector<IndexPlan, 3> indices;
    boost::container::static_vector<MemoryTie, 4> ties;
    std::array<DataKind, 31> data{};
    bool random_tags = false;  // GCR_EL1.RRND = 1
    bool uses_vectors = false; // SIMD&FP registers are read or written
    bool other_views = false;  // the code goes from one view of the arena to another
    bool one_tag = false;      // every state excludes all tags but one, or all
    bool at_edge = false;      // the code is about the edge of a page
};

} // namespace mtecheck::difftest
