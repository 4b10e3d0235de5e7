// SPDX-License-Identifier: Apache-2.0
//
// Exception levels, Security state and translation regimes. AArch64 only. Exception levels are native numbers: the
// current one is split by cases (CurrentEL), what depends on HCR_EL2 and SCR_EL3 is decided.
#pragma once

#include "model/machine/machine.h"
#include "model/state/fields.h"
#include "model/state/proc_state.h"

namespace mtecheck::model {

inline constexpr unsigned EL0 = 0;
inline constexpr unsigned EL1 = 1;
inline constexpr unsigned EL2 = 2;
inline constexpr unsigned EL3 = 3;

/// Regime_EL3, Regime_EL2, Regime_EL20 and Regime_EL10.
enum class Regime : std::uint8_t { R3, R2, R20, R10 };

/// PSTATE.EL
template <class M>
unsigned CurrentEL(M& m) {
    return m.index(m.state.PSTATE.EL);
}

template <class M>
bool HaveEL(M& m, unsigned el) {
    switch (el) {
    case EL3: return m.have(spec::Feature::FEAT_EL3);
    case EL2: return m.have(spec::Feature::FEAT_EL2);
    default: return true;
    }
}

template <class M>
bool IsSecureEL2Enabled(M& m) {
    return HaveEL(m, EL2) && m.have(spec::Feature::FEAT_SEL2) && HaveEL(m, EL3) &&
           m.decide(spec::Decision::SecureEL2, SCR_EL3(m).EEL2() == 1);
}

template <class M>
bool EL2Enabled(M& m) {
    return HaveEL(m, EL2) &&
           (!HaveEL(m, EL3) || m.decide(spec::Decision::NonSecure, SCR_EL3(m).NS() == 1) || IsSecureEL2Enabled(m));
}

/// HCR_EL2.<E2H,TGE> == '11'
template <class M>
boolean<M> IsE2HTGE(M& m) {
    return (HCR_EL2(m).E2H() == 1) & (HCR_EL2(m).TGE() == 1);
}

template <class M>
bool ELIsInHost(M& m, unsigned el) {
    if (!m.have(spec::Feature::FEAT_VHE)) {
        return false;
    }
    switch (el) {
    case EL2: return EL2Enabled(m) && m.decide(spec::Decision::E2H, HCR_EL2(m).E2H() == 1);
    case EL0: return EL2Enabled(m) && m.decide(spec::Decision::HostEL0, IsE2HTGE(m));
    default: return false;
    }
}

template <class M>
bool IsInHost(M& m) {
    return ELIsInHost(m, CurrentEL(m));
}

/// The Exception level whose registers control stage 1 of `el`.
template <class M>
unsigned S1TranslationRegime(M& m, unsigned el) {
    if (el != EL0) {
        return el;
    }
    return ELIsInHost(m, EL0) ? EL2 : EL1;
}

template <class M>
Regime TranslationRegime(M& m, unsigned el) {
    switch (el) {
    case EL3: return Regime::R3;
    case EL2: return ELIsInHost(m, EL2) ? Regime::R20 : Regime::R2;
    case EL1: return Regime::R10;
    default: return ELIsInHost(m, EL0) ? Regime::R20 : Regime::R10;
    }
}

constexpr bool HasUnprivileged(Regime regime) { return regime == Regime::R20 || regime == Regime::R10; }

/// SCTLR[el], for the registers that have the same layout at all Exception levels.
template <class M>
bits<M, 64> SCTLR(M& m, unsigned el) {
    return el == EL3 ? m.state.SCTLR_EL3 : el == EL2 ? m.state.SCTLR_EL2 : m.state.SCTLR_EL1;
}

/// SCTLR[]: that of the current translation regime.
template <class M>
auto CurrentSCTLR(M& m) {
    return spec::fields::SCTLR_EL1<bits<M, 64>>{SCTLR(m, S1TranslationRegime(m, CurrentEL(m)))};
}

template <class M>
bool AlignmentEnforced(M& m) {
    return m.decide(spec::Decision::AlignmentEnforced, CurrentSCTLR(m).A() == 1);
}

} // namespace mtecheck::model
