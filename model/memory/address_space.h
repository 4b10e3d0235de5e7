// SPDX-License-Identifier: Apache-2.0
//
// The address map that the host set up: what the translation tables say, as a table of regions. There is no table
// walk in the model; checks that do not depend on the tables' contents are in translation.h.
//
// Invariants: regions are sorted and do not overlap; what no region covers is unmapped at `gap_level`.
// The same tables serve all regimes; in single-range regimes only the lower half is used and AP[1] is ignored.
#pragma once

#include <cstdint>
#include <vector>

namespace mtecheck::model {

/// Memory types as MAIR_ELx.Attr<n> names them.
enum class MemoryKind : std::uint8_t {
    device,       ///< Device-nGnRnE
    noncacheable, ///< Normal, Non-cacheable
    write_back,   ///< Normal, Write-Back, Untagged
    tagged,       ///< Normal, Write-Back, Tagged
};

struct Region {
    std::uint64_t start = 0; ///< offset in its half of the address space
    std::uint64_t end = 0;   ///< past the last byte
    std::uint64_t pa = 0;    ///< of `start`
    bool lower = true;       ///< present in the lower half
    bool upper = true;       ///< present in the upper half
    bool mapped = true;
    bool reserved = false; ///< mapped, but not for tests: an access makes the run useless for comparison
    MemoryKind memory = MemoryKind::tagged;
    std::uint8_t ap = 1;    ///< AP[2:1] of the descriptor
    std::uint8_t level = 3; ///< of the descriptor, or of the Translation fault
};

class AddressSpace {
  public:
    AddressSpace() = default;
    /// Regions in any order. Throws std::invalid_argument if they overlap.
    AddressSpace(std::vector<Region> regions, std::uint8_t gap_level, unsigned pa_bits);

    /// The region of an offset in the lower or upper half; unmapped regions for gaps.
    const Region& find(bool upper, std::uint64_t offset) const;

    /// All regions of a half, in ascending order; they cover it.
    const std::vector<Region>& regions(bool upper) const { return halves_[upper ? 1 : 0]; }

    unsigned pa_bits() const { return pa_bits_; }

  private:
    std::vector<Region> halves_[2]; ///< complete: gaps are filled
    unsigned pa_bits_ = 48;         ///< PAMax
};

} // namespace mtecheck::model
