// SPDX-License-Identifier: Apache-2.0
//
// What an instruction leaves alone: comparisons of whole states, for invariants that say "nothing else changes".
#pragma once

#include <initializer_list>

#include "model/state/proc_state.h"

namespace mtecheck::model::proofs {

/// General and stack pointer registers but those given; number 31 stands for all stack pointers.
template <class M>
boolean<M> SameRegisters(const ProcState<M>& a, const ProcState<M>& b, std::initializer_list<unsigned> but = {}) {
    boolean<M> same(true);
    const auto excepted = [&](unsigned n) {
        for (const unsigned e : but) {
            if (e == n) return true;
        }
        return false;
    };
    for (unsigned n = 0; n < a.x.size(); ++n) {
        if (!excepted(n)) same = same & (a.x[n] == b.x[n]);
    }
    for (unsigned el = 0; el < a.sp.size(); ++el) {
        if (!excepted(31)) same = same & (a.sp[el] == b.sp[el]);
    }
    return same;
}

template <class M>
boolean<M> SameNZCV(const ProcState<M>& a, const ProcState<M>& b) {
    return (a.PSTATE.N == b.PSTATE.N) & (a.PSTATE.Z == b.PSTATE.Z) & (a.PSTATE.C == b.PSTATE.C) &
           (a.PSTATE.V == b.PSTATE.V);
}

/// PSTATE but the condition flags.
template <class M>
boolean<M> SameControls(const ProcState<M>& a, const ProcState<M>& b) {
    const auto& p = a.PSTATE;
    const auto& q = b.PSTATE;
    return (p.EL == q.EL) & (p.SP == q.SP) & (p.TCO == q.TCO) & (p.PAN == q.PAN) & (p.UAO == q.UAO) & (p.D == q.D) &
           (p.A == q.A) & (p.I == q.I) & (p.F == q.F) & (p.DIT == q.DIT) & (p.SSBS == q.SSBS) & (p.BTYPE == q.BTYPE);
}

/// TFSRE0_EL1 and TFSR_ELx.
template <class M>
boolean<M> SameTFSR(const ProcState<M>& a, const ProcState<M>& b) {
    return (a.TFSRE0_EL1 == b.TFSRE0_EL1) & (a.TFSR_EL1 == b.TFSR_EL1) & (a.TFSR_EL2 == b.TFSR_EL2) &
           (a.TFSR_EL3 == b.TFSR_EL3);
}

/// SCTLR_ELx, TCR_ELx, HCR_EL2, SCR_EL3, GCR_EL1.
template <class M>
boolean<M> SameConfiguration(const ProcState<M>& a, const ProcState<M>& b) {
    return (a.SCTLR_EL1 == b.SCTLR_EL1) & (a.SCTLR_EL2 == b.SCTLR_EL2) & (a.SCTLR_EL3 == b.SCTLR_EL3) &
           (a.TCR_EL1 == b.TCR_EL1) & (a.TCR_EL2 == b.TCR_EL2) & (a.TCR_EL3 == b.TCR_EL3) & (a.HCR_EL2 == b.HCR_EL2) &
           (a.SCR_EL3 == b.SCR_EL3) & (a.GCR_EL1 == b.GCR_EL1);
}

} // namespace mtecheck::model::proofs
