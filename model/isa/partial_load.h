// SPDX-License-Identifier: Apache-2.0
//
// Loads of several registers or elements: after a Data Abort in the middle, the destinations are UNKNOWN.
#pragma once

#include "model/exceptions/exceptions.h"
#include "model/marks.h"

namespace mtecheck::model {

/// Runs the accesses of a load; if one of them takes a Data Abort, runs `mark` for the destinations.
template <class Accesses, class Mark>
void LoadSeveral(Accesses&& accesses, Mark&& mark) {
    try {
        accesses();
    } catch (const ExceptionTaken&) {
        mark();
        throw;
    }
}

/// Two general registers. The base register keeps its value, whether or not it is also loaded.
template <class M, class Accesses>
void LoadGeneralPair(M& m, unsigned n, unsigned t, unsigned t2, Accesses&& accesses) {
    LoadSeveral(accesses, [&] {
        for (const unsigned destination : {t, t2}) {
            if (destination != n && destination != 31) {
                Unknown(m, spec::DontCare::PartialLoad, Place::general_register(destination));
            }
        }
    });
}

/// `count` SIMD&FP registers from t, wrapping around.
template <class M, class Accesses>
void LoadVectors(M& m, unsigned t, unsigned count, Accesses&& accesses) {
    LoadSeveral(accesses, [&] {
        for (unsigned index = 0; index < count; ++index) {
            Unknown(m, spec::DontCare::PartialLoad, Place::simd_register((t + index) % 32U));
        }
    });
}

} // namespace mtecheck::model
