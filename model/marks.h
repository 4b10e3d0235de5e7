// SPDX-License-Identifier: Apache-2.0
//
// What the architecture leaves open at the end of a run, as data: each Mark names a place in the final state, the
// rule that leaves it open, and which bits of it. A comparison accepts any value in the marked bits or, where
// `either` is set, exactly the model's value or the alternative.
//
// The other kind of freedom, a choice between whole outcomes, is a Choice (machine.choose): a comparison runs the
// model again with another answer.
#pragma once

#include <cstdint>

#include "model/machine/machine.h"
#include "spec/gen/dont_cares.h"
#include "spec/gen/registers.h"

namespace mtecheck::model {

/// A part of the architectural state.
struct Place {
    enum class Kind : std::uint8_t {
        general_register, ///< index: number
        simd_register,    ///< index: number
        system_register,  ///< index: spec::Reg
        nzcv,
        memory, ///< a byte at Mark::address
        tag,    ///< the allocation tag of the granule at Mark::address
    };

    Kind kind{};
    std::uint16_t index = 0;

    static constexpr Place general_register(unsigned n) {
        return {Kind::general_register, static_cast<std::uint16_t>(n)};
    }
    static constexpr Place simd_register(unsigned n) { return {Kind::simd_register, static_cast<std::uint16_t>(n)}; }
    static constexpr Place system_register(spec::Reg reg) {
        return {Kind::system_register, static_cast<std::uint16_t>(reg)};
    }
    static constexpr Place nzcv() { return {Kind::nzcv, 0}; }
    static constexpr Place memory() { return {Kind::memory, 0}; }
    static constexpr Place tag() { return {Kind::tag, 0}; }

    bool operator==(const Place&) const = default;
};

template <class M>
struct Mark {
    spec::DontCare reason{};
    Place place{};
    bool either = false;                ///< only the two values; else any value in the masked bits
    bits<M, 56> address = 0;            ///< physical, for memory and tag
    bits<M, 64> mask = ~bits<M, 64>(0); ///< the bits left open
    bits<M, 64> alternative = 0;
};

/// The place is UNKNOWN for the reason given.
template <class M>
void Unknown(M& m, spec::DontCare reason, Place place, bits<M, 64> mask = ~bits<M, 64>(0)) {
    Mark<M> mark;
    mark.reason = reason;
    mark.place = place;
    mark.mask = mask;
    m.unknown(mark);
}

} // namespace mtecheck::model
