// SPDX-License-Identifier: Apache-2.0
//
// Load-exclusive and store-exclusive, single and pair, with and without acquire and release.
#pragma once

#include "model/isa/base_register.h"
#include "model/isa/constrained.h"
#include "model/isa/load_store_pair.h"
#include "model/isa/sizes.h"
#include "model/memory/memory.h"
#include "spec/gen/isa_classes.h"

namespace mtecheck::model {

/// "tagchecked = n != 31" of exclusives, or the mutant that checks none.
template <class M>
bool ExclusiveTagChecked(M& m, unsigned n) {
    return TagCheckedUnlessSP(m, false, n) && !mutated(m, spec::Mutation::exclusive_unchecked);
}

/// `register_size`: bytes of one of the registers stored.
template <unsigned datasize, class M>
void StoreExclusiveOf(M& m, bits<M, 64> address, AccessDescriptor accdesc, unsigned s, bits<M, datasize> data,
                      unsigned register_size) {
    constexpr unsigned dbytes = datasize / 8;
    bits<M, 1> status(1);
    NoteAccess(m, address, dbytes, dbytes);
    if (!ExclusiveAligned<M>(address, dbytes)) TagCheckBeforeAlignment(m, address, accdesc, register_size);
    if (ExclusiveMonitorsPass(m, address, dbytes, accdesc.tagchecked)) {
        // If the monitors pass, the store happens. ExclusiveMonitorsStatus is 0: nothing else can clear them.
        Mem_set<dbytes>(m, address, accdesc, data);
        status = bits<M, 1>(0);
    } else if (mutated(m, spec::Mutation::failed_store_exclusive_stores)) {
        Mem_set<dbytes>(m, address, accdesc, data);
    }
    X_set<32>(m, s, ZeroExtend<32>(status));
}

/// What defective implementations do with a misaligned load-exclusive: look at its tag, of a pair that of the first
/// register, before its alignment, or report its alignment as that of a write.
template <class M>
void CheckMisalignedExclusive(M& m, bits<M, 64> address, const AccessDescriptor& accdesc, unsigned size,
                              unsigned register_size) {
    NoteAccess(m, address, size, size);
    if (ExclusiveAligned<M>(address, size)) return;
    TagCheckBeforeAlignment(m, address, accdesc, register_size);
    if (mutated(m, spec::Mutation::atomic_alignment_fault_as_write) &&
        UnalignedAccessFaults(m, accdesc, address, size)) {
        DataAbort(m, address, AtomicAlignmentFault(m, address, accdesc, size));
    }
}

template <class M>
void LoadStoreExclusive(M& m, const spec::LoadStoreExclusive<bits<M, 32>>& i) {
    const unsigned n = m.index(i.Rn());
    const unsigned t = m.index(i.Rt());
    const AccessDescriptor accdesc = CreateAccDescExLDST(m, i.memop, i.acqrel, ExclusiveTagChecked(m, n));

    if (i.memop == MemOp::STORE) {
        const unsigned s = m.index(i.Rs());
        if (s == t && StoreExclusiveDataOverlap(m) == Constraint::NOP) return;
        if (s == n && n != 31 && StoreExclusiveBaseOverlap(m) == Constraint::NOP) return;
        const bits<M, 64> address = BaseAddress(m, n);
        WithDatasize(i.scale, [&]<unsigned datasize>() {
            StoreExclusiveOf<datasize>(m, address, accdesc, s, slice<datasize - 1, 0>(X<64>(m, t)), datasize / 8);
        });
        return;
    }

    const bits<M, 64> address = BaseAddress(m, n);
    WithDatasize(i.scale, [&]<unsigned datasize>() {
        CheckMisalignedExclusive(m, address, accdesc, datasize / 8, datasize / 8);
        SetExclusiveMonitors(m, address, datasize / 8);
        const bits<M, datasize> data = LoadSingle<datasize / 8>(m, t, address, accdesc);
        X_set<64>(m, t, ZeroExtend<64>(data));
    });
}

template <unsigned elsize, class M>
void LoadStoreExclusivePairOf(M& m, const spec::LoadStoreExclusivePair<bits<M, 32>>& i) {
    constexpr unsigned datasize = 2 * elsize;
    constexpr unsigned dbytes = datasize / 8;
    const unsigned n = m.index(i.Rn());
    const unsigned t = m.index(i.Rt());
    const unsigned t2 = m.index(i.Rt2());
    const AccessDescriptor accdesc = CreateAccDescExLDST(m, i.memop, i.acqrel, ExclusiveTagChecked(m, n));

    if (i.memop == MemOp::STORE) {
        const unsigned s = m.index(i.Rs());
        if ((s == t || s == t2) && StoreExclusiveDataOverlap(m) == Constraint::NOP) return;
        if (s == n && n != 31 && StoreExclusiveBaseOverlap(m) == Constraint::NOP) return;
        const bits<M, 64> address = BaseAddress(m, n);
        const bits<M, datasize> data = concat(X<elsize>(m, t2), X<elsize>(m, t));
        StoreExclusiveOf<datasize>(m, address, accdesc, s, data, elsize / 8);
        return;
    }

    bool rt_unknown = false;
    if (t == t2) {
        const Constraint c = LoadPairOverlap(m);
        if (c == Constraint::NOP) return;
        rt_unknown = c == Constraint::UNKNOWN;
    }
    const bits<M, 64> address = BaseAddress(m, n);
    CheckMisalignedExclusive(m, address, accdesc, dbytes, elsize / 8);
    SetExclusiveMonitors(m, address, dbytes);
    // ConstrainedUNPREDICTABLE case: the pseudocode accesses no memory; the text (K1.2.17.15) says that a load is
    // performed, which may fault.
    const bool loads = !rt_unknown || m.choose(spec::DontCare::LoadPairOverlap, 2) == 1;
    if (!loads) {
        // only the monitor is set
    } else if constexpr (elsize == 32) {
        // 32-bit load exclusive pair (atomic)
        const bits<M, datasize> data = Mem_read<dbytes>(m, address, accdesc);
        X_set<elsize>(m, t, slice<elsize - 1, 0>(data));
        X_set<elsize>(m, t2, slice<datasize - 1, elsize>(data));
    } else {
        // 64-bit load exclusive pair (not atomic), but must be 128-bit aligned
        if (m.decide(spec::Decision::ExclusivePairMisaligned, !IsAligned<dbytes>(address)) &&
            !mutated(m, spec::Mutation::no_access_needs_alignment)) {
            DataAbort(m, address, AlignmentFault(accdesc));
        }
        Pair<M, elsize> pair;
        LoadGeneralPair(m, n, t, t2, [&] { pair = ReadPair<elsize>(m, address, accdesc, false); });
        X_set<elsize>(m, t, pair.data1);
        X_set<elsize>(m, t2, pair.data2);
    }
    if (rt_unknown) SetUnknown(m, spec::DontCare::LoadPairOverlap, t);
}

template <class M>
void LoadStoreExclusivePair(M& m, const spec::LoadStoreExclusivePair<bits<M, 32>>& i) {
    if (i.scale == 2) {
        LoadStoreExclusivePairOf<32>(m, i);
    } else {
        LoadStoreExclusivePairOf<64>(m, i);
    }
}

} // namespace mtecheck::model
