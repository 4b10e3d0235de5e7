// SPDX-License-Identifier: Apache-2.0
//
// Mem[]: how an access is split into pieces, and what is done with each: AccessIsTagChecked, translation, tag check,
// the access itself. Little-endian data only.
//
// Invariant: a piece never crosses a 16-byte granule.
#pragma once

#include "model/tags/tag_check.h"

namespace mtecheck::model {

/// AArch64.UnalignedAccessFaults
template <class M>
bool UnalignedAccessFaults(M& m, const AccessDescriptor& accdesc, bits<M, 64> address, unsigned size) {
    const bool single_copy = accdesc.exclusive || accdesc.atomicop;
    if (!single_copy && mutated(m, spec::Mutation::ordered_misalignment_ignored)) return false;
    if (mutated(m, spec::Mutation::no_access_needs_alignment)) return false;
    if (AlignmentEnforced(m)) {
        return true;
    }
    const auto crosses = [&] {
        return m.decide(spec::Decision::CrossesGranule, !AllInAlignedQuantity<TAG_GRANULE>(address, size));
    };
    const bool lse2 = m.have(spec::Feature::FEAT_LSE2);
    if (single_copy) {
        return !lse2 || crosses();
    }
    if (accdesc.acqsc || accdesc.acqpc || accdesc.relsc) {
        return !lse2 || (m.decide(spec::Decision::nAA, CurrentSCTLR(m).nAA() == 0) && crosses());
    }
    return false;
}

/// Reads or writes of acquire, release, exclusive or atomic kind that are unaligned in memory that is not Normal
/// Write-Back: an Alignment fault is one of the allowed outcomes. One implementation does the same with all pieces of
/// an access to one kind of memory.
template <class M>
bool MisalignedAtomicFaults(M& m, const AccessDescriptor& accdesc, const MemoryAttributes& memattrs, bool aligned) {
    const bool write_back = memattrs.kind == MemoryKind::write_back || memattrs.kind == MemoryKind::tagged;
    const bool single_copy_atomic =
        accdesc.exclusive || accdesc.atomicop || accdesc.acqsc || accdesc.acqpc || accdesc.relsc;
    if (write_back || !single_copy_atomic || aligned) {
        return false;
    }
    MisalignedAtomicAnswers& answers = m.state.misaligned_atomic;
    const auto kind = static_cast<std::uint8_t>(1U << static_cast<unsigned>(memattrs.kind));
    if ((answers.asked & kind) == 0) {
        const bool faults = m.choose(spec::DontCare::MisalignedAtomic, 2) == 0;
        answers.asked = static_cast<std::uint8_t>(answers.asked | kind);
        answers.faults = static_cast<std::uint8_t>(faults ? answers.faults | kind : answers.faults & ~kind);
    }
    return (answers.faults & kind) != 0;
}

/// What deliberate faults of an emulator look at in an MMU fault of an access that it makes on its host: if tags are to
/// be compared, it looks the address up for that before.
template <class M>
void DescribeHostAccess(M& m, FaultRecord& fault, const AccessDescriptor& accdesc, bool tagchecked, bool aligned) {
    if (!mutated(m, spec::Mutation::unaligned_access_aborts_at_aligned) &&
        !mutated(m, spec::Mutation::non_canonical_fault_address_lost) &&
        !mutated(m, spec::Mutation::non_canonical_address_aborts_externally)) {
        return;
    }
    fault.looked_up = fault.looked_up || (tagchecked && !static_cast<bool>(IsZero(EffectiveTCF(m, accdesc.el))));
    fault.unaligned = !aligned && !fault.looked_up;
}

/// What AArch64.MemSingle does after the translation and before the data moves. Returns whether the access goes on.
template <class M>
bool MemSingleGoesOn(M& m, AddressDescriptor<M>& memaddrdesc, bits<M, 64> address, const AccessDescriptor& accdesc,
                     bool tagchecked, bool aligned) {
    if (IsFault(memaddrdesc)) {
        DescribeHostAccess(m, memaddrdesc.fault, accdesc, tagchecked, aligned);
        if (tagchecked) TagCheckBeforeAbort(m, memaddrdesc, address, accdesc);
        Abort(m, address, memaddrdesc.fault);
        return false;
    }
    if (tagchecked && !CheckTagOrFault(m, memaddrdesc, address, accdesc)) {
        return false;
    }
    if (MisalignedAtomicFaults(m, accdesc, memaddrdesc.memattrs, aligned)) {
        Abort(m, address, AlignmentFault(accdesc));
        return false;
    }
    return true;
}

/// Where the data of an access are. A defective implementation goes on with the address of the tag that it checked.
template <class M>
bits<M, 56> DataLocation(M& m, const AddressDescriptor<M>& memaddrdesc, bool tagchecked) {
    const bool of_granule = tagchecked && mutated(m, spec::Mutation::data_at_granule_address);
    return of_granule ? Align<TAG_GRANULE>(memaddrdesc.paddress) : memaddrdesc.paddress;
}

/// AArch64.MemSingle[] for reading
template <unsigned size, class M>
bits<M, 8 * size> MemSingle_read(M& m, bits<M, 64> address, const AccessDescriptor& accdesc, bool aligned) {
    const bool tagchecked = accdesc.tagchecked && AccessIsTagChecked(m, address, accdesc);
    AddressDescriptor<M> memaddrdesc = TranslateAddress(m, address, accdesc, aligned);
    if (!MemSingleGoesOn(m, memaddrdesc, address, accdesc, tagchecked, aligned)) {
        return bits<M, 8 * size>(0);
    }
    return m.template phys_read<size>(DataLocation(m, memaddrdesc, tagchecked));
}

/// AArch64.MemSingle[] for writing
template <unsigned size, class M>
void MemSingle_set(M& m, bits<M, 64> address, const AccessDescriptor& accdesc, bool aligned, bits<M, 8 * size> value) {
    const bool tagchecked = accdesc.tagchecked && AccessIsTagChecked(m, address, accdesc);
    AddressDescriptor<M> memaddrdesc = TranslateAddress(m, address, accdesc, aligned);
    if (mutated(m, spec::Mutation::checked_store_writes_first) && !IsFault(memaddrdesc)) {
        m.template phys_write<size>(memaddrdesc.paddress, value);
    }
    if (MemSingleGoesOn(m, memaddrdesc, address, accdesc, tagchecked, aligned)) {
        ClearExclusiveByAddress(m);
        m.template phys_write<size>(DataLocation(m, memaddrdesc, tagchecked), value);
        if (mutated(m, spec::Mutation::store_clears_tag)) m.phys_tag_write(memaddrdesc.paddress, bits<M, 4>(0));
    }
}

/// A defective implementation that looks at the tags of the first elements only translates the address of the next page
/// all the same, if the first page is Tagged, and before it compares any.
template <class M>
void TranslateNextPage(M& m, bits<M, 64> address, const AccessDescriptor& accdesc, unsigned size) {
    constexpr unsigned kPage = 4096;
    const bits<M, 64> next = Align<kPage>(address + bits<M, 64>(size - 1));
    if (static_cast<bool>(next == Align<kPage>(address))) return;
    const AddressDescriptor<M> first = TranslateAddress(m, address, accdesc, true);
    if (IsFault(first) || first.memattrs.tags != MemTag::AllocationTagged) return;
    const AddressDescriptor<M> second = TranslateAddress(m, next, accdesc, true);
    if (IsFault(second)) DataAbort(m, next, second.fault);
}

/// The check of a defective implementation that looks at tags as an operation of its own: translation and tag check of
/// every granule of the access, before anything else.
template <class M>
void TagCheckApart(M& m, bits<M, 64> address, const AccessDescriptor& accdesc, unsigned size) {
    // Whether an access is checked is asked of its first address.
    if (m.index(EffectiveTCF(m, accdesc.el)) == 0 || !AccessIsTagChecked(m, address, accdesc)) {
        return;
    }
    if (mutated(m, spec::Mutation::last_element_unchecked)) TranslateNextPage(m, address, accdesc, size);
    const bits<M, 64> last_granule = Align<TAG_GRANULE>(address + bits<M, 64>(size - 1));
    for (bits<M, 64> at = address;;) {
        if (AccessIsTagChecked(m, at, accdesc)) {
            AddressDescriptor<M> memaddrdesc = TranslateAddress(m, at, accdesc, true);
            MemSingleGoesOn(m, memaddrdesc, at, accdesc, true, true);
        }
        if (static_cast<bool>(Align<TAG_GRANULE>(at) == last_granule)) break;
        at = Align<TAG_GRANULE>(at) + bits<M, 64>(TAG_GRANULE);
    }
}

/// Notes what an instruction is about to access, if that is its first access.
template <class M>
void NoteAccess(M& m, bits<M, 64> address, unsigned size, unsigned element, unsigned operation) {
    if (!mutated(m, spec::Mutation::last_element_unchecked) && !mutated(m, spec::Mutation::sync_fault_far_of_element) &&
        !mutated(m, spec::Mutation::element_start_only_checked) &&
        !mutated(m, spec::Mutation::device_alignment_of_start_only)) {
        return;
    }
    auto& access = m.state.access_in_progress;
    if (access.any) return;
    access = {true, address, static_cast<std::uint8_t>(size), static_cast<std::uint8_t>(element),
              static_cast<std::uint8_t>(operation)};
}

template <class M>
void NoteAccess(M& m, bits<M, 64> address, unsigned size, unsigned element) {
    NoteAccess(m, address, size, element, element);
}

/// A defective implementation that checks the tag of a load and then does not load.
template <class M>
void TagCheckWithoutAccess(M& m, bits<M, 64> address, const AccessDescriptor& accdesc) {
    if (!accdesc.tagchecked || m.index(EffectiveTCF(m, accdesc.el)) == 0 || !AccessIsTagChecked(m, address, accdesc)) {
        return;
    }
    AddressDescriptor<M> memaddrdesc = TranslateAddress(m, address, accdesc, true);
    if (!IsFault(memaddrdesc)) {
        CheckTagOrFault(m, memaddrdesc, address, accdesc);
        return;
    }
    TagCheckBeforeAbort(m, memaddrdesc, address, accdesc);
    // Where there is no tag there is nothing to compare.
    if (memaddrdesc.fault.statuscode == Fault::Translation && !m.state.tags_without_memory.find(address)) {
        Abort(m, address, memaddrdesc.fault);
    }
}

/// A defective implementation that looks at the tags of all that an instruction accesses before any alignment.
template <class M>
void TagCheckBeforeAlignment(M& m, bits<M, 64> address, const AccessDescriptor& accdesc, unsigned size) {
    if (mutated(m, spec::Mutation::alignment_after_tag_check) && accdesc.tagchecked) {
        TagCheckApart(m, address, accdesc, size);
    }
}

/// A defective implementation that looks at these tags before the alignment that only the type of memory asks for, of
/// elements of so many bytes each.
template <class M>
void TagCheckBeforeMemoryType(M& m, bits<M, 64> address, const AccessDescriptor& accdesc, unsigned size,
                              unsigned element) {
    if (mutated(m, spec::Mutation::memory_type_after_tag_check) && accdesc.tagchecked &&
        static_cast<bool>(!IsZero(address & bits<M, 64>(element - 1))) &&
        !UnalignedAccessFaults(m, accdesc, address, element)) {
        TagCheckApart(m, address, accdesc, size);
    }
}

/// Whether a defective implementation, which decides that for an instruction and not for an address, looks at tags.
template <class M>
bool TagChecksEnabled(M& m, const AccessDescriptor& accdesc) {
    const unsigned el = accdesc.el;
    const bits<M, 1> tbi = EffectiveTBI(m, bits<M, 64>(0), el) | EffectiveTBI(m, ~bits<M, 64>(0), el);
    return accdesc.tagchecked && static_cast<bool>(tbi == 1) && static_cast<bool>(m.state.PSTATE.TCO == 0) &&
           AllocationTagAccessIsEnabled(m, el) && m.index(EffectiveTCF(m, el)) != 0;
}

/// The Alignment fault of a load-exclusive or an atomic operation, of which defective implementations report some as
/// those of a write. `accdesc.tagchecked` is that of the instruction.
template <class M>
FaultRecord AtomicAlignmentFault(M& m, bits<M, 64> address, const AccessDescriptor& accdesc, unsigned size) {
    FaultRecord fault = AlignmentFault(accdesc);
    if (mutated(m, spec::Mutation::atomic_alignment_fault_as_write) && m.have(spec::Feature::FEAT_LSE2) &&
        size < TAG_GRANULE && static_cast<bool>(!AllInAlignedQuantity<TAG_GRANULE>(address, size))) {
        fault.write = true;
    }
    if (mutated(m, spec::Mutation::cas_alignment_fault_as_write) && accdesc.atomicop &&
        accdesc.modop == MemAtomicOp::CAS && TagChecksEnabled(m, accdesc)) {
        fault.write = true;
    }
    return fault;
}

/// How Mem[] splits an access.
enum class Split : std::uint8_t { single, halves, bytes };

/// The common start of Mem[]: alignment faults, and how the access is split.
template <unsigned size, class M>
Split SplitAccess(M& m, bits<M, 64> address, const AccessDescriptor& accdesc, bool ispair, bool& aligned) {
    aligned = m.decide(spec::Decision::Aligned,
                       ispair ? IsAligned < size / 2 == 0 ? 1 : size / 2 > (address) : IsAligned<size>(address));
    if (!aligned && UnalignedAccessFaults(m, accdesc, address, size)) {
        TagCheckBeforeAlignment(m, address, accdesc, size);
        DataAbort(m, address, AlignmentFault(accdesc));
    }
    TagCheckBeforeMemoryType(m, address, accdesc, size, ispair ? size / 2 : size);
    if (accdesc.acctype == AccessType::ASIMD && size == 16 &&
        m.decide(spec::Decision::VectorHalves, IsAligned<8>(address))) {
        return Split::halves;
    }
    if (m.have(spec::Feature::FEAT_LSE2) &&
        m.decide(spec::Decision::InGranule, AllInAlignedQuantity<TAG_GRANULE>(address, size))) {
        return Split::single;
    }
    if (ispair && aligned) {
        return Split::halves;
    }
    return aligned ? Split::single : Split::bytes;
}

/// The descriptor of the pieces of an access after the first: only a defective implementation forgets to check them.
template <class M>
AccessDescriptor LaterPieces(M& m, Split split, AccessDescriptor accdesc) {
    if (mutated(m, spec::Mutation::first_byte_only_checked) ||
        (split == Split::halves && mutated(m, spec::Mutation::last_granule_of_pair_missed)) ||
        (split == Split::bytes && mutated(m, spec::Mutation::second_granule_of_unaligned_missed))) {
        accdesc.tagchecked = false;
    }
    return accdesc;
}

/// Mem[] for reading
template <unsigned size, class M>
bits<M, 8 * size> Mem_read(M& m, bits<M, 64> address, const AccessDescriptor& accdesc, bool ispair = false) {
    NoteAccess(m, address, size, size);
    bool aligned = false;
    const Split split = SplitAccess<size>(m, address, accdesc, ispair, aligned);
    if constexpr (size > 1) {
        if (split == Split::halves) {
            const AccessDescriptor later = LaterPieces(m, split, accdesc);
            constexpr unsigned half = size / 2;
            const auto lowhalf = MemSingle_read<half>(m, address, accdesc, aligned);
            const auto highhalf = MemSingle_read<half>(m, address + bits<M, 64>(half), later, aligned);
            return concat(highhalf, lowhalf);
        }
        if (split == Split::bytes) {
            const AccessDescriptor later = LaterPieces(m, split, accdesc);
            auto value = ZeroExtend<8 * size>(MemSingle_read<1>(m, address, accdesc, aligned));
            for (unsigned i = 1; i < size; ++i) {
                const auto byte = MemSingle_read<1>(m, address + bits<M, 64>(i), later, aligned);
                value = value | LSL(ZeroExtend<8 * size>(byte), bits<M, 8 * size>(8 * i));
            }
            return value;
        }
    }
    return MemSingle_read<size>(m, address, accdesc, aligned);
}

/// Mem[] for a load of one general register.
template <unsigned size, class M>
bits<M, 8 * size> LoadSingle(M& m, unsigned t, bits<M, 64> address, const AccessDescriptor& accdesc) {
    if constexpr (size == 1) {
        if (t == 31 && mutated(m, spec::Mutation::byte_to_zero_register_not_loaded)) {
            TagCheckWithoutAccess(m, address, accdesc);
            return bits<M, 8>(0);
        }
    }
    return Mem_read<size>(m, address, accdesc);
}

/// Mem[] for writing
template <unsigned size, class M>
void Mem_set(M& m, bits<M, 64> address, const AccessDescriptor& accdesc, bits<M, 8 * size> value, bool ispair = false) {
    NoteAccess(m, address, size, size);
    bool aligned = false;
    const Split split = SplitAccess<size>(m, address, accdesc, ispair, aligned);
    if constexpr (size > 1) {
        if (split == Split::halves) {
            const AccessDescriptor later = LaterPieces(m, split, accdesc);
            constexpr unsigned half = size / 2;
            MemSingle_set<half>(m, address, accdesc, aligned, slice<8 * half - 1, 0>(value));
            MemSingle_set<half>(m, address + bits<M, 64>(half), later, aligned, slice<8 * size - 1, 8 * half>(value));
            return;
        }
        if (split == Split::bytes) {
            const AccessDescriptor later = LaterPieces(m, split, accdesc);
            MemSingle_set<1>(m, address, accdesc, aligned, slice<7, 0>(value));
            for (unsigned i = 1; i < size; ++i) {
                const auto byte = slice<7, 0>(LSR(value, bits<M, 8 * size>(8 * i)));
                MemSingle_set<1>(m, address + bits<M, 64>(i), later, aligned, byte);
            }
            return;
        }
    }
    MemSingle_set<size>(m, address, accdesc, aligned, value);
}

} // namespace mtecheck::model
