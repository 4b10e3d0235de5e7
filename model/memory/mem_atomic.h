// SPDX-License-Identifier: Apache-2.0
//
// MemAtomic: an atomic read-modify-write. One translation, one tag check, before the read.
#pragma once

#include "model/deliberate/mem_atomic.h"
#include "model/memory/atomic_result.h"
#include "model/memory/mem_read_write.h"

namespace mtecheck::model {

/// MemAtomic: returns the old value. N is in bits.
template <unsigned N, class M>
bits<M, N> MemAtomic(M& m, bits<M, 64> address, bits<M, N> cmpoperand, bits<M, N> operand,
                     const AccessDescriptor& accdesc_in) {
    constexpr unsigned bytes = N / 8;
    AccessDescriptor accdesc = accdesc_in;
    NoteAccess(m, address, bytes, bytes);
    const bool aligned = m.decide(spec::Decision::Aligned, IsAligned<bytes>(address));
    AccessDescriptor check = accdesc;
    const bool checked_apart = CheckedApart(m, check);
    if (accdesc.tagchecked) {
        accdesc.tagchecked = AccessIsTagChecked(m, address, accdesc);
    }
    if (!aligned && UnalignedAccessFaults(m, accdesc, address, bytes)) {
        TagCheckBeforeAlignment(m, address, check, bytes);
        DataAbort(m, address, AtomicAlignmentFault(m, address, accdesc_in, bytes));
    }

    if (checked_apart && accdesc.tagchecked) {
        TagCheckApart(m, address, check, bytes);
        accdesc.tagchecked = false;
        AbortIfRepeated(m, address, accdesc, aligned);
    }
    if (!aligned && mutated(m, spec::Mutation::no_access_needs_alignment) &&
        !static_cast<bool>(AllInAlignedQuantity<TAG_GRANULE>(address, bytes))) {
        return MemAtomicOfBytes<N>(m, address, cmpoperand, operand, accdesc);
    }

    bits<M, N> loaded(0);
    if (EndsWithLoad<N>(m, address, cmpoperand, accdesc, aligned, loaded)) return loaded;

    AddressDescriptor<M> memaddrdesc = TranslateAddress(m, address, accdesc, aligned);
    if (IsFault(memaddrdesc)) {
        DescribeHostAccess(m, memaddrdesc.fault, accdesc, accdesc.tagchecked, aligned);
        Abort(m, address, memaddrdesc.fault);
        return bits<M, N>(0);
    }
    if (accdesc.tagchecked) {
        if (!CheckTagOrFault(m, memaddrdesc, address, accdesc)) return bits<M, N>(0);
        AbortIfRepeated(m, address, accdesc, aligned);
    }

    const bits<M, N> oldvalue = m.template phys_read<bytes>(memaddrdesc.paddress);
    bits<M, N> newvalue(0);
    if (AtomicResult<N>(m, accdesc.modop, oldvalue, cmpoperand, operand, newvalue)) {
        ClearExclusiveByAddress(m);
        m.template phys_write<bytes>(memaddrdesc.paddress, newvalue);
    }
    return oldvalue;
}

} // namespace mtecheck::model
