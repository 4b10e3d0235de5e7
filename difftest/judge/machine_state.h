// SPDX-License-Identifier: Apache-2.0
//
// Which part of a machine's state each field of a Configuration, a State or an Outcome is: the lists by which cases go
// into a machine of the model and come back, whatever its values are.
#pragma once

#include <cstddef>

namespace mtecheck::difftest {

/// f(of the machine, of the configuration) for each field of a Configuration.
template <class MachineState, class Config, class F>
void each_control(MachineState& s, Config& c, F&& f) {
    f(s.PSTATE.EL, c.el);
    f(s.PSTATE.SP, c.spsel);
    f(s.PSTATE.TCO, c.tco);
    f(s.PSTATE.PAN, c.pan);
    f(s.PSTATE.UAO, c.uao);
    f(s.SCTLR_EL1, c.sctlr[1]);
    f(s.SCTLR_EL2, c.sctlr[2]);
    f(s.SCTLR_EL3, c.sctlr[3]);
    f(s.TCR_EL1, c.tcr[1]);
    f(s.TCR_EL2, c.tcr[2]);
    f(s.TCR_EL3, c.tcr[3]);
    f(s.VBAR_EL1, c.vbar[1]);
    f(s.VBAR_EL2, c.vbar[2]);
    f(s.VBAR_EL3, c.vbar[3]);
    f(s.ELR_EL1, c.elr[1]);
    f(s.ELR_EL2, c.elr[2]);
    f(s.SPSR_EL1, c.spsr[1]);
    f(s.SPSR_EL2, c.spsr[2]);
    f(s.HCR_EL2, c.hcr_el2);
    f(s.SCR_EL3, c.scr_el3);
    f(s.CPACR_EL1, c.cpacr_el1);
    f(s.CPTR_EL2, c.cptr_el2);
    f(s.CPTR_EL3, c.cptr_el3);
    f(s.GMID_EL1, c.gmid_el1);
    f(s.DCZID_EL0, c.dczid_el0);
}

/// f(of the machine, of the state) for each register of 64 bits in a State or an Outcome. NZCV and SIMD&FP registers
/// have another shape there.
template <class MachineState, class StateOfCase, class F>
void each_register(MachineState& s, StateOfCase& state, F&& f) {
    for (std::size_t n = 0; n < state.x.size(); ++n) f(s.x[n], state.x[n]);
    for (std::size_t el = 0; el < state.sp.size(); ++el) f(s.sp[el], state.sp[el]);
    f(s.GCR_EL1, state.gcr_el1);
    f(s.RGSR_EL1, state.rgsr_el1);
    f(s.TFSRE0_EL1, state.tfsre0_el1);
    f(s.TFSR_EL1, state.tfsr[1]);
    f(s.TFSR_EL2, state.tfsr[2]);
    f(s.TFSR_EL3, state.tfsr[3]);
}

} // namespace mtecheck::difftest
