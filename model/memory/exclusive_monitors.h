// SPDX-License-Identifier: Apache-2.0
//
// The exclusive monitors of one PE: the local monitor remembers the physical range of the last load-exclusive.
//
// What the architecture leaves open: a store-exclusive to another address or of another size than the load's may
// or may not succeed; any store-exclusive may fail for reasons that programs do not see. The model lets it pass
// when the range is the same.
#pragma once

#include "model/memory/mem_read_write.h"

namespace mtecheck::model {

template <class M>
bool ExclusiveAligned(bits<M, 64> address, unsigned size) {
    return static_cast<bool>(IsZero(address & bits<M, 64>(size - 1)));
}

/// AArch64.SetExclusiveMonitors
template <class M>
void SetExclusiveMonitors(M& m, bits<M, 64> address, unsigned size) {
    const AccessDescriptor accdesc = CreateAccDescExLDST(m, MemOp::LOAD, false, false);
    const bool aligned = ExclusiveAligned<M>(address, size);
    if (!aligned && UnalignedAccessFaults(m, accdesc, address, size)) {
        DataAbort(m, address, AlignmentFault(accdesc));
    }
    const AddressDescriptor<M> memaddrdesc = TranslateAddress(m, address, accdesc, aligned);
    if (IsFault(memaddrdesc)) {
        return;
    }
    m.state.exclusive = {.set = true, .size = size, .paddress = memaddrdesc.paddress};
}

/// AArch64.ExclusiveMonitorsPass
template <class M>
bool ExclusiveMonitorsPass(M& m, bits<M, 64> address, unsigned size) {
    const AccessDescriptor accdesc = CreateAccDescExLDST(m, MemOp::STORE, false, false);
    const bool aligned = ExclusiveAligned<M>(address, size);
    if (!aligned && UnalignedAccessFaults(m, accdesc, address, size)) {
        DataAbort(m, address, AlignmentFault(accdesc));
    }
    const AddressDescriptor<M> memaddrdesc = TranslateAddress(m, address, accdesc, aligned);
    if (IsFault(memaddrdesc)) {
        DataAbort(m, address, memaddrdesc.fault);
    }
    const ExclusiveMonitor<M> monitor = m.state.exclusive;
    m.state.exclusive.set = false;
    return monitor.set && monitor.size == size &&
           m.decide(spec::Decision::ExclusiveAddress, monitor.paddress == memaddrdesc.paddress);
}

/// ClearExclusiveLocal
template <class M>
void ClearExclusiveLocal(M& m) {
    m.state.exclusive.set = false;
}

}  // namespace mtecheck::model
