// SPDX-License-Identifier: Apache-2.0
//
// AArch64.MemTag[]: explicit reads and writes of allocation tags. They are Tag Unchecked.
#pragma once

#include "model/tags/tag_check.h"

namespace mtecheck::model {

/// AArch64.MemTag[] for reading
template <class M>
bits<M, 4> MemTag_read(M& m, bits<M, 64> address, AccessDescriptor accdesc) {
    accdesc.tagaccess = AllocationTagAccessIsEnabled(m, accdesc.el);
    AddressDescriptor<M> memaddrdesc = TranslateAddress(m, address, accdesc, true);
    if (IsFault(memaddrdesc)) {
        Abort(m, address, memaddrdesc.fault);
        return bits<M, 4>(0);
    }
    if (accdesc.tagaccess && m.decide(spec::Decision::TagAccessTagged, boolean<M>(IsTagged(m, memaddrdesc.memattrs)))) {
        return PhysMemTagRead(m, memaddrdesc.paddress, true);
    }
    return bits<M, 4>(0);
}

/// AArch64.MemTag[] for writing
template <class M>
void MemTag_set(M& m, bits<M, 64> address, AccessDescriptor accdesc, bits<M, 4> value) {
    const bool aligned = m.decide(spec::Decision::TagAligned, IsAligned<TAG_GRANULE>(address));
    if (!aligned) {
        DataAbort(m, address, AlignmentFault(accdesc));
    }
    accdesc.tagaccess =
        AllocationTagAccessIsEnabled(m, accdesc.el) || mutated(m, spec::Mutation::tags_written_though_disabled);
    AddressDescriptor<M> memaddrdesc = TranslateAddress(m, address, accdesc, aligned);
    if (IsFault(memaddrdesc)) {
        Abort(m, address, memaddrdesc.fault);
        return;
    }
    if (accdesc.tagaccess && m.decide(spec::Decision::TagAccessTagged, boolean<M>(IsTagged(m, memaddrdesc.memattrs)))) {
        PhysMemTagWrite(m, memaddrdesc.paddress, value);
    }
}

} // namespace mtecheck::model
