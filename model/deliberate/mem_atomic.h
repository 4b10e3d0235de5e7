// SPDX-License-Identifier: Apache-2.0
//
// What deliberate faults make of MemAtomic: checks apart from the access, a compare and swap in two steps, bytes one by
// one, and an operation that is never made.
#pragma once

#include <array>

#include "model/memory/atomic_result.h"
#include "model/memory/mem_read_write.h"

namespace mtecheck::model {

/// How a defective implementation classifies an atomic operation when it checks its tag: a compare and swap as a write,
/// the others as a read, apart from the access itself.
template <class M>
bool CheckedApart(M& m, AccessDescriptor& check) {
    if (check.modop == MemAtomicOp::CAS) {
        check.read = !mutated(m, spec::Mutation::cas_classified_as_write);
        return !check.read;
    }
    check.write = !mutated(m, spec::Mutation::atomics_checked_as_read_first);
    return !check.write;
}

/// What a defective implementation makes of a compare and swap: a load, and if the comparison holds an access as it
/// should be. Whether it ends with the load.
template <unsigned N, class M>
bool EndsWithLoad(M& m, bits<M, 64> address, bits<M, N> cmpoperand, AccessDescriptor accdesc, bool aligned,
                  bits<M, N>& oldvalue) {
    if (accdesc.modop != MemAtomicOp::CAS || !mutated(m, spec::Mutation::cas_as_load_then_store)) return false;
    accdesc.write = false;
    AddressDescriptor<M> memaddrdesc = TranslateAddress(m, address, accdesc, aligned);
    if (!MemSingleGoesOn(m, memaddrdesc, address, accdesc, accdesc.tagchecked, aligned)) return true;
    oldvalue = m.template phys_read<N / 8>(memaddrdesc.paddress);
    return static_cast<bool>(cmpoperand != oldvalue);
}

/// A defective implementation makes an atomic operation across a multiple of 16, too, as a load and a store.
template <unsigned N, class M>
bits<M, N> MemAtomicOfBytes(M& m, bits<M, 64> address, bits<M, N> cmpoperand, bits<M, N> operand,
                            const AccessDescriptor& accdesc) {
    constexpr unsigned bytes = N / 8;
    std::array<AddressDescriptor<M>, bytes> at;
    bits<M, N> oldvalue(0);
    for (unsigned i = 0; i < bytes; ++i) {
        const bits<M, 64> here = address + bits<M, 64>(i);
        at[i] = TranslateAddress(m, here, accdesc, false);
        if (!MemSingleGoesOn(m, at[i], here, accdesc, accdesc.tagchecked, false)) return bits<M, N>(0);
        oldvalue = oldvalue | LSL(ZeroExtend<N>(m.template phys_read<1>(at[i].paddress)), bits<M, N>(8 * i));
    }
    bits<M, N> newvalue(0);
    if (!AtomicResult<N>(m, accdesc.modop, oldvalue, cmpoperand, operand, newvalue)) return oldvalue;
    ClearExclusiveByAddress(m);
    for (unsigned i = 0; i < bytes; ++i) {
        m.template phys_write<1>(at[i].paddress, slice<7, 0>(LSR(newvalue, bits<M, N>(8 * i))));
    }
    return oldvalue;
}

/// A defective implementation does not get on with an atomic operation that is not aligned and has an asynchronous Tag
/// Check Fault: that is reported before the operation is made, which then begins again.
template <class M>
void AbortIfRepeated(M& m, bits<M, 64> address, const AccessDescriptor& accdesc, bool aligned) {
    const AsyncFaults<M>& async = m.state.async_faults;
    if (aligned || !async.any || !mutated(m, spec::Mutation::asynchronous_fault_repeats_atomic)) return;
    if (static_cast<bool>(IsZero(async.by_this_instruction[accdesc.el]))) return;
    FaultRecord fault = NoFault(accdesc);
    fault.statuscode = Fault::Exclusive;
    DataAbort(m, address, fault);
}

} // namespace mtecheck::model
