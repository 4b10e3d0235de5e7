// SPDX-License-Identifier: Apache-2.0
//
// MemAtomic: an atomic read-modify-write. One translation, one tag check, before the read.
#pragma once

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
    }

    bits<M, N> loaded(0);
    if (EndsWithLoad<N>(m, address, cmpoperand, accdesc, aligned, loaded)) return loaded;

    AddressDescriptor<M> memaddrdesc = TranslateAddress(m, address, accdesc, aligned);
    if (IsFault(memaddrdesc)) {
        Abort(m, address, memaddrdesc.fault);
        return bits<M, N>(0);
    }
    if (accdesc.tagchecked && !CheckTagOrFault(m, memaddrdesc, address, accdesc)) {
        return bits<M, N>(0);
    }

    const bits<M, N> oldvalue = m.template phys_read<bytes>(memaddrdesc.paddress);
    bits<M, N> newvalue = operand;
    boolean<M> cmpfail(false);
    switch (accdesc.modop) {
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
    if (!m.decide(spec::Decision::CompareFailed, cmpfail)) {
        ClearExclusiveByAddress(m);
        m.template phys_write<bytes>(memaddrdesc.paddress, newvalue);
    }
    return oldvalue;
}

} // namespace mtecheck::model
