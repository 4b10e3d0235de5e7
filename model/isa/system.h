// SPDX-License-Identifier: Apache-2.0
//
// System instructions: moves to and from system registers, cache operations, barriers and hints.
#pragma once

#include "model/isa/arithmetic.h"
#include "model/isa/system_registers.h"
#include "model/memory/memory.h"
#include "spec/gen/isa_classes.h"

namespace mtecheck::model {

// ------------------------------------------------------------------------------------------------------ registers

template <class M>
void MoveSystemRegister(M& m, const spec::MoveSystemRegister<bits<M, 32>>& i) {
    const unsigned t = m.index(i.Rt());
    const std::optional<spec::Reg> reg = spec::decode_register(spec::SystemRegisterKey::of(
        2 + m.index(i.o0()), m.index(i.op1()), m.index(i.CRn()), m.index(i.CRm()), m.index(i.op2())));
    if (!reg) throw NotPredicted{"a system register that is not in the tables"};
    if (i.read) {
        X_set<64>(m, t, SysRegRead(m, *reg));
    } else {
        SysRegWrite(m, *reg, X<64>(m, t));
    }
}

/// MSR (immediate)
template <class M>
void MovePstateImmediate(M& m, const spec::MovePstateImmediate<bits<M, 32>>& i) {
    switch (i.field) {
    case spec::PSTATEField::TCO: {
        bits<M, 1> value = slice<0, 0>(i.CRm());
        if (mutated(m, spec::Mutation::tco_immediate_of_any_bit)) value = bits<M, 1>(IsZero(i.CRm()) ? 0 : 1);
        SetTCO(m, value);
        break;
    }
    }
}

// ------------------------------------------------------------------------------------------------ cache operations

/// The traps of cache operations that EL0 may be allowed: by SCTLR_ELx (`enabled`: UCI or DZE is 1) at EL0, and by
/// HCR_EL2 (`trapped`: TPCP, TPU or TDZ is 1) at EL0 and EL1.
template <class M>
void CheckCacheOperationFromEL0(M& m, unsigned el, spec::Decision disabled, boolean<M> enabled_by_el1,
                                boolean<M> enabled_by_el2, spec::Decision trap, boolean<M> trapped) {
    if (el > EL1) return;
    if (el == EL0 && ELIsInHost(m, EL0)) {
        if (m.decide(disabled, !enabled_by_el2)) SystemAccessTrap(m, EL2, EC_SystemRegisterTrap);
        return;
    }
    if (el == EL0 && m.decide(disabled, !enabled_by_el1)) {
        const bool to_el2 = EL2Enabled(m) && m.decide(spec::Decision::TrapGeneralExceptions, HCR_EL2(m).TGE() == 1);
        SystemAccessTrap(m, to_el2 ? EL2 : EL1, EC_SystemRegisterTrap);
    }
    if (EL2Enabled(m) && m.decide(trap, trapped)) SystemAccessTrap(m, EL2, EC_SystemRegisterTrap);
}

/// DC ZVA, DC GVA, DC GZVA
template <class M>
void DataCacheZero(M& m, const spec::DataCacheZero<bits<M, 32>>& i) {
    CheckCacheOperationFromEL0(m, CurrentEL(m), spec::Decision::SCTLR_DZE, SCTLR_EL1(m).DZE() == 1,
                               SCTLR_EL2(m).DZE() == 1, spec::Decision::HCR_TDZ, HCR_EL2(m).TDZ() == 1);
    if (i.cachetype == CacheType::Tag && mutated(m, spec::Mutation::dc_gva_ignored)) return;
    MemZero(m, X<64>(m, m.index(i.Rt())), i.cachetype);
}

/// Data and tag cache maintenance by virtual address and by set and way. Only EL1 and up may invalidate without
/// cleaning, or work by set and way.
template <class M>
void DataCacheMaintenance(M& m, const spec::DataCacheMaintenance<bits<M, 32>>& i) {
    const unsigned el = CurrentEL(m);
    const bool to_persistence = i.opscope == CacheOpScope::PoP || i.opscope == CacheOpScope::PoDP;
    if (to_persistence && i.cachetype == CacheType::Data &&
        mutated(m, spec::Mutation::clean_to_persistence_undefined)) {
        Undefined(m);
    }
    const bool by_set_way = i.opscope == CacheOpScope::SetWay;
    if (by_set_way || i.cacheop == CacheOp::Invalidate) {
        if (el == EL0) Undefined(m);
        const boolean<M> trapped = by_set_way ? HCR_EL2(m).TSW() == 1 : HCR_EL2(m).TPCP() == 1;
        if (el == EL1 && EL2Enabled(m) &&
            m.decide(by_set_way ? spec::Decision::HCR_TSW : spec::Decision::HCR_TPCP, trapped)) {
            SystemAccessTrap(m, EL2, EC_SystemRegisterTrap);
        }
    } else {
        const bool to_PoU = i.opscope == CacheOpScope::PoU;
        const boolean<M> trapped = to_PoU ? HCR_EL2(m).TPU() == 1 : HCR_EL2(m).TPCP() == 1;
        CheckCacheOperationFromEL0(m, el, spec::Decision::SCTLR_UCI, SCTLR_EL1(m).UCI() == 1, SCTLR_EL2(m).UCI() == 1,
                                   to_PoU ? spec::Decision::HCR_TPU : spec::Decision::HCR_TPCP, trapped);
    }
    AArch64_DC(m, X<64>(m, m.index(i.Rt())), i.cachetype, i.cacheop, i.opscope);
}

// ------------------------------------------------------------------------------------------------ barriers and hints

/// A DSB of loads, or of loads and stores, waits for the tag checks of earlier instructions and for what they report
/// in TFSR registers. The other barriers have no effect that one PE can see.
template <class M>
void Barrier(M& m, const spec::Barrier<bits<M, 32>>& i) {
    if (i.op != spec::BarrierOp::DSB) return;
    const unsigned CRm = m.index(i.CRm());
    const unsigned types = CRm & 3U;
    const bool ssbb_or_pssbb = CRm == 0 || CRm == 4;
    const bool writes_only = types == 2;
    if (!ssbb_or_pssbb && !writes_only) SynchronizeTagCheckFaults(m);
}

template <class M>
void Hint(M&, const spec::Hint<bits<M, 32>>&) {}

} // namespace mtecheck::model
