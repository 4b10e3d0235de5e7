// SPDX-License-Identifier: Apache-2.0
//
// AArch64.MemTag[]: explicit reads and writes of allocation tags. They are Tag Unchecked.
#pragma once

#include "model/tags/tag_check.h"

namespace mtecheck::model {

/// Whether an explicit access goes to the tags, if the memory has them.
template <class M>
bool TagAccessGoesToTags(M& m, const AccessDescriptor& accdesc) {
    if (mutated(m, spec::Mutation::tag_access_obeys_tco) && static_cast<bool>(m.state.PSTATE.TCO == 1)) return false;
    return AllocationTagAccessIsEnabled(m, accdesc.el);
}

/// Whether the memory has tags.
template <class M>
bool HasAllocationTags(M& m, MemoryAttributes& memattrs) {
    return m.decide(spec::Decision::TagAccessTagged, boolean<M>(IsTagged(m, memattrs))) ||
           mutated(m, spec::Mutation::untagged_memory_has_tags);
}

/// The tag check that only a defective implementation makes; whether the access goes on.
template <class M>
bool TagAccessGoesOn(M& m, AddressDescriptor<M>& memaddrdesc, bits<M, 64> address, const AccessDescriptor& accdesc) {
    return !mutated(m, spec::Mutation::tag_accesses_checked) || !AccessIsTagChecked(m, address, accdesc) ||
           CheckTagOrFault(m, memaddrdesc, address, accdesc);
}

/// Whether a defective implementation that keeps tags by address, for which it needs no translation, passes over a
/// fault of the MMU.
template <class M>
bool NeedsNoMemory(M& m, const AddressDescriptor<M>& memaddrdesc) {
    const Fault fault = memaddrdesc.fault.statuscode;
    return mutated(m, spec::Mutation::tags_without_memory) &&
           (fault == Fault::Translation || fault == Fault::Permission);
}

/// AArch64.MemTag[] for reading
template <class M>
bits<M, 4> MemTag_read(M& m, bits<M, 64> address, AccessDescriptor accdesc) {
    accdesc.looked_up = true;
    accdesc.tagaccess = TagAccessGoesToTags(m, accdesc);
    AddressDescriptor<M> memaddrdesc = TranslateAddress(m, address, accdesc, true);
    if (IsFault(memaddrdesc) && NeedsNoMemory(m, memaddrdesc)) {
        if (const auto tag = m.state.tags_without_memory.find(address)) return *tag;
        if (memaddrdesc.fault.statuscode == Fault::Permission) return PhysMemTagRead(m, memaddrdesc.paddress, true);
    }
    if (IsFault(memaddrdesc)) {
        Abort(m, address, memaddrdesc.fault);
        return bits<M, 4>(0);
    }
    if (!TagAccessGoesOn(m, memaddrdesc, address, accdesc)) return bits<M, 4>(0);
    if (accdesc.tagaccess && HasAllocationTags(m, memaddrdesc.memattrs)) {
        return PhysMemTagRead(m, memaddrdesc.paddress, true);
    }
    return bits<M, 4>(0);
}

/// AArch64.MemTag[] for writing
template <class M>
void MemTag_set(M& m, bits<M, 64> address, AccessDescriptor accdesc, bits<M, 4> value) {
    accdesc.looked_up = true;
    const bool aligned = m.decide(spec::Decision::TagAligned, IsAligned<TAG_GRANULE>(address));
    if (!aligned) {
        DataAbort(m, address, AlignmentFault(accdesc));
    }
    accdesc.tagaccess = TagAccessGoesToTags(m, accdesc) || mutated(m, spec::Mutation::tags_written_though_disabled);
    AddressDescriptor<M> memaddrdesc = TranslateAddress(m, address, accdesc, aligned);
    if (IsFault(memaddrdesc) && NeedsNoMemory(m, memaddrdesc)) {
        if (memaddrdesc.fault.statuscode == Fault::Translation) {
            m.state.tags_without_memory.store(address, value);
        } else {
            PhysMemTagWrite(m, memaddrdesc.paddress, value);
        }
        return;
    }
    if (IsFault(memaddrdesc)) {
        Abort(m, address, memaddrdesc.fault);
        return;
    }
    if (!TagAccessGoesOn(m, memaddrdesc, address, accdesc)) return;
    if (accdesc.tagaccess && HasAllocationTags(m, memaddrdesc.memattrs)) {
        PhysMemTagWrite(m, memaddrdesc.paddress, value);
    }
}

} // namespace mtecheck::model
