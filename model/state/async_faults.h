// SPDX-License-Identifier: Apache-2.0
//
// Asynchronously accumulated Tag Check Faults: TFSRE0_EL1 and TFSR_ELx, and when software is sure to see them.
//
// The model sets a bit at the access, which is one legal time. Until a DSB, or an exception entry with
// SCTLR_ELx.ITFSB = 1, a direct read may also miss it, and a direct write may come before it.
#pragma once

#include "model/marks.h"
#include "model/state/exception_level.h"

namespace mtecheck::model {

/// TFSR_EL[el]; TFSRE0_EL1 for 0.
template <class M>
bits<M, 64>& TFSR(M& m, unsigned el) {
    switch (el) {
    case EL0: return m.state.TFSRE0_EL1;
    case EL1: return m.state.TFSR_EL1;
    case EL2: return m.state.TFSR_EL2;
    default: return m.state.TFSR_EL3;
    }
}

constexpr spec::Reg TFSRName(unsigned el) {
    constexpr spec::Reg names[] = {spec::Reg::TFSRE0_EL1, spec::Reg::TFSR_EL1, spec::Reg::TFSR_EL2,
                                   spec::Reg::TFSR_EL3};
    return names[el];
}

/// Sets the bits `tf` of TFSR_EL[el].
template <class M>
void AccumulateTagCheckFault(M& m, unsigned el, bits<M, 64> tf) {
    AsyncFaults<M>& async = m.state.async_faults;
    bits<M, 64>& tfsr = TFSR(m, el);
    const bits<M, 64> newly = tf & ~tfsr;
    async.unsynchronized[el] = async.unsynchronized[el] | newly;
    // An asynchronous fault that was reported before, to be reported again.
    const bool again = mutated(m, spec::Mutation::asynchronous_fault_hides_signal) ||
                       mutated(m, spec::Mutation::asynchronous_fault_repeats_atomic);
    async.by_this_instruction[el] = async.by_this_instruction[el] | (again ? tf : newly);
    async.any = true;
    tfsr = mutated(m, spec::Mutation::tfsr_overwritten) ? tf : tfsr | tf;
}

/// A direct read of TFSR_EL[el].
template <class M>
bits<M, 64> ReadTFSR(M& m, unsigned el) {
    const bits<M, 64> pending = m.state.async_faults.unsynchronized[el];
    const bits<M, 64> value = TFSR(m, el);
    if (m.state.async_faults.any && static_cast<bool>(!IsZero(pending)) &&
        m.choose(spec::DontCare::AsynchronousFaultTime, 2) == 1) {
        return value & ~pending;
    }
    return value;
}

/// A direct write of TFSR_EL[el]: an unsynchronized fault may come after it.
template <class M>
void WriteTFSR(M& m, unsigned el, bits<M, 64> value) {
    AsyncFaults<M>& async = m.state.async_faults;
    const bits<M, 64> pending = async.unsynchronized[el];
    if (async.any && static_cast<bool>(!IsZero(pending)) && m.choose(spec::DontCare::AsynchronousFaultTime, 2) == 1) {
        value = value | pending;
    }
    async.unsynchronized[el] = bits<M, 64>(0);
    TFSR(m, el) = value;
}

/// DSB, other than DSB ST.
template <class M>
void SynchronizeTagCheckFaults(M& m) {
    m.state.async_faults = {};
}

/// Exception entry to `target_el` synchronizes TFSRE0_EL1 up to TFSR_EL[target_el] if SCTLR.ITFSB is 1.
template <class M>
void SynchronizeTagCheckFaultsOnEntry(M& m, unsigned target_el) {
    AsyncFaults<M>& async = m.state.async_faults;
    if (!async.any) {
        return;
    }
    const bool itfsb =
        m.decide(spec::Decision::ITFSB, spec::fields::SCTLR_EL1<bits<M, 64>>{SCTLR(m, target_el)}.ITFSB() == 1);
    for (unsigned el = EL0; el <= target_el; ++el) {
        if (mutated(m, spec::Mutation::itfsb_clear_loses_faults) && !itfsb) {
            TFSR(m, el) = TFSR(m, el) & ~async.unsynchronized[el];
        }
        if (itfsb) {
            async.unsynchronized[el] = bits<M, 64>(0);
        }
    }
}

/// After a synchronous Data Abort the bits that the same instruction set are UNKNOWN.
template <class M>
void TagCheckFaultsOfAbortedInstructionAreUnknown(M& m) {
    AsyncFaults<M>& async = m.state.async_faults;
    if (!async.any) {
        return;
    }
    for (unsigned el = EL0; el <= EL3; ++el) {
        if (static_cast<bool>(!IsZero(async.by_this_instruction[el]))) {
            Unknown(m, spec::DontCare::TagFaultWithDataAbort, Place::system_register(TFSRName(el)),
                    async.by_this_instruction[el]);
        }
    }
}

} // namespace mtecheck::model
