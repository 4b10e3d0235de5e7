// SPDX-License-Identifier: Apache-2.0
//
// Allocation Tags where no memory is: only the deliberate fault tags_without_memory stores and finds such, in a table
// by address that no translation leads to.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "model/exceptions/not_predicted.h"
#include "model/memory/alignment.h"

namespace mtecheck::model {

template <class M>
struct TagsWithoutMemory {
    std::array<bits<M, 64>, 8> granules{}; ///< the address of one, without its top byte, and in bits 3:0 its tag
    std::uint8_t count = 0;

    std::optional<bits<M, 4>> find(bits<M, 64> vaddr) const {
        const auto place = place_of(vaddr);
        if (!place) return std::nullopt;
        return slice<3, 0>(granules[*place]);
    }

    void store(bits<M, 64> vaddr, bits<M, 4> tag) {
        std::size_t place = count;
        if (const auto known = place_of(vaddr)) {
            place = *known;
        } else if (count == granules.size()) {
            throw NotPredicted{"more tags where no memory is than the deliberate fault keeps"};
        } else {
            ++count;
        }
        granules[place] = granule(vaddr) | ZeroExtend<64>(tag);
    }

  private:
    static constexpr unsigned granule_bytes = 16;
    static bits<M, 64> granule(bits<M, 64> vaddr) { return Align<granule_bytes>(ZeroExtend<64>(slice<55, 0>(vaddr))); }

    std::optional<std::size_t> place_of(bits<M, 64> vaddr) const {
        for (std::size_t i = 0; i < count; ++i) {
            if (static_cast<bool>(Align<granule_bytes>(granules[i]) == granule(vaddr))) return i;
        }
        return std::nullopt;
    }
};

} // namespace mtecheck::model
