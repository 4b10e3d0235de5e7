// SPDX-License-Identifier: Apache-2.0
//
// The exclusive monitors of one PE: the local monitor remembers the physical range of the last load-exclusive.
//
// What the architecture leaves open, and the model asks the machine about:
//  - a store-exclusive to other memory or of another size than the load's, or to the same memory by another virtual
//    address, or after this PE stored something, may or may not succeed;
//  - a store-exclusive of a process that nothing of this speaks against may fail, since the process may be interrupted,
//    and a simulator of one may clear its monitors whenever it likes;
//  - a store-exclusive that fails may detect aborts before, with or without a tag check, or not at all.
#pragma once

#include "model/exceptions/not_predicted.h"
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
    AddressDescriptor<M> memaddrdesc = TranslateAddress(m, address, accdesc, aligned);
    if (IsFault(memaddrdesc)) {
        return;
    }
    m.state.exclusive = {.set = true, .size = size, .vaddress = address, .paddress = memaddrdesc.paddress};
}

/// A store-exclusive that does not fit the load-exclusive, in address, size or what came between: it passes or fails,
/// and its status and the data are UNKNOWN.
template <class M>
bool ElsewherePasses(M& m, bool by_default) {
    switch (m.choose(spec::DontCare::StoreExclusiveElsewhere, 3)) {
    case 0: return by_default;
    case 1: return !by_default;
    default: throw NotPredicted{"a store-exclusive does not fit the load-exclusive before it"};
    }
}

/// Whether the monitor would let a store to `paddress` pass.
template <class M>
bool IsExclusive(M& m, const ExclusiveMonitor<M>& monitor, bits<M, 64> address, const AddressDescriptor<M>& memaddrdesc,
                 unsigned size) {
    if (!monitor.set || IsFault(memaddrdesc)) {
        return false;
    }
    if (monitor.size != size || !m.decide(spec::Decision::ExclusiveAddress, monitor.paddress == memaddrdesc.paddress)) {
        return ElsewherePasses(m, false);
    }
    // IsExclusiveVA may compare the address as the register has it, with its tag.
    const bool same_va = static_cast<bool>(monitor.vaddress == address);
    return (same_va && !monitor.stored) || ElsewherePasses(m, true);
}

/// Whether an exception came between the load-exclusive and the store-exclusive of a process, be it an interrupt or the
/// signal of an asynchronous Tag Check Fault: the return from it clears the local monitor. Or whether a simulator
/// cleared it.
template <class M>
bool InterruptedSinceLoad(M& m) {
    if (!m.state.may_be_interrupted) return false;
    const bool pending = static_cast<bool>(!IsZero(m.state.TFSRE0_EL1));
    return m.choose(pending ? spec::DontCare::AsynchronousFaultTime : spec::DontCare::InterruptedExclusive, 2) == 1;
}

/// The deliberate fault open_monitor_has_an_address: whether a store-exclusive fits by its address alone.
template <class M>
bool FitsByAddress(M& m, bits<M, 64> address) {
    ExclusiveMonitor<M>& monitor = m.state.exclusive;
    if (static_cast<bool>(address == ~bits<M, 64>(0))) {
        if (monitor.set && InterruptedSinceLoad(m)) monitor.set = false;
        if (!monitor.set) return true;
    }
    return monitor.set && static_cast<bool>(address == monitor.vaddress);
}

/// The same: it goes on, and begins with a load, which looks at its alignment unless FEAT_LSE2 and SCTLR_ELx.A let that
/// be: even where a multiple of 16 is crossed. Where tags are compared, that comes before, with the translation of a
/// store; an implementation that tests alignment together with tags takes it for a write, as with the deliberate fault
/// for CAS.
template <class M>
void BeginWithLoad(M& m, bits<M, 64> address, unsigned size, const AccessDescriptor& store, bool aligned) {
    const bool misaligned = !aligned && !mutated(m, spec::Mutation::no_access_needs_alignment) &&
                            (size == 16 || !m.have(spec::Feature::FEAT_LSE2) || AlignmentEnforced(m));
    if (misaligned && mutated(m, spec::Mutation::cas_alignment_fault_as_write) && TagChecksEnabled(m, store)) {
        DataAbort(m, address, AlignmentFault(store));
    }
    const auto translates = [&](const AccessDescriptor& accdesc, unsigned offset = 0) {
        const bits<M, 64> here = address + bits<M, 64>(offset);
        const AddressDescriptor<M> memaddrdesc = TranslateAddress(m, here, accdesc, aligned);
        if (IsFault(memaddrdesc)) DataAbort(m, here, memaddrdesc.fault);
    };
    if (TagChecksEnabled(m, store) && AccessIsTagChecked(m, address, store)) translates(store);
    const AccessDescriptor load = CreateAccDescExLDST(m, MemOp::LOAD, false, false);
    if (misaligned) DataAbort(m, address, AlignmentFault(load));
    if (size == 16 && m.choose(spec::DontCare::FaultsAtSeveralAddresses, 2) == 1) translates(load, 8);
    translates(load);
    // What the load lets be as misaligned as it is, the store does, too: it fails for its permission alone.
    if (!aligned) translates(store);
}

/// AArch64.ExclusiveMonitorsPass. `tagchecked`: whether the store is Tag Checked if it happens.
template <class M>
bool ExclusiveMonitorsPass(M& m, bits<M, 64> address, unsigned size, bool tagchecked) {
    const AccessDescriptor accdesc = CreateAccDescExLDST(m, MemOp::STORE, false, tagchecked);
    const bool aligned = ExclusiveAligned<M>(address, size);
    if (mutated(m, spec::Mutation::open_monitor_has_an_address) && FitsByAddress(m, address)) {
        BeginWithLoad(m, address, size, accdesc, aligned);
    }
    AddressDescriptor<M> memaddrdesc = TranslateAddress(m, address, accdesc, aligned);
    const bool passed = IsExclusive(m, m.state.exclusive, address, memaddrdesc, size) && !InterruptedSinceLoad(m);
    m.state.exclusive.set = false;

    enum : unsigned { aborts_first, monitor_first, tag_check_first };
    const unsigned order = passed ? aborts_first : m.choose(spec::DontCare::FailingStoreExclusive, 3);
    if (order == monitor_first) {
        return false;
    }
    if (!aligned && UnalignedAccessFaults(m, accdesc, address, size)) {
        DataAbort(m, address, AlignmentFault(accdesc));
    }
    if (IsFault(memaddrdesc)) {
        if (tagchecked && mutated(m, spec::Mutation::permission_after_tag_check) &&
            AccessIsTagChecked(m, address, accdesc)) {
            TagCheckBeforeAbort(m, memaddrdesc, address, accdesc);
        }
        DataAbort(m, address, memaddrdesc.fault);
    }
    if (order == tag_check_first && tagchecked && AccessIsTagChecked(m, address, accdesc)) {
        CheckTagOrFault(m, memaddrdesc, address, accdesc);
    }
    return passed;
}

/// ClearExclusiveLocal
template <class M>
void ClearExclusiveLocal(M& m) {
    m.state.exclusive.set = false;
}

/// ClearExclusiveByAddress: of other PEs. Whether a store also clears the PE's own monitor is not architected.
template <class M>
void ClearExclusiveByAddress(M& m) {
    m.state.exclusive.stored = true;
}

} // namespace mtecheck::model
