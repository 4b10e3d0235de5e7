// SPDX-License-Identifier: Apache-2.0
//
// MemAtomic: an atomic read-modify-write. One translation, one tag check, before the read.
#pragma once

#include <array>

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

/// SInt(x) < SInt(y), or what a defective implementation takes for it.
template <unsigned N, class M>
boolean<M> SignedLess(M& m, bits<M, N> x, bits<M, N> y) {
    return N < 64 && mutated(m, spec::Mutation::signed_atomics_unsigned) ? ult(x, y) : slt(x, y);
}

/// What an atomic operation makes of a value. Whether it stores that: not after a comparison that fails.
template <unsigned N, class M>
bool AtomicResult(M& m, MemAtomicOp modop, bits<M, N> oldvalue, bits<M, N> cmpoperand, bits<M, N> operand,
                  bits<M, N>& newvalue) {
    newvalue = operand;
    boolean<M> cmpfail(false);
    switch (modop) {
    case MemAtomicOp::ADD: newvalue = oldvalue + operand; break;
    case MemAtomicOp::BIC: newvalue = oldvalue & ~operand; break;
    case MemAtomicOp::EOR: newvalue = oldvalue ^ operand; break;
    case MemAtomicOp::ORR: newvalue = oldvalue | operand; break;
    case MemAtomicOp::SMAX: newvalue = select(SignedLess<N>(m, oldvalue, operand), operand, oldvalue); break;
    case MemAtomicOp::SMIN: newvalue = select(SignedLess<N>(m, operand, oldvalue), operand, oldvalue); break;
    case MemAtomicOp::UMAX: newvalue = select(ult(oldvalue, operand), operand, oldvalue); break;
    case MemAtomicOp::UMIN: newvalue = select(ult(operand, oldvalue), operand, oldvalue); break;
    case MemAtomicOp::SWP: break;
    case MemAtomicOp::CAS: cmpfail = cmpoperand != oldvalue; break;
    }
    return !m.decide(spec::Decision::CompareFailed, cmpfail);
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
