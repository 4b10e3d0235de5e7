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
    if (AlignmentEnforced(m)) {
        return true;
    }
    const auto crosses = [&] {
        return m.decide(spec::Decision::CrossesGranule, !AllInAlignedQuantity<TAG_GRANULE>(address, size));
    };
    const bool lse2 = m.have(spec::Feature::FEAT_LSE2);
    if (accdesc.exclusive || accdesc.atomicop) {
        return !lse2 || crosses();
    }
    if (accdesc.acqsc || accdesc.acqpc || accdesc.relsc) {
        return !lse2 || (m.decide(spec::Decision::nAA, CurrentSCTLR(m).nAA() == 0) && crosses());
    }
    return false;
}

/// Reads or writes of acquire, release, exclusive or atomic kind that are unaligned in memory that is not Normal
/// Write-Back: an Alignment fault is one of the allowed outcomes.
template <class M>
bool MisalignedAtomicFaults(M& m, const AccessDescriptor& accdesc, const MemoryAttributes& memattrs, bool aligned) {
    const bool write_back = memattrs.kind == MemoryKind::write_back || memattrs.kind == MemoryKind::tagged;
    const bool single_copy_atomic =
        accdesc.exclusive || accdesc.atomicop || accdesc.acqsc || accdesc.acqpc || accdesc.relsc;
    return !write_back && single_copy_atomic && !aligned &&
           m.choose(spec::DontCare::MisalignedAtomic, 2) == 0;
}

/// What AArch64.MemSingle does before the data moves. Returns whether the access goes on.
template <class M>
bool MemSingleCheck(M& m, AddressDescriptor<M>& memaddrdesc, bits<M, 64> address, AccessDescriptor accdesc,
                    bool aligned) {
    if (accdesc.tagchecked) {
        accdesc.tagchecked = AccessIsTagChecked(m, address, accdesc);
    }
    memaddrdesc = TranslateAddress(m, address, accdesc, aligned);
    if (IsFault(memaddrdesc)) {
        Abort(m, address, memaddrdesc.fault);
        return false;
    }
    if (accdesc.tagchecked && !CheckTagOrFault(m, memaddrdesc, address, accdesc)) {
        return false;
    }
    if (MisalignedAtomicFaults(m, accdesc, memaddrdesc.memattrs, aligned)) {
        Abort(m, address, AlignmentFault(accdesc));
        return false;
    }
    return true;
}

/// AArch64.MemSingle[] for reading
template <unsigned size, class M>
bits<M, 8 * size> MemSingle_read(M& m, bits<M, 64> address, const AccessDescriptor& accdesc, bool aligned) {
    AddressDescriptor<M> memaddrdesc;
    if (!MemSingleCheck(m, memaddrdesc, address, accdesc, aligned)) {
        return bits<M, 8 * size>(0);
    }
    return m.template phys_read<size>(memaddrdesc.paddress);
}

/// AArch64.MemSingle[] for writing
template <unsigned size, class M>
void MemSingle_set(M& m, bits<M, 64> address, const AccessDescriptor& accdesc, bool aligned, bits<M, 8 * size> value) {
    AddressDescriptor<M> memaddrdesc;
    if (MemSingleCheck(m, memaddrdesc, address, accdesc, aligned)) {
        m.template phys_write<size>(memaddrdesc.paddress, value);
    }
}

/// How Mem[] splits an access.
enum class Split : std::uint8_t { single, halves, bytes };

/// The common start of Mem[]: alignment faults, and how the access is split.
template <unsigned size, class M>
Split SplitAccess(M& m, bits<M, 64> address, const AccessDescriptor& accdesc, bool ispair, bool& aligned) {
    aligned = m.decide(spec::Decision::Aligned, ispair ? IsAligned<size / 2 == 0 ? 1 : size / 2>(address)
                                                       : IsAligned<size>(address));
    if (!aligned && UnalignedAccessFaults(m, accdesc, address, size)) {
        if (mutated(m, spec::Mutation::alignment_after_tag_check) && accdesc.tagchecked) {
            AddressDescriptor<M> memaddrdesc;
            MemSingleCheck(m, memaddrdesc, address, accdesc, true);
        }
        DataAbort(m, address, AlignmentFault(accdesc));
    }
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

/// What a defective implementation forgets to check of the later pieces of an access.
template <class M>
bool LaterPiecesChecked(M& m, Split split) {
    return !mutated(m, spec::Mutation::first_byte_only_checked) &&
           !(split == Split::halves && mutated(m, spec::Mutation::last_granule_of_pair_missed)) &&
           !(split == Split::bytes && mutated(m, spec::Mutation::second_granule_of_unaligned_missed));
}

/// Mem[] for reading
template <unsigned size, class M>
bits<M, 8 * size> Mem_read(M& m, bits<M, 64> address, const AccessDescriptor& accdesc, bool ispair = false) {
    bool aligned = false;
    const Split split = SplitAccess<size>(m, address, accdesc, ispair, aligned);
    if constexpr (size > 1) {
        AccessDescriptor later = accdesc;
        later.tagchecked = accdesc.tagchecked && (split == Split::single || LaterPiecesChecked(m, split));
        if (split == Split::halves) {
            constexpr unsigned half = size / 2;
            const auto lowhalf = MemSingle_read<half>(m, address, accdesc, aligned);
            const auto highhalf = MemSingle_read<half>(m, address + bits<M, 64>(half), later, aligned);
            return concat(highhalf, lowhalf);
        }
        if (split == Split::bytes) {
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

/// Mem[] for writing
template <unsigned size, class M>
void Mem_set(M& m, bits<M, 64> address, const AccessDescriptor& accdesc, bits<M, 8 * size> value, bool ispair = false) {
    bool aligned = false;
    const Split split = SplitAccess<size>(m, address, accdesc, ispair, aligned);
    if constexpr (size > 1) {
        AccessDescriptor later = accdesc;
        later.tagchecked = accdesc.tagchecked && (split == Split::single || LaterPiecesChecked(m, split));
        if (split == Split::halves) {
            constexpr unsigned half = size / 2;
            MemSingle_set<half>(m, address, accdesc, aligned, slice<8 * half - 1, 0>(value));
            MemSingle_set<half>(m, address + bits<M, 64>(half), later, aligned, slice<8 * size - 1, 8 * half>(value));
            return;
        }
        if (split == Split::bytes) {
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

}  // namespace mtecheck::model
