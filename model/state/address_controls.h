// SPDX-License-Identifier: Apache-2.0
//
// How the top byte of an address is treated: TBI, TCMA and MTX of the half of the address space that bit 55 selects.
// Data accesses only.
#pragma once

#include "model/state/exception_level.h"

namespace mtecheck::model {

/// The two fields of a two-range regime, by bit 55.
template <class M>
bits<M, 1> OfHalf(bits<M, 64> address, bits<M, 1> upper, bits<M, 1> lower) {
    return select(slice<55, 55>(address) == 1, upper, lower);
}

/// EffectiveTBI(address, FALSE, el)
template <class M>
bits<M, 1> EffectiveTBI(M& m, bits<M, 64> address, unsigned el) {
    if (mutated(m, spec::Mutation::tbi_other_half)) {
        address = ~address;
    }
    switch (S1TranslationRegime(m, el)) {
    case EL1: {
        const auto tcr = TCR_EL1(m);
        return OfHalf<M>(address, tcr.TBI1(), tcr.TBI0());
    }
    case EL2:
        if (ELIsInHost(m, el)) {
            const auto tcr = TCR_EL2_E2H(m);
            return OfHalf<M>(address, tcr.TBI1(), tcr.TBI0());
        }
        return TCR_EL2(m).TBI();
    default: return TCR_EL3(m).TBI();
    }
}

/// EffectiveTCMA
template <class M>
bits<M, 1> EffectiveTCMA(M& m, bits<M, 64> address, unsigned el) {
    if (mutated(m, spec::Mutation::tcma_ignored)) {
        return bits<M, 1>(0);
    }
    if (mutated(m, spec::Mutation::tcma_other_half)) {
        address = ~address;
    }
    switch (S1TranslationRegime(m, el)) {
    case EL1: {
        const auto tcr = TCR_EL1(m);
        return OfHalf<M>(address, tcr.TCMA1(), tcr.TCMA0());
    }
    case EL2:
        if (ELIsInHost(m, el)) {
            const auto tcr = TCR_EL2_E2H(m);
            return OfHalf<M>(address, tcr.TCMA1(), tcr.TCMA0());
        }
        return TCR_EL2(m).TCMA();
    default: return TCR_EL3(m).TCMA();
    }
}

} // namespace mtecheck::model
