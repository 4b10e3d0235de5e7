// SPDX-License-Identifier: Apache-2.0
//
// Loads of several registers or elements: after a Data Abort in the middle, the destinations are UNKNOWN
// (DestinationsOfAbortedLoadAreUnknown).
#pragma once

#include "model/machine/machine.h"
#include "model/state/proc_state.h"

namespace mtecheck::model {

/// Runs the accesses of a load; should one of them take a Data Abort, these are its destinations.
template <class M, class Accesses>
void LoadSeveral(M& m, const LoadInProgress& load, Accesses&& accesses) {
    m.state.load_in_progress = load;
    accesses();
    m.state.load_in_progress.count = 0;
}

/// Two general registers. The base register keeps its value, whether or not it is also loaded.
template <class M, class Accesses>
void LoadGeneralPair(M& m, unsigned n, unsigned t, unsigned t2, Accesses&& accesses) {
    LoadInProgress load;
    for (const unsigned destination : {t, t2}) {
        if (destination != n && destination != 31) {
            load.registers[load.count++] = static_cast<std::uint8_t>(destination);
        }
    }
    LoadSeveral(m, load, accesses);
}

/// Two SIMD&FP registers.
template <class M, class Accesses>
void LoadVectorPair(M& m, unsigned t, unsigned t2, Accesses&& accesses) {
    LoadSeveral(m,
                {.simd = true, .count = 2, .registers = {static_cast<std::uint8_t>(t), static_cast<std::uint8_t>(t2)}},
                accesses);
}

/// `count` SIMD&FP registers from t, wrapping around.
template <class M, class Accesses>
void LoadVectors(M& m, unsigned t, unsigned count, Accesses&& accesses) {
    LoadInProgress load{.simd = true, .count = static_cast<std::uint8_t>(count)};
    for (unsigned index = 0; index < count; ++index) {
        load.registers[index] = static_cast<std::uint8_t>((t + index) % 32U);
    }
    LoadSeveral(m, load, accesses);
}

} // namespace mtecheck::model
