// SPDX-License-Identifier: Apache-2.0
//
// Loads and stores with ordering: LDAR, STLR, LDLAR, STLLR, LDAPR, and LDAPUR, STLUR with an offset. In one PE they
// do what plain loads and stores do, but need natural alignment, or without FEAT_LSE2 at least that.
#pragma once

#include "model/isa/load_store.h"

namespace mtecheck::model {

/// memory/ordered: LDAR, STLR, LDLAR, STLLR
template <class M>
void LoadStoreOrdered(M& m, const spec::LoadStoreOrdered<bits<M, 32>>& i) {
    const unsigned n = m.index(i.Rn());
    const unsigned t = m.index(i.Rt());
    const bool tagchecked = TagCheckedUnlessSP(m, false, n);
    const AccessDescriptor accdesc =
        i.limitedordered ? CreateAccDescLOR(m, i.memop, tagchecked) : CreateAccDescAcqRel(m, i.memop, tagchecked);
    const bits<M, 64> address = BaseAddress(m, n);
    // The pseudocode says TRUE for LDLAR and STLLR too; the implementation with the deliberate fault does not.
    SetLSInstructionSyndrome(m, i.scale, false, t, i.regsize == 64, !i.limitedordered);
    WithDatasize(i.scale, [&]<unsigned datasize>() {
        if (i.memop == MemOp::STORE) {
            Mem_set<datasize / 8>(m, address, accdesc, slice<datasize - 1, 0>(X<64>(m, t)));
        } else {
            const bits<M, datasize> data = LoadSingle<datasize / 8>(m, t, address, accdesc);
            X_set<64>(m, t, ZeroExtend<64>(data));
        }
    });
}

/// memory/ordered_rcpc: LDAPR
template <class M>
void LoadRcpc(M& m, const spec::LoadRcpc<bits<M, 32>>& i) {
    const unsigned n = m.index(i.Rn());
    const unsigned t = m.index(i.Rt());
    AccessDescriptor accdesc = CreateAccDescLDAcqPC(m, TagCheckedUnlessSP(m, false, n));
    if (mutated(m, spec::Mutation::ldapr_misalignment_ignored)) accdesc.acqpc = false;
    const bits<M, 64> address = BaseAddress(m, n);
    SetLSInstructionSyndrome(m, i.scale, false, t, i.regsize == 64, true);
    WithDatasize(i.scale, [&]<unsigned datasize>() {
        const bits<M, datasize> data = LoadSingle<datasize / 8>(m, t, address, accdesc);
        X_set<64>(m, t, ZeroExtend<64>(data));
    });
}

/// memory/single/general/immediate/signed/offset/lda_stl: LDAPUR, STLUR
template <class M>
void LoadStoreRcpcUnscaled(M& m, const spec::LoadStoreRcpcUnscaled<bits<M, 32>>& i) {
    const unsigned n = m.index(i.Rn());
    const unsigned t = m.index(i.Rt());
    const bool tagchecked = TagCheckedUnlessSP(m, false, n) && !mutated(m, spec::Mutation::ldapur_stlur_unchecked);
    const AccessDescriptor accdesc =
        i.memop == MemOp::LOAD ? CreateAccDescLDAcqPC(m, tagchecked) : CreateAccDescAcqRel(m, i.memop, tagchecked);
    const bits<M, 64> address = BaseAddressOfRcpcOrStructure(m, n) + bits<M, 64>(SignExtend<64>(i.imm9()));
    SetLSInstructionSyndrome(m, i.scale, i.is_signed, t, i.regsize == 64, true);
    WithDatasize(i.scale, [&]<unsigned datasize>() {
        if (i.memop == MemOp::STORE) {
            Mem_set<datasize / 8>(m, address, accdesc, slice<datasize - 1, 0>(X<64>(m, t)));
        } else {
            const bits<M, datasize> data = LoadSingle<datasize / 8>(m, t, address, accdesc);
            LoadedToX<datasize>(m, t, i.regsize, i.is_signed, data);
        }
    });
}

} // namespace mtecheck::model
