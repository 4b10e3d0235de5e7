// SPDX-License-Identifier: Apache-2.0
//
// Logical and Allocation Tags, whether an access is Tag Checked, and what a mismatch does.
#pragma once

#include "model/exceptions/breakdown.h"
#include "model/memory/translation.h"

namespace mtecheck::model {

/// AArch64.AllocationTagFromAddress
template <class M>
bits<M, 4> AllocationTagFromAddress(M&, bits<M, 64> tagged_address) {
    return slice<59, 56>(tagged_address);
}

/// AArch64.PhysicalTag: the Logical Address Tag.
template <class M>
bits<M, 4> PhysicalTag(M&, bits<M, 64> vaddr) {
    return slice<59, 56>(vaddr);
}

/// AArch64.AllocationTagAccessIsEnabled
template <class M>
bool AllocationTagAccessIsEnabled(M& m, unsigned el) {
    if (!m.have(spec::Feature::FEAT_MTE2)) {
        return false;
    }
    if (HaveEL(m, EL3) && el < EL3 && m.decide(spec::Decision::SCR_ATA, SCR_EL3(m).ATA() == 0)) {
        return false;
    }
    if (el < EL2 && m.decide(spec::Decision::HCR_ATA, (HCR_EL2(m).ATA() == 0) & !IsE2HTGE(m)) &&
        (EL2Enabled(m) || mutated(m, spec::Mutation::hcr_ata_when_el2_disabled))) {
        return false;
    }
    if (el < EL2 && mutated(m, spec::Mutation::no_tag_access_without_el2) && !EL2Enabled(m)) {
        return false;
    }
    if (mutated(m, spec::Mutation::ata_ignored)) {
        return true;
    }
    switch (TranslationRegime(m, el)) {
    case Regime::R3: return m.decide(spec::Decision::ATA, SCTLR_EL3(m).ATA() == 1);
    case Regime::R2: return m.decide(spec::Decision::ATA, SCTLR_EL2(m).ATA() == 1);
    case Regime::R20:
        return el == EL0 ? m.decide(spec::Decision::ATA0, SCTLR_EL2(m).ATA0() == 1)
                         : m.decide(spec::Decision::ATA, SCTLR_EL2(m).ATA() == 1);
    default:
        return el == EL0 || mutated(m, spec::Mutation::ata0_for_el1)
                   ? m.decide(spec::Decision::ATA0, SCTLR_EL1(m).ATA0() == 1)
                   : m.decide(spec::Decision::ATA, SCTLR_EL1(m).ATA() == 1);
    }
}

template <class M>
bool AllocationTagAccessIsEnabled(M& m, bits<M, 2> el) {
    return AllocationTagAccessIsEnabled(m, m.index(el));
}

/// AArch64.AddressWithAllocationTag
template <class M>
bits<M, 64> AddressWithAllocationTag(M& m, bits<M, 64> address, bits<M, 4> allocation_tag) {
    const bool enabled = AllocationTagAccessIsEnabled(m, CurrentEL(m));
    return with_slice<59, 56>(address, enabled ? allocation_tag : bits<M, 4>(0));
}

/// Whether a defective implementation looks at the tag of the granule of `vaddr`: not at those of the last element, or
/// of what follows the first byte of a single one.
template <class M>
bool IsLookedAt(M& m, bits<M, 64> vaddr) {
    const auto& access = m.state.access_in_progress;
    if (!access.any) return true;
    const unsigned bytes = access.size > access.element ? access.size - access.element : 1;
    const bits<M, 64> first = Align<TAG_GRANULE>(access.start);
    const bits<M, 64> last = Align<TAG_GRANULE>(access.start + bits<M, 64>(bytes - 1));
    return static_cast<bool>(ult(vaddr - first, last - first + bits<M, 64>(TAG_GRANULE)));
}

/// Whether an element of the access begins at `vaddr`.
template <class M>
bool BeginsElement(M& m, bits<M, 64> vaddr) {
    const auto& access = m.state.access_in_progress;
    return !access.any || static_cast<bool>(IsZero((vaddr - access.start) & bits<M, 64>(access.element - 1U)));
}

/// FAR_ELx of a defective implementation that rounds the distance of the granule at fault up to elements.
template <class M>
bits<M, 64> AddressOfElement(M& m, bits<M, 64> vaddr) {
    const auto& access = m.state.access_in_progress;
    if (!access.any || access.size == access.element) return vaddr;
    const bits<M, 64> distance = Align<TAG_GRANULE>(vaddr) - access.start;
    const std::uint64_t below = access.element - 1U;
    return access.start + ((distance + bits<M, 64>(below)) & bits<M, 64>(~below));
}

/// AArch64.AccessIsTagChecked
template <class M>
bool AccessIsTagChecked(M& m, bits<M, 64> vaddr, const AccessDescriptor& accdesc) {
    const unsigned el = CurrentEL(m);
    if (m.decide(spec::Decision::NoTBI, EffectiveTBI(m, vaddr, el) == 0) &&
        !mutated(m, spec::Mutation::tags_without_memory)) {
        return false;
    }
    if (m.decide(spec::Decision::TCMA, EffectiveTCMA(m, vaddr, el) == 1) &&
        m.decide(spec::Decision::TCMAMatch, (slice<59, 55>(vaddr) == 0b00000) | (slice<59, 55>(vaddr) == 0b11111))) {
        return false;
    }
    if (!AllocationTagAccessIsEnabled(m, accdesc.el)) {
        return false;
    }
    if (m.decide(spec::Decision::TCO, m.state.PSTATE.TCO == 1) && !mutated(m, spec::Mutation::tco_ignored)) {
        return false;
    }
    if (mutated(m, spec::Mutation::element_start_only_checked) && !BeginsElement(m, vaddr)) return false;
    return !mutated(m, spec::Mutation::last_element_unchecked) || IsLookedAt(m, vaddr);
}

/// The location of an allocation tag: that of its granule. `explicit_access` is false for the tag reads of checks.
template <class M>
bits<M, 56> TagLocation(M& m, bits<M, 56> paddress, bool explicit_access) {
    if (!mutated(m, spec::Mutation::page_tags_aliased)) {
        return paddress;
    }
    // The defect loses the page offset of the first address of an operation, except for the parity of its granule
    // (two tags are kept in a byte); the further granules of the operation follow from there, up to the page's end.
    // Two granules written by one instruction are one operation only if they share a byte.
    auto& operation = m.state.tag_operation;
    const bits<M, 56> granule = Align<TAG_GRANULE>(paddress);
    if (!operation.started || (explicit_access && static_cast<bool>(slice<4, 4>(operation.first) == 1))) {
        operation = {true, granule};
    }
    const bits<M, 56> page = Align<4096>(operation.first);
    if (static_cast<bool>(Align<4096>(granule) != page)) {
        return granule;
    }
    return page + ZeroExtend<56>(slice<4, 0>(operation.first)) + (granule - operation.first);
}

/// PhysMemTagRead
template <class M>
bits<M, 4> PhysMemTagRead(M& m, bits<M, 56> paddress, bool explicit_access) {
    return m.phys_tag_read(TagLocation(m, paddress, explicit_access));
}

/// PhysMemTagWrite
template <class M>
void PhysMemTagWrite(M& m, bits<M, 56> paddress, bits<M, 4> tag) {
    m.phys_tag_write(TagLocation(m, paddress, true), tag);
}

/// AArch64.CheckTag
template <class M>
bool CheckTag(M& m, const MemoryAttributes& memattrs, bits<M, 56> paddress, bits<M, 4> ptag) {
    bool tagged = memattrs.tags == MemTag::AllocationTagged;
    if (mutated(m, spec::Mutation::untagged_page_checked)) tagged = memattrs.kind != MemoryKind::device;
    if (mutated(m, spec::Mutation::page_is_tagged_inverted)) tagged = !tagged;
    if (!m.decide(spec::Decision::AllocationTagged, boolean<M>(tagged))) {
        return true;
    }
    return m.decide(spec::Decision::TagMatch, ptag == PhysMemTagRead(m, paddress, false));
}

/// AArch64.CheckTag of an access to `vaddress`; a defective implementation compares the whole top byte.
template <class M>
bool CheckTagOf(M& m, const AddressDescriptor<M>& memaddrdesc, bits<M, 64> vaddress) {
    if (!CheckTag(m, memaddrdesc.memattrs, memaddrdesc.paddress, PhysicalTag(m, vaddress))) return false;
    return !mutated(m, spec::Mutation::check_includes_top_nibble) ||
           memaddrdesc.memattrs.tags != MemTag::AllocationTagged || static_cast<bool>(IsZero(slice<63, 60>(vaddress)));
}

/// AArch64.EffectiveTCF
template <class M>
bits<M, 2> EffectiveTCF(M& m, unsigned el) {
    if (mutated(m, spec::Mutation::tcf0_used_for_el1) && el == EL1) el = EL0;
    if (mutated(m, spec::Mutation::tcf_of_el1_everywhere)) el = EL1;
    bits<M, 2> tcf = 0;
    switch (TranslationRegime(m, el)) {
    case Regime::R3: tcf = SCTLR_EL3(m).TCF(); break;
    case Regime::R2: tcf = SCTLR_EL2(m).TCF(); break;
    case Regime::R20: tcf = el == EL0 ? SCTLR_EL2(m).TCF0() : SCTLR_EL2(m).TCF(); break;
    default: tcf = el == EL0 ? SCTLR_EL1(m).TCF0() : SCTLR_EL1(m).TCF(); break;
    }
    if (m.decide(spec::Decision::TCFReserved, tcf == 0b11) && !m.have(spec::Feature::FEAT_MTE_ASYM_FAULT)) {
        tcf = bits<M, 2>(m.choose(spec::DontCare::ReservedTagCheckFaultControl, 3));
    }
    return tcf;
}

/// AArch64.RaiseTagCheckFault. Returns if the fault is passed over (see model/exceptions/abort.h).
template <class M>
void RaiseTagCheckFault(M& m, bits<M, 64> va, const FaultRecord& fault) {
    if (!IsReported(m, va, fault)) {
        return;
    }
    unsigned target_el = RouteToEL1OrTGE(m);
    if (mutated(m, spec::Mutation::tge_ignored_by_tag_check_fault) && CurrentEL(m) == EL0) target_el = EL1;
    if (!m.have(spec::Feature::FEAT_MTE_TAGGED_FAR)) {
        Unknown(m, spec::DontCare::FaultAddressTopBits, Place::system_register(FARName(target_el)),
                bits<M, 64>(std::uint64_t{0xf} << 60));
    }
    if (mutated(m, spec::Mutation::sync_fault_far_of_element)) va = AddressOfElement(m, va);
    TakeDataAbort(m, target_el, fault, va);
}

/// AArch64.ReportTagCheckFault
template <class M>
void ReportTagCheckFault(M& m, unsigned el, bits<M, 1> ttbr) {
    if (mutated(m, spec::Mutation::async_wrong_bit)) ttbr = ~ttbr;
    if (mutated(m, spec::Mutation::async_wrong_register)) el = el == EL0 ? EL1 : EL0;
    m.decide(spec::Decision::TagFaultFromEL0, boolean<M>(el == EL0));
    const bool upper = el != EL3 && m.decide(spec::Decision::TagFaultUpperHalf, ttbr == 1);
    AccumulateTagCheckFault(m, el, bits<M, 64>(upper ? 0b10 : 0b01));
}

/// AArch64.TagCheckFault. Returns whether the access goes on: not if its fault was passed over.
template <class M>
bool TagCheckFault(M& m, bits<M, 64> vaddress, const AccessDescriptor& accdesc, MemoryAttributes& memattrs) {
    const unsigned el = mutated(m, spec::Mutation::unpriv_uses_el1_tcf) ? CurrentEL(m) : accdesc.el;
    bits<M, 2> tcf = EffectiveTCF(m, el);
    unsigned reporting_el = accdesc.el;
    if (accdesc.el != CurrentEL(m) && mutated(m, spec::Mutation::unpriv_reports_as_privileged) &&
        static_cast<bool>(!IsZero(tcf))) {
        reporting_el = CurrentEL(m);
        tcf = EffectiveTCF(m, reporting_el);
        if (static_cast<bool>(IsZero(tcf))) throw Breakdown{};
    }
    FaultRecord fault = NoFault(accdesc);
    fault.statuscode = Fault::TagCheck;

    bool asynchronous = false;
    if (m.decide(spec::Decision::TCFIgnore, tcf == 0b00)) {
        return true;
    }
    if (m.decide(spec::Decision::TCFAsync, tcf == 0b10)) {
        if (!m.have(spec::Feature::FEAT_MTE_ASYNC)) {
            return true;
        }
        asynchronous = true;
    } else if (m.decide(spec::Decision::TCFAsymmetric, tcf == 0b11)) {
        if (!m.have(spec::Feature::FEAT_MTE_ASYM_FAULT)) {
            return true;
        }
        asynchronous = !m.decide(spec::Decision::AsymmetricRead, boolean<M>(accdesc.read));
        if (mutated(m, spec::Mutation::asym_swapped)) asynchronous = accdesc.read;
        if (mutated(m, spec::Mutation::asym_reads_async)) asynchronous = true;
    }

    // Where the fault would be passed over again there is no telling the two answers apart: what the access writes is
    // left open by the fault that ends the instruction.
    if (memattrs.may_be_untagged && ((!asynchronous && WasPassedOver(m, vaddress, true)) || !IsTagged(m, memattrs))) {
        return true;
    }
    if (asynchronous) {
        ReportTagCheckFault(m, reporting_el, slice<55, 55>(vaddress));
        return true;
    }
    if (mutated(m, spec::Mutation::sync_fault_accumulated))
        ReportTagCheckFault(m, reporting_el, slice<55, 55>(vaddress));
    RaiseTagCheckFault(m, vaddress, fault);
    return false;
}

/// The check of one access after its translation. Returns whether the access goes on.
template <class M>
bool CheckTagOrFault(M& m, AddressDescriptor<M>& memaddrdesc, bits<M, 64> address, const AccessDescriptor& accdesc) {
    return CheckTagOf(m, memaddrdesc, address) || TagCheckFault(m, address, accdesc, memaddrdesc.memattrs);
}

/// The check of a defective implementation that compares tags before it reports this fault of the MMU: where the access
/// is not permitted that of the memory, where no memory is what was stored there all the same.
template <class M>
void TagCheckBeforeAbort(M& m, AddressDescriptor<M>& memaddrdesc, bits<M, 64> address,
                         const AccessDescriptor& accdesc) {
    if (memaddrdesc.fault.statuscode == Fault::Permission) {
        if (mutated(m, spec::Mutation::permission_after_tag_check)) CheckTagOrFault(m, memaddrdesc, address, accdesc);
    } else if (memaddrdesc.fault.statuscode == Fault::Translation && mutated(m, spec::Mutation::tags_without_memory)) {
        const auto tag = m.state.tags_without_memory.find(address);
        if (tag && static_cast<bool>(*tag != PhysicalTag(m, address))) {
            TagCheckFault(m, address, accdesc, memaddrdesc.memattrs);
        }
    }
}

} // namespace mtecheck::model
