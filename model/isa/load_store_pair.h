// SPDX-License-Identifier: Apache-2.0
//
// Loads and stores of two general registers: LDP, STP, LDPSW, LDNP, STNP.
//
// Invariant: with FEAT_LSE2 a pair is one access of twice the size, except where registers are sign-extended or a
// non-temporal pair is stored; without it, two accesses in ascending order.
#pragma once

#include "model/isa/base_register.h"
#include "model/isa/constrained.h"
#include "model/isa/partial_load.h"
#include "model/memory/memory.h"
#include "spec/gen/isa_classes.h"

namespace mtecheck::model {

/// Two registers as they are in memory, little-endian.
template <class M, unsigned datasize>
struct Pair {
    bits<M, datasize> data1;
    bits<M, datasize> data2;
};

/// "bits(2*datasize) full_data = Mem[address, 2*dbytes, accdesc, ispair]", or two accesses.
template <unsigned datasize, class M>
Pair<M, datasize> ReadPair(M& m, bits<M, 64> address, AccessDescriptor accdesc, bool as_one) {
    constexpr unsigned dbytes = datasize / 8;
    if (as_one && !mutated(m, spec::Mutation::ldp_second_register_unchecked)) {
        const bits<M, 2 * datasize> full_data = Mem_read<2 * dbytes>(m, address, accdesc, true);
        return {slice<datasize - 1, 0>(full_data), slice<2 * datasize - 1, datasize>(full_data)};
    }
    const bits<M, datasize> data1 = Mem_read<dbytes>(m, address, accdesc);
    if (mutated(m, spec::Mutation::ldp_second_register_unchecked)) accdesc.tagchecked = false;
    const bits<M, datasize> data2 = Mem_read<dbytes>(m, address + bits<M, 64>(dbytes), accdesc);
    return {data1, data2};
}

template <unsigned datasize, class M>
void WritePair(M& m, bits<M, 64> address, AccessDescriptor accdesc, bool as_one, const Pair<M, datasize>& pair) {
    constexpr unsigned dbytes = datasize / 8;
    if (as_one) {
        Mem_set<2 * dbytes>(m, address, accdesc, concat(pair.data2, pair.data1), true);
    } else {
        Mem_set<dbytes>(m, address, accdesc, pair.data1);
        Mem_set<dbytes>(m, address + bits<M, 64>(dbytes), accdesc, pair.data2);
    }
}

template <unsigned datasize, class M>
void LoadStorePairOf(M& m, const spec::LoadStorePair<bits<M, 32>>& i, Indexing indexing) {
    const unsigned n = m.index(i.Rn());
    const unsigned t = m.index(i.Rt());
    const unsigned t2 = m.index(i.Rt2());
    const bits<M, 64> offset = LSL(bits<M, 64>(SignExtend<64>(i.imm7())), bits<M, 64>(i.scale));
    const bool load = i.memop == MemOp::LOAD;

    bool rt_unknown = false;
    bool wb_unknown = false;
    if (indexing.writeback && (t == n || t2 == n) && n != 31) {
        const Constraint c = load ? WritebackOverlapLoad(m) : WritebackOverlapStore(m);
        if (c == Constraint::NOP) return;
        if (c == Constraint::WBSUPPRESS) indexing.writeback = false;
        wb_unknown = c == Constraint::UNKNOWN;
    }
    if (load && t == t2) {
        const Constraint c = LoadPairOverlap(m);
        if (c == Constraint::NOP) return;
        rt_unknown = c == Constraint::UNKNOWN;
    }

    const bool tagchecked = TagCheckedUnlessSP(m, i.wback, n);
    const AccessDescriptor accdesc = CreateAccDescGPR(m, i.memop, i.nontemporal, CurrentEL(m) != EL0, tagchecked);
    bits<M, 64> address = BaseAddress(m, n);
    if (!indexing.postindex) address = address + offset;
    if (mutated(m, spec::Mutation::writeback_before_fault)) WriteBack(m, indexing, n, address, offset);

    NoteAccess(m, address, 2 * datasize / 8, datasize / 8, 2 * datasize / 8);
    TagCheckBeforeAlignment(m, address, accdesc, 2 * datasize / 8);
    TagCheckBeforeMemoryType(m, address, accdesc, 2 * datasize / 8, datasize / 8);
    const bool lse2 = m.have(spec::Feature::FEAT_LSE2);
    if (load) {
        Pair<M, datasize> pair;
        LoadGeneralPair(m, n, t, t2, [&] { pair = ReadPair<datasize>(m, address, accdesc, lse2 && !i.is_signed); });
        if (i.is_signed) {
            X_set<64>(m, t, SignExtend<64>(pair.data1));
            X_set<64>(m, t2, SignExtend<64>(pair.data2));
        } else {
            X_set<datasize>(m, t, pair.data1);
            X_set<datasize>(m, t2, pair.data2);
        }
    } else {
        const Pair<M, datasize> pair{X<datasize>(m, t), X<datasize>(m, t2)};
        WritePair<datasize>(m, address, accdesc, lse2 && !i.nontemporal, pair);
    }

    WriteBack(m, indexing, n, address, offset);
    if (wb_unknown) SetUnknown(m, spec::DontCare::WritebackOverlapLoad, n);
    if (rt_unknown) SetUnknown(m, spec::DontCare::LoadPairOverlap, t);
}

template <class M>
void LoadStorePair(M& m, const spec::LoadStorePair<bits<M, 32>>& i) {
    const Indexing indexing{.writeback = i.wback, .postindex = i.postindex};
    if (i.scale == 2) {
        LoadStorePairOf<32>(m, i, indexing);
    } else {
        LoadStorePairOf<64>(m, i, indexing);
    }
}

} // namespace mtecheck::model
