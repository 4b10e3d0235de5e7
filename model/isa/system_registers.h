// SPDX-License-Identifier: Apache-2.0
//
// MRS and MSR of the registers of FEAT_MTE: who may access them, who traps, and what an access does. Each function
// mirrors the accessor of one register; spec/registers.json has the same rules as tables for people.
//
// Invariant: checks come first and take their exception; an access that comes back from them succeeds.
#pragma once

#include "model/exceptions/exceptions.h"
#include "model/isa/constrained.h"
#include "model/isa/tag_choice.h"
#include "model/state/async_faults.h"
#include "model/state/registers.h"
#include "spec/gen/registers.h"

namespace mtecheck::model {

inline constexpr unsigned EC_SystemRegisterTrap = 0x18;

// ----------------------------------------------------------------------------------------------- who may access

/// A register that is not there without `feature`.
template <class M>
void RequireFeature(M& m, spec::Feature feature) {
    if (!m.have(feature) && !mutated(m, spec::Mutation::absent_features_ignored)) Undefined(m);
}

/// "elsif EL2Enabled() && HCR_EL2.<E2H,TGE> != '11' && HCR_EL2.ATA == '0' then AArch64.SystemAccessTrap(EL2, 0x18)"
/// at EL1, and "elsif HaveEL(EL3) && SCR_EL3.ATA == '0' then AArch64.SystemAccessTrap(EL3, 0x18)" at EL1 and EL2.
template <class M>
void CheckAllocationTagAccessTraps(M& m, unsigned el) {
    if (mutated(m, spec::Mutation::scr_ata_trap_first) && el == EL1 && static_cast<bool>(SCR_EL3(m).ATA() == 0)) {
        SystemAccessTrap(m, EL3, EC_SystemRegisterTrap);
    }
    if (el == EL1 && mutated(m, spec::Mutation::no_tag_access_without_el2) && !EL2Enabled(m)) throw Breakdown{};
    if (el == EL1 && EL2Enabled(m) &&
        m.decide(spec::Decision::SysReg_HCR_ATA, (!IsE2HTGE(m)) & (HCR_EL2(m).ATA() == 0)) &&
        !mutated(m, spec::Mutation::hcr_ata_trap_missed)) {
        SystemAccessTrap(m, EL2, EC_SystemRegisterTrap);
    }
    if (el < EL3 && HaveEL(m, EL3) && m.decide(spec::Decision::SysReg_SCR_ATA, SCR_EL3(m).ATA() == 0) &&
        !mutated(m, spec::Mutation::scr_ata_trap_missed)) {
        SystemAccessTrap(m, EL3, EC_SystemRegisterTrap);
    }
}

/// GCR_EL1, RGSR_EL1, TFSRE0_EL1 and TFSR_EL1: UNDEFINED at EL0, otherwise subject to the ATA traps.
template <class M>
void CheckTagControlAccess(M& m, unsigned el, spec::Feature feature) {
    RequireFeature(m, feature);
    if (el == EL0 && !mutated(m, spec::Mutation::tag_registers_from_el0)) Undefined(m);
    CheckAllocationTagAccessTraps(m, el);
}

/// TFSR_EL12: only with EL2 as a host.
template <class M>
void CheckTFSR_EL12Access(M& m, unsigned el) {
    RequireFeature(m, spec::Feature::FEAT_MTE_ASYNC);
    RequireFeature(m, spec::Feature::FEAT_VHE);
    if (el < EL2) Undefined(m);
    if (!m.decide(spec::Decision::SysReg_E2H, boolean<M>(ELIsInHost(m, EL2))) &&
        !mutated(m, spec::Mutation::tfsr_el12_without_e2h)) {
        Undefined(m);
    }
    CheckAllocationTagAccessTraps(m, el);
}

/// TFSR_EL2 (from EL2) and TFSR_EL3 (from EL3).
template <class M>
void CheckTFSRAccess(M& m, unsigned el, unsigned lowest_el) {
    RequireFeature(m, spec::Feature::FEAT_MTE_ASYNC);
    if (el < lowest_el) Undefined(m);
    CheckAllocationTagAccessTraps(m, el);
}

/// Of the feature ID space, of which with FEAT_IDST every exception of a read is reported as of a System register
/// (ID_AA64MMFR2_EL1.IDS), also that of a register that is not there.
template <class M>
void CheckGMID_EL1Access(M& m, unsigned el, bool read) {
    const bool absent = !m.have(spec::Feature::FEAT_MTE2) && !mutated(m, spec::Mutation::absent_features_ignored);
    if (absent && read && m.have(spec::Feature::FEAT_IDST)) {
        SystemAccessTrap(m, RouteToEL1OrTGE(m), EC_SystemRegisterTrap);
    }
    RequireFeature(m, spec::Feature::FEAT_MTE2);
    if (!read) Undefined(m);
    if (el == EL0) {
        if (!m.have(spec::Feature::FEAT_IDST)) Undefined(m);
        const bool to_el2 = EL2Enabled(m) && m.decide(spec::Decision::GMID_EL0_TGE, HCR_EL2(m).TGE() == 1);
        SystemAccessTrap(m, to_el2 ? EL2 : EL1, EC_SystemRegisterTrap);
    }
    if (el == EL1 && EL2Enabled(m) && m.decide(spec::Decision::GMID_TID5, HCR_EL2(m).TID5() == 1) &&
        !mutated(m, spec::Mutation::gmid_trap_missed)) {
        SystemAccessTrap(m, EL2, EC_SystemRegisterTrap);
    }
}

// -------------------------------------------------------------------------------------------- what an access does

/// What a write of `value` leaves in a register whose bits outside `writable` are RES0. Whether those are hardwired
/// to 0 or keep what is written is IMPLEMENTATION DEFINED field by field.
template <class M>
bits<M, 64> WrittenValue(M& m, bits<M, 64> value, std::uint64_t writable) {
    const bits<M, 64> defined = value & bits<M, 64>(writable);
    if (defined == value) return value;
    switch (m.choose(spec::DontCare::ReservedBitsWritten, 3)) {
    case 0: return defined;
    case 1: return value;
    default: return ZeroExtend<64>(slice<31, 0>(value));
    }
}

/// The register behind the name TFSR_EL1: at EL2 with HCR_EL2.E2H = 1 it is TFSR_EL2.
template <class M>
unsigned RedirectedTFSR_EL1(M& m, unsigned el) {
    const bool redirected = el == EL2 && m.decide(spec::Decision::SysReg_E2H, boolean<M>(ELIsInHost(m, EL2)));
    return redirected && !mutated(m, spec::Mutation::tfsr_el1_not_redirected) ? EL2 : EL1;
}

/// The value that a write leaves in TFSR_EL[el], TFSRE0_EL1 for 0.
template <class M>
bits<M, 64> WrittenTFSR(M& m, unsigned el, bits<M, 64> value) {
    constexpr std::uint64_t writable[] = {spec::mask::TFSRE0_EL1, spec::mask::TFSR_EL1, spec::mask::TFSR_EL2_VHE,
                                          spec::mask::TFSR_EL3};
    // TFSR_EL2.TF1 is RES0 only while HCR_EL2.E2H is 0: such a bit keeps what is written.
    return WrittenValue(m, value, writable[el]);
}

/// Whether accesses to the register TCO are RAZ/WI: with FEAT_MTE but not FEAT_MTE2 they may be, PSTATE.TCO is not.
template <class M>
bool TCOIsRazWi(M& m) {
    return !m.have(spec::Feature::FEAT_MTE2) && m.choose(spec::DontCare::TagCheckOverrideWithoutMTE2, 2) == 0;
}

/// PSTATE.TCO = value, by MSR.
template <class M>
void SetTCO(M& m, bits<M, 1> value) {
    if (!TCOIsRazWi(m)) m.state.PSTATE.TCO = value;
}

/// DCZID_EL0: DZP says whether DC ZVA and its kind are prohibited at the current Exception level.
template <class M>
bits<M, 64> ReadDCZID_EL0(M& m, unsigned el) {
    boolean<M> prohibited(false);
    if (el == EL0) {
        const bool host = ELIsInHost(m, EL0);
        prohibited = (host ? SCTLR_EL2(m).DZE() : SCTLR_EL1(m).DZE()) == 0;
        if (!host && EL2Enabled(m)) prohibited = prohibited | (HCR_EL2(m).TDZ() == 1);
    } else if (el == EL1 && EL2Enabled(m)) {
        prohibited = HCR_EL2(m).TDZ() == 1;
    }
    const bits<M, 4> BS = spec::fields::DCZID_EL0<bits<M, 64>>{m.state.DCZID_EL0}.BS();
    return ZeroExtend<64>(concat(select(prohibited, bits<M, 1>(1), bits<M, 1>(0)), BS));
}

/// AArch64.SysRegRead
template <class M>
bits<M, 64> SysRegRead(M& m, spec::Reg reg) {
    const unsigned el = CurrentEL(m);
    switch (reg) {
    case spec::Reg::TCO:
        RequireFeature(m, spec::Feature::FEAT_MTE);
        if (el == EL0 && mutated(m, spec::Mutation::tco_undefined_at_el0)) Undefined(m);
        if (TCOIsRazWi(m)) return bits<M, 64>(0);
        return shift_left<spec::field::PSTATE_TCO::TCO.lo>(ZeroExtend<64>(m.state.PSTATE.TCO));
    case spec::Reg::NZCV: {
        const auto& pstate = m.state.PSTATE;
        const bits<M, 4> nzcv = concat(concat(pstate.N, pstate.Z), concat(pstate.C, pstate.V));
        return shift_left<spec::field::NZCV::V.lo>(ZeroExtend<64>(nzcv));
    }
    case spec::Reg::GCR_EL1: CheckTagControlAccess(m, el, spec::Feature::FEAT_MTE2); return m.state.GCR_EL1;
    case spec::Reg::RGSR_EL1: CheckTagControlAccess(m, el, spec::Feature::FEAT_MTE2); return ReadRGSR(m);
    case spec::Reg::TFSRE0_EL1: CheckTagControlAccess(m, el, spec::Feature::FEAT_MTE_ASYNC); return ReadTFSR(m, EL0);
    case spec::Reg::TFSR_EL1:
        CheckTagControlAccess(m, el, spec::Feature::FEAT_MTE_ASYNC);
        return ReadTFSR(m, RedirectedTFSR_EL1(m, el));
    case spec::Reg::TFSR_EL12:
        CheckTFSR_EL12Access(m, el);
        return ReadTFSR(m, mutated(m, spec::Mutation::tfsr_el12_wrong_el) ? EL2 : EL1);
    case spec::Reg::TFSR_EL2: CheckTFSRAccess(m, el, EL2); return HaveEL(m, EL2) ? ReadTFSR(m, EL2) : bits<M, 64>(0);
    case spec::Reg::TFSR_EL3: CheckTFSRAccess(m, el, EL3); return ReadTFSR(m, EL3);
    case spec::Reg::GMID_EL1: CheckGMID_EL1Access(m, el, true); return m.state.GMID_EL1;
    case spec::Reg::DCZID_EL0: return ReadDCZID_EL0(m, el);
    default: throw NotPredicted{"MRS of a register that the model does not have"};
    }
}

/// AArch64.SysRegWrite
template <class M>
void SysRegWrite(M& m, spec::Reg reg, bits<M, 64> value) {
    const unsigned el = CurrentEL(m);
    switch (reg) {
    case spec::Reg::TCO:
        RequireFeature(m, spec::Feature::FEAT_MTE);
        if (el == EL0 && mutated(m, spec::Mutation::tco_read_only_at_el0)) return;
        SetTCO(m, spec::fields::PSTATE_TCO<bits<M, 64>>{value}.TCO());
        return;
    case spec::Reg::NZCV: SetNZCV(m, slice<spec::field::NZCV::N.hi, spec::field::NZCV::V.lo>(value)); return;
    case spec::Reg::GCR_EL1:
        CheckTagControlAccess(m, el, spec::Feature::FEAT_MTE2);
        m.state.GCR_EL1 = WrittenValue(m, value, spec::mask::GCR_EL1);
        if (mutated(m, spec::Mutation::gcr_write_loses_rrnd)) {
            m.state.GCR_EL1 = WithField<spec::field::GCR_EL1::RRND>(m.state.GCR_EL1, bits<M, 1>(0));
        }
        return;
    case spec::Reg::RGSR_EL1:
        CheckTagControlAccess(m, el, spec::Feature::FEAT_MTE2);
        m.state.RGSR_EL1 = WrittenValue(m, value, spec::mask::RGSR_EL1);
        m.state.rgsr_implementation_defined = false;
        return;
    case spec::Reg::TFSRE0_EL1:
        CheckTagControlAccess(m, el, spec::Feature::FEAT_MTE_ASYNC);
        WriteTFSR(m, EL0, WrittenTFSR(m, EL0, value));
        return;
    case spec::Reg::TFSR_EL1: {
        CheckTagControlAccess(m, el, spec::Feature::FEAT_MTE_ASYNC);
        const unsigned written = RedirectedTFSR_EL1(m, el);
        WriteTFSR(m, written, WrittenTFSR(m, written, value));
        return;
    }
    case spec::Reg::TFSR_EL12: {
        CheckTFSR_EL12Access(m, el);
        const unsigned written = mutated(m, spec::Mutation::tfsr_el12_wrong_el) ? EL2 : EL1;
        WriteTFSR(m, written, WrittenTFSR(m, written, value));
        return;
    }
    case spec::Reg::TFSR_EL2:
        CheckTFSRAccess(m, el, EL2);
        if (HaveEL(m, EL2)) WriteTFSR(m, EL2, WrittenTFSR(m, EL2, value));
        return;
    case spec::Reg::TFSR_EL3:
        CheckTFSRAccess(m, el, EL3);
        WriteTFSR(m, EL3, WrittenTFSR(m, EL3, value));
        return;
    case spec::Reg::GMID_EL1: CheckGMID_EL1Access(m, el, false); return;
    case spec::Reg::DCZID_EL0: Undefined(m); // read-only
    default: throw NotPredicted{"MSR to a register that the model does not have"};
    }
}

} // namespace mtecheck::model
