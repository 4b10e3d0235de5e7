// SPDX-License-Identifier: Apache-2.0
//
// Exception return to AArch64: what SPSR_ELx says of the state to go on in, and whether that is legal.
//
// A return to AArch32 is out of the model's scope, and so is PSTATE.BTYPE other than 0, which says something about
// guarded pages only. SPSR_ELx.SS has no meaning while no debug exception is enabled.
#pragma once

#include "model/exceptions/not_predicted.h"
#include "model/exceptions/take_exception.h"
#include "model/memory/exclusive_monitors.h"
#include "model/state/address_controls.h"

namespace mtecheck::model {

template <class M>
using SavedState = spec::fields::SPSR_ELx<bits<M, 64>>;

/// ELR_ELx of the current Exception level.
template <class M>
bits<M, 64> ELR(M& m) {
    const unsigned el = CurrentEL(m);
    return el == EL1 ? m.state.ELR_EL1 : el == EL2 ? m.state.ELR_EL2 : m.state.ELR_EL3;
}

/// SPSR_ELx of the current Exception level.
template <class M>
SavedState<M> SPSR(M& m) {
    const unsigned el = CurrentEL(m);
    return {el == EL1 ? m.state.SPSR_EL1 : el == EL2 ? m.state.SPSR_EL2 : m.state.SPSR_EL3};
}

/// ELFromSPSR, which says whether M<3:0> names an Exception level to return to.
template <class M>
bool ValidName(M& m, unsigned el, bits<M, 4> mode) {
    if (!HaveEL(m, el)) return false;
    const boolean<M> reserved = slice<1, 1>(mode) == 1;
    const boolean<M> handler = slice<0, 0>(mode) == 1;
    const bool disabled = el == EL2 && !EL2Enabled(m);
    return !m.decide(spec::Decision::ReturnNamesNoLevel,
                     reserved | (handler & boolean<M>(el == EL0)) | boolean<M>(disabled));
}

/// IllegalExceptionReturn
template <class M>
bool IllegalExceptionReturn(M& m, const SavedState<M>& spsr) {
    const unsigned target = m.index(slice<3, 2>(spsr.M()));
    if (!ValidName(m, target, spsr.M())) return true;
    if (m.decide(spec::Decision::ReturnToHigherLevel, boolean<M>(target > CurrentEL(m)))) return true;
    return target == EL1 && EL2Enabled(m) && m.decide(spec::Decision::ReturnToEL1OfHost, HCR_EL2(m).TGE() == 1);
}

/// SetPSTATEFromPSR
template <class M>
void SetPSTATEFromPSR(M& m, const SavedState<M>& spsr, bool illegal_psr_state) {
    ProcessState<M>& pstate = m.state.PSTATE;
    if (illegal_psr_state) {
        pstate.IL = bits<M, 1>(1); // and SSBS, BTYPE, UAO, DIT and TCO are UNKNOWN: see CheckIllegalState
    } else {
        pstate.IL = bits<M, 1>(m.decide(spec::Decision::ReturnInIllegalState, spsr.IL() == 1) ? 1 : 0);
        pstate.EL = slice<3, 2>(spsr.M());
        pstate.SP = slice<0, 0>(spsr.M());
        pstate.BTYPE = spsr.BTYPE();
        pstate.SSBS = spsr.SSBS();
        if (m.have(spec::Feature::FEAT_UAO)) pstate.UAO = spsr.UAO();
        pstate.DIT = spsr.DIT();
        if (ChangesTCO(m) && !mutated(m, spec::Mutation::tco_not_restored_on_return)) {
            pstate.TCO = mutated(m, spec::Mutation::tco_cleared_on_return) ? bits<M, 1>(0) : spsr.TCO();
        }
    }
    m.state.illegal_return = illegal_psr_state;
    pstate.N = spsr.N();
    pstate.Z = spsr.Z();
    pstate.C = spsr.C();
    pstate.V = spsr.V();
    if (m.have(spec::Feature::FEAT_PAN) &&
        !(illegal_psr_state && mutated(m, spec::Mutation::illegal_return_keeps_pan))) {
        pstate.PAN = spsr.PAN();
    }
    pstate.D = spsr.D();
    pstate.A = spsr.A();
    pstate.I = spsr.I();
    pstate.F = spsr.F();
}

/// AArch64.BranchAddr for an address that is canonical without its top byte. (TBID is of FEAT_PAuth.)
template <class M>
bits<M, 64> BranchAddr(M& m, bits<M, 64> vaddress, unsigned el) {
    const bits<M, 1> tbi = EffectiveTBI(m, vaddress, el);
    const bool two_ranges = HasUnprivileged(TranslationRegime(m, el));
    const bits<M, 56> low = slice<55, 0>(vaddress);
    return select(tbi == 1, two_ranges ? SignExtend<64>(low) : ZeroExtend<64>(low), vaddress);
}

/// AArch64.ExceptionReturn
template <class M>
void AArch64_ExceptionReturn(M& m, bits<M, 64> new_pc, const SavedState<M>& spsr) {
    if (static_cast<bool>(spsr.M4() == 1)) throw NotPredicted{"an exception return to AArch32 state"};
    const bool illegal_psr_state = IllegalExceptionReturn(m, spsr);
    if (!illegal_psr_state && static_cast<bool>(!IsZero(spsr.BTYPE()))) {
        throw NotPredicted{"an exception return that sets PSTATE.BTYPE"};
    }
    SetPSTATEFromPSR(m, spsr, illegal_psr_state);
    if (!mutated(m, spec::Mutation::return_keeps_exclusive_monitor)) ClearExclusiveLocal(m);
    BranchTo(m, BranchAddr(m, new_pc, CurrentEL(m)));
}

} // namespace mtecheck::model
