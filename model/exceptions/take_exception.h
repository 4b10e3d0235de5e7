// SPDX-License-Identifier: Apache-2.0
//
// Taking an exception to AArch64: the exception record, the syndrome registers, the new PSTATE and the vector.
#pragma once

#include <cstdint>

#include "model/memory/alignment.h"
#include "model/state/async_faults.h"
#include "model/state/registers.h"

namespace mtecheck::model {

enum class Exception : std::uint8_t {
    Uncategorized,
    AdvSIMDFPAccessTrap,
    SupervisorCall,
    SystemRegisterTrap,
    DataAbort,
    SPAlignment,
    IllegalState,
};

template <class M>
struct ExceptionRecord {
    Exception exceptype{};
    bits<M, 25> syndrome = 0;
    bits<M, 24> syndrome2 = 0;
    bits<M, 64> vaddress = 0;
};

template <class M>
ExceptionRecord<M> ExceptionSyndrome(Exception exceptype) {
    ExceptionRecord<M> result;
    result.exceptype = exceptype;
    return result;
}

/// AArch64.ExceptionClass, from AArch64 state. IL is 1 for all of them: an instruction has 32 bits.
constexpr unsigned ExceptionClass(Exception exceptype, bool same_el) {
    switch (exceptype) {
    case Exception::AdvSIMDFPAccessTrap: return 0x07;
    case Exception::IllegalState: return 0x0e;
    case Exception::SupervisorCall: return 0x15;
    case Exception::SystemRegisterTrap: return 0x18;
    case Exception::DataAbort: return same_el ? 0x25 : 0x24;
    case Exception::SPAlignment: return 0x26;
    default: return 0x00;
    }
}

/// GetPSRFromPSTATE, for AArch64.
template <class M>
bits<M, 64> GetPSRFromPSTATE(M& m) {
    const ProcessState<M>& pstate = m.state.PSTATE;
    spec::fields::SPSR_ELx<bits<M, 64>> spsr{bits<M, 64>(0)};
    spsr.set_N(pstate.N);
    spsr.set_Z(pstate.Z);
    spsr.set_C(pstate.C);
    spsr.set_V(pstate.V);
    spsr.set_PAN(pstate.PAN);
    const bool has_tco = m.have(spec::Feature::FEAT_MTE) || mutated(m, spec::Mutation::absent_features_ignored);
    if (has_tco && !mutated(m, spec::Mutation::spsr_tco_lost)) {
        spsr.set_TCO(pstate.TCO);
    }
    spsr.set_DIT(pstate.DIT);
    spsr.set_UAO(pstate.UAO);
    spsr.set_IL(pstate.IL);
    spsr.set_SSBS(pstate.SSBS);
    spsr.set_BTYPE(pstate.BTYPE);
    spsr.set_D(pstate.D);
    spsr.set_A(pstate.A);
    spsr.set_I(pstate.I);
    spsr.set_F(pstate.F);
    spsr.set_M(concat(pstate.EL, concat(bits<M, 1>(0), pstate.SP)));
    return spsr.value;
}

/// AArch64.ReportException
template <class M>
void ReportException(M& m, const ExceptionRecord<M>& except, unsigned target_el) {
    const unsigned ec = ExceptionClass(except.exceptype, target_el == CurrentEL(m));
    spec::fields::ESR_ELx<bits<M, 64>> esr{bits<M, 64>(0)};
    esr.set_ISS2(except.syndrome2);
    esr.set_EC(bits<M, 6>(ec));
    esr.set_IL(bits<M, 1>(1));
    esr.set_ISS(except.syndrome);
    const bool data_abort = except.exceptype == Exception::DataAbort;
    if (data_abort && mutated(m, spec::Mutation::esr_sign_extended) &&
        static_cast<bool>(slice<5, 0>(except.syndrome) == 0b010001)) {
        esr.value = SignExtend<64>(slice<31, 0>(esr.value));
    }
    const bool writes_far = data_abort;
    switch (target_el) {
    case EL1:
        m.state.ESR_EL1 = esr.value;
        if (writes_far) m.state.FAR_EL1 = except.vaddress;
        break;
    case EL2:
        m.state.ESR_EL2 = esr.value;
        if (writes_far) m.state.FAR_EL2 = except.vaddress;
        break;
    default:
        m.state.ESR_EL3 = esr.value;
        if (writes_far) m.state.FAR_EL3 = except.vaddress;
        break;
    }
}

/// The routing of exceptions that go to EL1 from EL0, unless HCR_EL2.TGE redirects them, and that stay at the
/// current Exception level from EL1 upwards.
template <class M>
unsigned RouteToEL1OrTGE(M& m) {
    const unsigned el = CurrentEL(m);
    if (el > EL1) {
        return el;
    }
    if (el == EL0 && EL2Enabled(m) && m.decide(spec::Decision::TrapGeneralExceptions, HCR_EL2(m).TGE() == 1)) {
        return EL2;
    }
    return EL1;
}

/// Whether exception entry and exception return change PSTATE.TCO. A defective implementation does so only where tags
/// can be checked.
template <class M>
bool ChangesTCO(M& m) {
    if (!m.have(spec::Feature::FEAT_MTE)) return false;
    return m.have(spec::Feature::FEAT_MTE2) || !mutated(m, spec::Mutation::tco_needs_mte2);
}

/// AArch64.TakeException
template <class M>
[[noreturn]] void TakeException(M& m, unsigned target_el, const ExceptionRecord<M>& except,
                                bits<M, 64> preferred_exception_return) {
    ProcState<M>& state = m.state;
    ProcessState<M>& pstate = state.PSTATE;

    unsigned vect_offset = 0;
    if (target_el > CurrentEL(m)) {
        vect_offset = 0x400;
    } else if (m.index(pstate.SP) == 1) {
        vect_offset = 0x200;
    }

    SynchronizeTagCheckFaultsOnEntry(m, target_el);
    const bits<M, 64> spsr = GetPSRFromPSTATE(m);
    ReportException(m, except, target_el);

    pstate.EL = bits<M, 2>(target_el);
    pstate.SP = bits<M, 1>(1);
    bits<M, 64> vbar = 0;
    switch (target_el) {
    case EL1:
        state.SPSR_EL1 = spsr;
        state.ELR_EL1 = preferred_exception_return;
        vbar = state.VBAR_EL1;
        break;
    case EL2:
        state.SPSR_EL2 = spsr;
        state.ELR_EL2 = preferred_exception_return;
        vbar = state.VBAR_EL2;
        break;
    default:
        state.SPSR_EL3 = spsr;
        state.ELR_EL3 = preferred_exception_return;
        vbar = state.VBAR_EL3;
        break;
    }

    const auto sctlr = CurrentSCTLR(m);
    pstate.D = pstate.A = pstate.I = pstate.F = bits<M, 1>(1);
    if (target_el == EL1 || (target_el == EL2 && ELIsInHost(m, EL0))) {
        pstate.PAN = select(sctlr.SPAN() == 0, bits<M, 1>(1), pstate.PAN);
    }
    if (mutated(m, spec::Mutation::nzcv_cleared_on_exception)) {
        pstate.N = pstate.Z = pstate.C = pstate.V = bits<M, 1>(0);
    }
    pstate.UAO = bits<M, 1>(0);
    pstate.BTYPE = bits<M, 2>(0);
    pstate.IL = bits<M, 1>(0);
    pstate.SSBS = sctlr.DSSBS();
    if (ChangesTCO(m) && !mutated(m, spec::Mutation::tco_not_set_on_exception)) {
        pstate.TCO = mutated(m, spec::Mutation::tco_cleared_on_exception) ? bits<M, 1>(0) : bits<M, 1>(1);
    }
    state.pc = concat(slice<63, 11>(vbar), bits<M, 11>(vect_offset));

    m.exception = {.taken = true,
                   .to_el = static_cast<std::uint8_t>(target_el),
                   .vector = static_cast<std::uint16_t>(vect_offset),
                   .far_valid = except.exceptype == Exception::DataAbort};
    m.end_instruction();
}

} // namespace mtecheck::model
