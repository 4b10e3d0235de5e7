// SPDX-License-Identifier: Apache-2.0
//
// Loads and stores of one general register: immediate forms (offset, pre-index, post-index, unprivileged), register
// offset, literal; and prefetches, which have no architectural effect.
//
// Invariant: the base register is written after the access, so an access that faults leaves it unchanged.
#pragma once

#include "model/isa/arithmetic.h"
#include "model/isa/base_register.h"
#include "model/isa/constrained.h"
#include "model/isa/sizes.h"
#include "model/memory/memory.h"
#include "spec/gen/isa_classes.h"

namespace mtecheck::model {

/// X[t, regsize] = if signed then SignExtend(data, regsize) else ZeroExtend(data, regsize)
template <unsigned datasize, class M>
void LoadedToX(M& m, unsigned t, unsigned regsize, bool is_signed, bits<M, datasize> data) {
    if constexpr (datasize == 64) {
        X_set<64>(m, t, data);
    } else if (regsize == 64) {
        X_set<64>(m, t, is_signed ? SignExtend<64>(data) : ZeroExtend<64>(data));
    } else {
        X_set<32>(m, t, is_signed ? SignExtend<32>(data) : ZeroExtend<32>(data));
    }
}

/// Arguments of memory/single/general/*, which differ in how the offset is found and who accesses.
struct SingleGeneral {
    MemOp memop;
    bool is_signed;
    unsigned scale;
    unsigned regsize;
    bool privileged;
    bool tagchecked;
    unsigned n;
    unsigned t;
};

template <class M>
void LoadStoreSingle(M& m, const SingleGeneral& op, Indexing indexing, bits<M, 64> offset) {
    bool wb_unknown = false;
    if (indexing.writeback && op.n == op.t && op.n != 31) {
        const Constraint c = op.memop == MemOp::LOAD ? WritebackOverlapLoad(m) : WritebackOverlapStore(m);
        if (c == Constraint::NOP) return;
        if (c == Constraint::WBSUPPRESS) indexing.writeback = false;
        wb_unknown = c == Constraint::UNKNOWN;
    }

    const AccessDescriptor accdesc = CreateAccDescGPR(m, op.memop, false, op.privileged, op.tagchecked);
    bits<M, 64> address = BaseAddress(m, op.n);
    if (!indexing.postindex) address = address + offset;
    if (mutated(m, spec::Mutation::writeback_before_fault)) WriteBack(m, indexing, op.n, address, offset);
    SetLSInstructionSyndrome(m, op.scale, op.is_signed, op.t, op.regsize == 64, false);
    m.state.ls_instruction_syndrome.writeback = indexing.writeback;

    WithDatasize(op.scale, [&]<unsigned datasize>() {
        if (op.memop == MemOp::STORE) {
            Mem_set<datasize / 8>(m, address, accdesc, slice<datasize - 1, 0>(X<64>(m, op.t)));
        } else {
            const bits<M, datasize> data = LoadSingle<datasize / 8>(m, op.t, address, accdesc);
            LoadedToX<datasize>(m, op.t, op.regsize, op.is_signed, data);
        }
    });

    WriteBack(m, indexing, op.n, address, offset);
    if (wb_unknown) SetUnknown(m, spec::DontCare::WritebackOverlapLoad, op.n);
}

template <class M>
void LoadStoreImmediate(M& m, const spec::LoadStoreImmediate<bits<M, 32>>& i) {
    const unsigned n = m.index(i.Rn());
    const bits<M, 64> offset = i.unsigned_offset ? LSL(ZeroExtend<64>(i.imm12()), bits<M, 64>(i.scale))
                                                 : bits<M, 64>(SignExtend<64>(i.imm9()));
    const SingleGeneral op{.memop = i.memop,
                           .is_signed = i.is_signed,
                           .scale = i.scale,
                           .regsize = i.regsize,
                           .privileged = CurrentEL(m) != EL0,
                           .tagchecked = TagCheckedUnlessSP(m, i.wback, n),
                           .n = n,
                           .t = m.index(i.Rt())};
    LoadStoreSingle(m, op, Indexing{.writeback = i.wback, .postindex = i.postindex}, offset);
}

template <class M>
void LoadStoreUnprivileged(M& m, const spec::LoadStoreUnprivileged<bits<M, 32>>& i) {
    const unsigned n = m.index(i.Rn());
    const bool as_el1 = mutated(m, spec::Mutation::ldtr_uses_el1_rules);
    const bool privileged = as_el1 ? CurrentEL(m) != EL0 : IsUnprivAccessPriv(m);
    const bool unchecked =
        mutated(m, spec::Mutation::unpriv_reports_as_privileged) && (privileged || CurrentEL(m) == EL0);
    const SingleGeneral op{.memop = i.memop,
                           .is_signed = i.is_signed,
                           .scale = i.scale,
                           .regsize = i.regsize,
                           .privileged = privileged,
                           .tagchecked = !unchecked && TagCheckedUnlessSP(m, false, n),
                           .n = n,
                           .t = m.index(i.Rt())};
    LoadStoreSingle(m, op, Indexing{.writeback = false, .postindex = false}, SignExtend<64>(i.imm9()));
}

template <class M>
void LoadStoreRegisterOffset(M& m, const spec::LoadStoreRegisterOffset<bits<M, 32>>& i) {
    const unsigned n = m.index(i.Rn());
    const unsigned shift = m.index(i.S()) != 0U ? i.scale : 0U;
    const bits<M, 64> offset = ExtendReg<64>(m, m.index(i.Rm()), m.index(i.option()), shift);
    const bool unchecked = n == 31 && mutated(m, spec::Mutation::register_offset_sp_unchecked);
    const SingleGeneral op{.memop = i.memop,
                           .is_signed = i.is_signed,
                           .scale = i.scale,
                           .regsize = i.regsize,
                           .privileged = CurrentEL(m) != EL0,
                           .tagchecked = !unchecked,
                           .n = n,
                           .t = m.index(i.Rt())};
    LoadStoreSingle(m, op, Indexing{.writeback = false, .postindex = false}, offset);
}

template <class M>
void LoadLiteral(M& m, const spec::LoadLiteral<bits<M, 32>>& i) {
    const unsigned t = m.index(i.Rt());
    const bits<M, 64> offset = shift_left<2>(SignExtend<64>(i.imm19()));
    const bits<M, 64> address = ThisInstrAddr(m) + offset;

    const AccessDescriptor accdesc = CreateAccDescGPR(m, MemOp::LOAD, false, CurrentEL(m) != EL0, false);
    if (i.size == 8) {
        X_set<64>(m, t, Mem_read<8>(m, address, accdesc));
        return;
    }
    const bits<M, 32> data = Mem_read<4>(m, address, accdesc);
    LoadedToX<32>(m, t, i.is_signed ? 64 : 32, i.is_signed, data);
}

/// A hint: no check of SP's alignment, no tag check, no fault.
template <class M>
void Prefetch(M& m, const spec::Prefetch<bits<M, 32>>& i) {
    if (mutated(m, spec::Mutation::prefetch_checks_sp_alignment) && !i.literal && m.index(i.Rn()) == 31) {
        CheckSPAlignment(m);
    }
}

} // namespace mtecheck::model
