// SPDX-License-Identifier: Apache-2.0
//
// Synchronous exceptions: their syndromes, their routing, and what taking one does to the state.
//
// Invariant: every function here that takes an exception ends the instruction by m.end_instruction(), after the
// state is that at the first instruction of the vector.
#pragma once

#include "model/exceptions/take_exception.h"

namespace mtecheck::model {

/// AArch64.UndefinedFault: the instruction is UNDEFINED at the current Exception level.
template <class M>
[[noreturn]] void Undefined(M& m) {
    TakeException(m, RouteToEL1OrTGE(m), ExceptionSyndrome<M>(Exception::Uncategorized), ThisInstrAddr(m));
}

/// AArch64.SystemAccessTrap: `ec` as in AArch64.SystemAccessTrapSyndrome, of which 0x07 and 0x18 are needed here.
template <class M>
[[noreturn]] void SystemAccessTrap(M& m, unsigned target_el, unsigned ec) {
    if (ec == 0x07) {
        auto except = ExceptionSyndrome<M>(Exception::AdvSIMDFPAccessTrap);
        except.syndrome = with_slice<24, 20>(except.syndrome, bits<M, 5>(0b11110)); // CV = 1, COND = AL
        TakeException(m, target_el, except, ThisInstrAddr(m));
    }
    auto except = ExceptionSyndrome<M>(Exception::SystemRegisterTrap);
    const bits<M, 32> instr = m.opcode;
    spec::fields::SystemRegisterISS<bits<M, 25>> iss{bits<M, 25>(0)};
    iss.set_Op0(slice<20, 19>(instr));
    iss.set_Op2(slice<7, 5>(instr));
    iss.set_Op1(slice<18, 16>(instr));
    iss.set_CRn(slice<15, 12>(instr));
    iss.set_Rt(slice<4, 0>(instr));
    iss.set_CRm(slice<11, 8>(instr));
    const bits<M, 1> direction = slice<21, 21>(instr);
    iss.set_Direction(mutated(m, spec::Mutation::trap_direction_inverted) ? ~direction : direction);
    except.syndrome = iss.value;
    TakeException(m, target_el, except, ThisInstrAddr(m));
}

/// AArch64.CallSupervisor
template <class M>
[[noreturn]] void CallSupervisor(M& m, bits<M, 16> immediate) {
    auto except = ExceptionSyndrome<M>(Exception::SupervisorCall);
    except.syndrome = ZeroExtend<25>(immediate);
    TakeException(m, RouteToEL1OrTGE(m), except, NextInstrAddr(m));
}

/// AArch64.SPAlignmentFault
template <class M>
[[noreturn]] void SPAlignmentFault(M& m) {
    TakeException(m, RouteToEL1OrTGE(m), ExceptionSyndrome<M>(Exception::SPAlignment), ThisInstrAddr(m));
}

constexpr spec::Reg SPSRName(unsigned el) {
    return el == EL1 ? spec::Reg::SPSR_EL1 : el == EL2 ? spec::Reg::SPSR_EL2 : spec::Reg::SPSR_EL3;
}

/// AArch64.CheckIllegalState: no instruction is executed while PSTATE.IL is 1.
template <class M>
void CheckIllegalState(M& m) {
    if (static_cast<bool>(m.state.PSTATE.IL == 0) || mutated(m, spec::Mutation::illegal_state_ignored)) return;
    const unsigned target_el = RouteToEL1OrTGE(m);
    if (m.state.illegal_return) {
        namespace field = spec::field::SPSR_ELx;
        Unknown(m, spec::DontCare::IllegalReturnTCO, Place::system_register(SPSRName(target_el)),
                bits<M, 64>(field::TCO.mask() | field::DIT.mask() | field::UAO.mask() | field::SSBS.mask() |
                            field::BTYPE.mask()));
    }
    TakeException(m, target_el, ExceptionSyndrome<M>(Exception::IllegalState), ThisInstrAddr(m));
}

/// CheckSPAlignment
template <class M>
void CheckSPAlignment(M& m) {
    const unsigned el = CurrentEL(m);
    const auto sctlr = CurrentSCTLR(m);
    const bool stack_align_check =
        m.decide(spec::Decision::StackAlignCheck, (el == EL0 ? sctlr.SA0() : sctlr.SA()) == 1);
    if (stack_align_check && m.decide(spec::Decision::StackMisaligned, !IsAligned<16>(SP(m))) &&
        !mutated(m, spec::Mutation::sp_misalignment_ignored)) {
        SPAlignmentFault(m);
    }
}

/// CheckFPAdvSIMDEnabled64
template <class M>
void CheckFPAdvSIMDEnabled64(M& m) {
    const unsigned el = CurrentEL(m);
    if (el <= EL1 && !IsInHost(m)) {
        const unsigned fpen = m.index(spec::fields::CPACR_EL1<bits<M, 64>>{m.state.CPACR_EL1}.FPEN());
        if (fpen == 0 || fpen == 2 || (fpen == 1 && el == EL0)) {
            SystemAccessTrap(m, RouteToEL1OrTGE(m), 0x07);
        }
    }
    if (el <= EL2 && EL2Enabled(m)) {
        if (m.have(spec::Feature::FEAT_VHE) && m.decide(spec::Decision::E2H, HCR_EL2(m).E2H() == 1) &&
            !mutated(m, spec::Mutation::cptr_el2_fpen_ignored)) {
            const unsigned fpen = m.index(spec::fields::CPTR_EL2_VHE<bits<M, 64>>{m.state.CPTR_EL2}.FPEN());
            const bool tge = m.decide(spec::Decision::TrapGeneralExceptions, HCR_EL2(m).TGE() == 1);
            if (fpen == 0 || fpen == 2 || (fpen == 1 && el == EL0 && tge)) {
                SystemAccessTrap(m, EL2, 0x07);
            }
        } else if (m.decide(spec::Decision::CPTR_EL2_TFP,
                            spec::fields::CPTR_EL2<bits<M, 64>>{m.state.CPTR_EL2}.TFP() == 1)) {
            SystemAccessTrap(m, EL2, 0x07);
        }
    }
    if (HaveEL(m, EL3) &&
        m.decide(spec::Decision::CPTR_EL3_TFP, spec::fields::CPTR_EL3<bits<M, 64>>{m.state.CPTR_EL3}.TFP() == 1)) {
        SystemAccessTrap(m, EL3, 0x07);
    }
}

} // namespace mtecheck::model
