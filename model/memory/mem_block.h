// SPDX-License-Identifier: Apache-2.0
//
// Instructions that work on a block by address: DC ZVA, GVA and GZVA, and cache maintenance. In a coherent memory
// maintenance does nothing but translate and fault.
#pragma once

#include "model/exceptions/not_predicted.h"
#include "model/memory/mem_tag.h"

namespace mtecheck::model {

/// AArch64.IsUnprivAccessPriv
template <class M>
bool IsUnprivAccessPriv(M& m) {
    const unsigned el = CurrentEL(m);
    if (el != EL0 && m.have(spec::Feature::FEAT_UAO) && m.decide(spec::Decision::UAO, m.state.PSTATE.UAO == 1)) {
        return true;
    }
    switch (el) {
    case EL2: return !(m.have(spec::Feature::FEAT_VHE) && m.decide(spec::Decision::HostEL0, IsE2HTGE(m)));
    case EL3: return true;
    default: return false;
    }
}

/// What FAR_ELx holds for an MMU fault of DC ZVA, DC GVA and DC GZVA: the register argument.
template <class M>
bits<M, 64> BlockAbortAddress(M& m, bits<M, 64> regval, bits<M, 64> vaddress) {
    return mutated(m, spec::Mutation::dc_zva_abort_at_block) ? vaddress : regval;
}

/// The MMU fault of a block that is cleared. A defective implementation that did not look its address up before finds
/// it without knowing of which instruction it is; where a process has asynchronous Tag Check Faults to be told of, its
/// code goes on from where that was thought to be.
template <class M, class LookedUpBefore>
[[noreturn]] void ClearedBlockAbort(M& m, bits<M, 64> address, FaultRecord fault, LookedUpBefore&& looked_up_before) {
    if (mutated(m, spec::Mutation::dc_zva_abort_loses_pc) && !looked_up_before()) {
        fault.unwound = false;
        if (m.state.may_be_interrupted && static_cast<bool>(!IsZero(m.state.TFSRE0_EL1)) &&
            m.choose(spec::DontCare::AsynchronousFaultTime, 2) == 1) {
            throw NotPredicted{.why = "a fault without its instruction", .from_anywhere = true};
        }
    }
    DataAbort(m, address, fault);
}

/// AArch64.DataMemZero
template <class M>
void DataMemZero(M& m, bits<M, 64> regval, bits<M, 64> vaddress, AccessDescriptor accdesc, unsigned size) {
    if (accdesc.tagchecked) {
        accdesc.tagchecked = AccessIsTagChecked(m, vaddress, accdesc);
    }
    AccessDescriptor check = accdesc;
    if (mutated(m, spec::Mutation::dc_zva_classified_as_read)) {
        check.read = true;
        check.write = false;
    }
    if (accdesc.tagaccess) {
        accdesc.tagaccess = AllocationTagAccessIsEnabled(m, accdesc.el);
    }
    const auto compared = [&] { return accdesc.tagchecked && !static_cast<bool>(IsZero(EffectiveTCF(m, accdesc.el))); };
    if (mutated(m, spec::Mutation::dc_zva_looks_up_tagged_address) && compared() &&
        !static_cast<bool>(IsZero(slice<63, 56>(regval)))) {
        FaultRecord fault = NoFault(accdesc);
        fault.statuscode = Fault::Translation;
        fault.looked_up = true;
        DataAbort(m, regval, fault);
    }
    AddressDescriptor<M> memaddrdesc = TranslateAddress(m, vaddress, accdesc, true);
    if (IsFault(memaddrdesc)) {
        if (accdesc.tagchecked) TagCheckBeforeAbort(m, memaddrdesc, vaddress, check);
        ClearedBlockAbort(m, BlockAbortAddress(m, regval, vaddress), memaddrdesc.fault, compared);
    }
    // What FAR_ELx holds for a Tag Check Fault: the block (as the pseudocode has it), the lowest faulting address or
    // the register argument.
    for (unsigned i = 0; i < size; i += TAG_GRANULE) {
        const bool checked = accdesc.tagchecked && (i == 0 || !mutated(m, spec::Mutation::dc_zva_first_granule_only));
        if (checked && !CheckTag(m, memaddrdesc.memattrs, memaddrdesc.paddress, PhysicalTag(m, vaddress))) {
            bits<M, 64> reported = vaddress;
            const bool synchronous = m.index(EffectiveTCF(m, accdesc.el)) == 0b01;
            switch (synchronous ? m.choose(spec::DontCare::BlockFaultAddress, 3) : 0) {
            case 1: reported = regval; break;
            case 2: reported = vaddress + bits<M, 64>(i); break;
            default: break;
            }
            if (mutated(m, spec::Mutation::dc_zva_fault_granule_quartered)) {
                reported = vaddress + bits<M, 64>(i / 256 * 256 + i % 256 / 64 * TAG_GRANULE);
            }
            if (!TagCheckFault(m, reported, check, memaddrdesc.memattrs)) {
                return;
            }
        }
        ClearExclusiveByAddress(m);
        m.template phys_write<TAG_GRANULE>(memaddrdesc.paddress, bits<M, 8 * TAG_GRANULE>(0));
        memaddrdesc.paddress = memaddrdesc.paddress + bits<M, 56>(TAG_GRANULE);
    }
}

/// AArch64.TagMemZero
template <class M>
void TagMemZero(M& m, bits<M, 64> regval, bits<M, 64> vaddress, AccessDescriptor accdesc, unsigned size) {
    const bits<M, 4> tag = AllocationTagFromAddress(m, vaddress);
    accdesc.tagaccess = AllocationTagAccessIsEnabled(m, accdesc.el);
    AddressDescriptor<M> memaddrdesc = TranslateAddress(m, vaddress, accdesc, true);
    if (IsFault(memaddrdesc)) {
        ClearedBlockAbort(m, BlockAbortAddress(m, regval, vaddress), memaddrdesc.fault,
                          [&] { return accdesc.looked_up; });
    }
    if (!accdesc.tagaccess ||
        !m.decide(spec::Decision::TagAccessTagged, boolean<M>(IsTagged(m, memaddrdesc.memattrs)))) {
        return;
    }
    for (unsigned i = 0; i < size; i += TAG_GRANULE) {
        PhysMemTagWrite(m, memaddrdesc.paddress, tag);
        memaddrdesc.paddress = memaddrdesc.paddress + bits<M, 56>(TAG_GRANULE);
    }
}

/// AArch64.MemZero
template <class M>
void MemZero(M& m, bits<M, 64> regval, CacheType cachetype) {
    const unsigned size = 4U << m.index(spec::fields::DCZID_EL0<bits<M, 64>>{m.state.DCZID_EL0}.BS());
    const bits<M, 64> vaddress = regval & ~bits<M, 64>(size - 1);
    const bool tagaccess = cachetype != CacheType::Data;
    const AccessDescriptor accdesc = CreateAccDescDCZero(m, tagaccess, !tagaccess);
    const bool tags_too = cachetype == CacheType::Data_Tag && !mutated(m, spec::Mutation::dc_gzva_leaves_tags);
    const bool data_too = mutated(m, spec::Mutation::dc_gva_zeroes_data);
    if (cachetype == CacheType::Tag || tags_too) {
        AccessDescriptor tags = accdesc;
        tags.looked_up = cachetype == CacheType::Tag;
        TagMemZero(m, regval, vaddress, tags, size);
    }
    if (cachetype != CacheType::Tag || data_too) {
        DataMemZero(m, regval, vaddress, accdesc, size);
    }
}

/// AArch64.DC, by virtual address to the Point of Coherency or beyond.
template <class M>
void AArch64_DC(M& m, bits<M, 64> regval, CacheType cachetype, CacheOp cacheop, CacheOpScope opscope) {
    if (opscope == CacheOpScope::SetWay) {
        return;
    }
    AccessDescriptor accdesc = CreateAccDescDC(m, cacheop, opscope);
    const bool data_to_persistence =
        cachetype == CacheType::Data && (opscope == CacheOpScope::PoP || opscope == CacheOpScope::PoDP);
    if (mutated(m, spec::Mutation::cache_maintenance_ignored) && !data_to_persistence) {
        return;
    }
    if (mutated(m, spec::Mutation::clean_to_persistence_as_load) && data_to_persistence) {
        accdesc = CreateAccDescGPR(m, MemOp::LOAD, false, CurrentEL(m) != EL0, false);
        regval = regval & ~bits<M, 64>(m.state.data_cache_line - 1);
    }
    if (mutated(m, spec::Mutation::clean_to_persistence_looks_up_tagged_address) && data_to_persistence &&
        !static_cast<bool>(IsZero(slice<63, 56>(regval)))) {
        FaultRecord fault = NoFault(accdesc);
        fault.statuscode = Fault::Translation;
        fault.looked_up = true;
        DataAbort(m, regval, fault);
    }
    accdesc.looked_up = true;
    const AddressDescriptor<M> memaddrdesc = TranslateAddress(m, regval, accdesc, true);
    if (IsFault(memaddrdesc)) {
        DataAbort(m, regval, memaddrdesc.fault);
    }
}

} // namespace mtecheck::model
