// SPDX-License-Identifier: Apache-2.0
//
// The parts of the state of a PE that an invariant takes as arbitrary, by name: both readings of an invariant, and
// people who read a counterexample, know them under these names.
#pragma once

#include <cstdint>
#include <string>

#include "model/state/proc_state.h"

namespace mtecheck::model::proofs {

/// Where the instruction is: no instruction that is proved about looks at it.
inline constexpr std::uint64_t kInstructionAddress = 0x4000;

/// Calls give(name, value) for every register and field of PSTATE that may hold anything. Not for the PC.
template <class M, class Give>
void NameState(ProcState<M>& s, const Give& give) {
    for (unsigned n = 0; n < s.x.size(); ++n) give("X" + std::to_string(n), s.x[n]);
    for (unsigned el = 0; el < s.sp.size(); ++el) give("SP_EL" + std::to_string(el), s.sp[el]);
    for (unsigned n = 0; n < s.v.size(); ++n) give("V" + std::to_string(n), s.v[n]);
    struct Register {
        const char* name;
        bits<M, 64>& value;
    };
    for (const Register& r : {Register{"SCTLR_EL1", s.SCTLR_EL1},
                              {"SCTLR_EL2", s.SCTLR_EL2},
                              {"SCTLR_EL3", s.SCTLR_EL3},
                              {"TCR_EL1", s.TCR_EL1},
                              {"TCR_EL2", s.TCR_EL2},
                              {"TCR_EL3", s.TCR_EL3},
                              {"VBAR_EL1", s.VBAR_EL1},
                              {"VBAR_EL2", s.VBAR_EL2},
                              {"VBAR_EL3", s.VBAR_EL3},
                              {"HCR_EL2", s.HCR_EL2},
                              {"SCR_EL3", s.SCR_EL3},
                              {"CPACR_EL1", s.CPACR_EL1},
                              {"CPTR_EL2", s.CPTR_EL2},
                              {"CPTR_EL3", s.CPTR_EL3},
                              {"GCR_EL1", s.GCR_EL1},
                              {"RGSR_EL1", s.RGSR_EL1},
                              {"TFSRE0_EL1", s.TFSRE0_EL1},
                              {"TFSR_EL1", s.TFSR_EL1},
                              {"TFSR_EL2", s.TFSR_EL2},
                              {"TFSR_EL3", s.TFSR_EL3},
                              {"ESR_EL1", s.ESR_EL1},
                              {"ESR_EL2", s.ESR_EL2},
                              {"ESR_EL3", s.ESR_EL3},
                              {"FAR_EL1", s.FAR_EL1},
                              {"FAR_EL2", s.FAR_EL2},
                              {"FAR_EL3", s.FAR_EL3},
                              {"ELR_EL1", s.ELR_EL1},
                              {"ELR_EL2", s.ELR_EL2},
                              {"ELR_EL3", s.ELR_EL3},
                              {"SPSR_EL1", s.SPSR_EL1},
                              {"SPSR_EL2", s.SPSR_EL2},
                              {"SPSR_EL3", s.SPSR_EL3}}) {
        give(r.name, r.value);
    }
    auto& p = s.PSTATE;
    struct Bit {
        const char* name;
        bits<M, 1>& value;
    };
    for (const Bit& b : {Bit{"PSTATE.N", p.N},
                         {"PSTATE.Z", p.Z},
                         {"PSTATE.C", p.C},
                         {"PSTATE.V", p.V},
                         {"PSTATE.D", p.D},
                         {"PSTATE.A", p.A},
                         {"PSTATE.I", p.I},
                         {"PSTATE.F", p.F},
                         {"PSTATE.SP", p.SP},
                         {"PSTATE.TCO", p.TCO},
                         {"PSTATE.PAN", p.PAN},
                         {"PSTATE.UAO", p.UAO},
                         {"PSTATE.DIT", p.DIT},
                         {"PSTATE.SSBS", p.SSBS}}) {
        give(b.name, b.value);
    }
    give("PSTATE.EL", p.EL);
    give("PSTATE.BTYPE", p.BTYPE);
}

} // namespace mtecheck::model::proofs
