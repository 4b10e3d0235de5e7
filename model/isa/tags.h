// SPDX-License-Identifier: Apache-2.0
//
// The instructions of FEAT_MTE: tag arithmetic, and loads and stores of Allocation Tags.
//
// Invariants: tag arithmetic touches nothing but its registers, RGSR_EL1 and, for SUBPS, the flags. Explicit tag
// accesses and the data that goes with them are Tag Unchecked. A base register is written after all accesses.
#pragma once

#include <utility>

#include "model/isa/arithmetic.h"
#include "model/isa/base_register.h"
#include "model/isa/constrained.h"
#include "model/isa/tag_choice.h"
#include "model/memory/memory.h"
#include "spec/gen/isa_classes.h"

namespace mtecheck::model {

// ---------------------------------------------------------------------------------------------- tag arithmetic

/// AArch64.AllocationTagAccessIsEnabled for what ADDG, SUBG and IRG give; a defective implementation asks PSTATE.TCO,
/// too.
template <class M>
bool TagArithmeticIsEnabled(M& m) {
    return AllocationTagAccessIsEnabled(m, m.state.PSTATE.EL) &&
           !(mutated(m, spec::Mutation::tag_arithmetic_obeys_tco) && static_cast<bool>(m.state.PSTATE.TCO == 1));
}

/// ADDG, SUBG: the address is added to or subtracted from, the tag offset is always added.
template <class M, class Instruction>
void AddSubTag(M& m, bool ADD, const Instruction& i) {
    const unsigned d = m.index(i.Xd());
    const unsigned n = m.index(i.Xn());
    bits<M, 4> tag_offset = i.uimm4();
    bits<M, 64> offset = shift_left<LOG2_TAG_GRANULE>(ZeroExtend<64>(i.uimm6()));
    if (mutated(m, spec::Mutation::addg_offset_unscaled)) offset = ZeroExtend<64>(i.uimm6());
    if (m.index(i.op3()) != 0U) {
        const Constraint c = AddTagReservedField(m);
        if (c == Constraint::NOP) return;
        if (c == Constraint::UNKNOWN) throw NotPredicted{"the destination is UNKNOWN"};
    }

    const bits<M, 64> operand1 = XorSP(m, n);
    const bits<M, 4> start_tag = AllocationTagFromAddress(m, operand1);
    const bits<M, 16> exclude = mutated(m, spec::Mutation::addg_ignores_exclude)
                                    ? bits<M, 16>(0)
                                    : spec::fields::GCR_EL1<bits<M, 64>>{m.state.GCR_EL1}.Exclude();
    bits<M, 4> rtag(0);
    if (TagArithmeticIsEnabled(m)) {
        if (mutated(m, spec::Mutation::addg_tag_offset_off_by_one)) tag_offset = tag_offset + bits<M, 4>(1);
        if (mutated(m, spec::Mutation::subg_subtracts_tag) && !ADD) tag_offset = bits<M, 4>(0) - tag_offset;
        rtag = ChooseNonExcludedTag(m, start_tag, tag_offset, exclude);
    }

    const bits<M, 64> result = ADD ? operand1 + offset : operand1 - offset;
    if (mutated(m, spec::Mutation::tag_arithmetic_sets_flags)) SetNZCV(m, slice<63, 60>(result));
    XorSP_set(m, d, AddressWithAllocationTag(m, result, rtag));
}

template <class M>
void ADDG(M& m, const spec::ADDG<bits<M, 32>>& i) {
    AddSubTag(m, true, i);
}

template <class M>
void SUBG(M& m, const spec::SUBG<bits<M, 32>>& i) {
    AddSubTag(m, false, i);
}

template <class M>
void IRG(M& m, const spec::IRG<bits<M, 32>>& i) {
    const unsigned d = m.index(i.Xd());
    const unsigned n = m.index(i.Xn());
    const spec::fields::GCR_EL1<bits<M, 64>> gcr{m.state.GCR_EL1};

    const bits<M, 64> operand = XorSP(m, n);
    const bits<M, 64> exclude_reg = X<64>(m, m.index(i.Xm()));
    const bits<M, 16> none(0);
    const bits<M, 16> by_register =
        mutated(m, spec::Mutation::irg_ignores_register_exclude) ? none : slice<15, 0>(exclude_reg);
    const bits<M, 16> by_gcr = mutated(m, spec::Mutation::irg_ignores_gcr_exclude) ? none : gcr.Exclude();
    const bits<M, 16> exclude = by_register | by_gcr;

    bits<M, 4> rtag(0);
    if (TagArithmeticIsEnabled(m)) {
        if (m.decide(spec::Decision::IRG_RRND, gcr.RRND() == bits<M, 1>(1))) {
            if (!m.decide(spec::Decision::IRG_AllExcluded, exclude == 0xffff))
                rtag = ChooseRandomNonExcludedTag(m, exclude);
            m.state.rgsr_implementation_defined = true;
        } else {
            const spec::fields::RGSR_EL1<bits<M, 64>> rgsr{ReadRGSR(m)};
            const bits<M, 4> start_tag =
                mutated(m, spec::Mutation::irg_tag_start_wrong) ? AllocationTagFromAddress(m, operand) : rgsr.TAG();
            const bits<M, 4> offset = RandomTag(m);
            rtag = ChooseNonExcludedTag(m, start_tag, offset, exclude);
            // Bits that are RES0 become 0 when the register is written indirectly, whatever software left in them.
            m.state.RGSR_EL1 =
                WithField<spec::field::RGSR_EL1::TAG>(m.state.RGSR_EL1, rtag) & bits<M, 64>(spec::mask::RGSR_EL1);
        }
    }

    bits<M, 64> result = AddressWithAllocationTag(m, operand, rtag);
    if (mutated(m, spec::Mutation::irg_changes_top_nibble)) result = with_slice<63, 60>(result, bits<M, 4>(0));
    if (mutated(m, spec::Mutation::tag_arithmetic_sets_flags)) SetNZCV(m, rtag);
    XorSP_set(m, d, result);
}

template <class M>
void GMI(M& m, const spec::GMI<bits<M, 32>>& i) {
    const unsigned d = m.index(i.Xd());
    const bits<M, 64> address = XorSP(m, m.index(i.Xn()));
    const bits<M, 64> mask = X<64>(m, m.index(i.Xm()));
    bits<M, 4> tag = AllocationTagFromAddress(m, address);

    if (mutated(m, spec::Mutation::gmi_wrong_bit)) tag = tag + bits<M, 4>(1);
    bits<M, 64> result = mask | LSL(bits<M, 64>(1), ZeroExtend<64>(tag));
    if (mutated(m, spec::Mutation::gmi_subp_need_tag_access) && !AllocationTagAccessIsEnabled(m, CurrentEL(m))) {
        result = mask;
    }
    if (mutated(m, spec::Mutation::tag_arithmetic_sets_flags)) SetNZCV(m, slice<3, 0>(result));
    X_set<64>(m, d, mutated(m, spec::Mutation::gmi_uses_32_bits) ? result & bits<M, 64>(0xffffffff) : result);
}

/// SUBP, SUBPS: the difference of two addresses as signed numbers of 56 bits.
template <class M>
void SubtractTaggedAddress(M& m, bool setflags, unsigned d, unsigned n, unsigned mm) {
    bits<M, 64> operand1 = XorSP(m, n);
    bits<M, 64> operand2 = XorSP(m, mm);
    if (mutated(m, spec::Mutation::subp_no_sign_extension)) {
        operand1 = ZeroExtend<64>(slice<55, 0>(operand1));
        operand2 = ZeroExtend<64>(slice<55, 0>(operand2));
    } else if (!mutated(m, spec::Mutation::subp_keeps_top_byte)) {
        operand1 = SignExtend<64>(slice<55, 0>(operand1));
        operand2 = SignExtend<64>(slice<55, 0>(operand2));
    }

    const Sum<M, 64> sum = AddWithCarry<64>(m, operand1, ~operand2, bits<M, 1>(1));
    if (setflags || mutated(m, spec::Mutation::tag_arithmetic_sets_flags)) {
        const bits<M, 4> borrow(mutated(m, spec::Mutation::subps_flags_carry_wrong) ? 2 : 0);
        SetNZCV(m, sum.nzcv ^ borrow);
    }
    if (mutated(m, spec::Mutation::gmi_subp_need_tag_access) && !AllocationTagAccessIsEnabled(m, CurrentEL(m))) {
        return;
    }
    X_set<64>(m, d, sum.result);
}

template <class M>
void SUBP(M& m, const spec::SUBP<bits<M, 32>>& i) {
    SubtractTaggedAddress(m, false, m.index(i.Xd()), m.index(i.Xn()), m.index(i.Xm()));
}

template <class M>
void SUBPS(M& m, const spec::SUBPS<bits<M, 32>>& i) {
    SubtractTaggedAddress(m, true, m.index(i.Xd()), m.index(i.Xn()), m.index(i.Xm()));
}

// ------------------------------------------------------------------------------------------ tags of one or two
// granules

template <class M>
void LDG(M& m, const spec::LDG<bits<M, 32>>& i) {
    const unsigned t = m.index(i.Xt());
    const unsigned n = m.index(i.Xn());
    const bits<M, 64> offset = shift_left<LOG2_TAG_GRANULE>(SignExtend<64>(i.imm9()));

    bits<M, 64> address = BaseAddress(m, n) + offset;
    if (mutated(m, spec::Mutation::ldg_wrong_granule)) address = address + bits<M, 64>(TAG_GRANULE - 1);
    address = Align<TAG_GRANULE>(address);

    const AccessDescriptor accdesc = CreateAccDescLDGSTG(m, MemOp::LOAD);
    const bits<M, 4> tag = MemTag_read(m, address, accdesc);
    if (mutated(m, spec::Mutation::ldg_disabled_returns_address) &&
        static_cast<bool>(!AllocationTagAccessIsEnabled(m, m.state.PSTATE.EL))) {
        X_set<64>(m, t, AddressWithAllocationTag(m, address, tag));
        return;
    }
    if (mutated(m, spec::Mutation::ldg_destination_may_be_sp)) {
        XorSP_set(m, t, AddressWithAllocationTag(m, XorSP(m, t), tag));
        return;
    }
    X_set<64>(m, t, AddressWithAllocationTag(m, X<64>(m, t), tag));
}

/// The register whose tag a tag store writes.
template <class M>
bits<M, 64> TagSource(M& m, unsigned t) {
    return mutated(m, spec::Mutation::stg_source_is_never_sp) ? X<64>(m, t) : XorSP(m, t);
}

/// How a tag store is indexed.
template <class M, class Instruction>
Indexing TagStoreIndexing(M& m, const Instruction& i) {
    const bool postindex = i.postindex && !mutated(m, spec::Mutation::tag_store_post_index_as_pre);
    return {.writeback = i.writeback, .postindex = postindex};
}

/// The address that a tag store accesses: "if !postindex then address = address + offset".
template <class M>
bits<M, 64> TagStoreAddress(M& m, Indexing indexing, unsigned n, bits<M, 64> offset) {
    bits<M, 64> address = BaseAddress(m, n);
    if (!indexing.postindex) address = address + offset;
    if (mutated(m, spec::Mutation::tag_store_writeback_before_fault)) WriteBack(m, indexing, n, address, offset);
    return address;
}

/// The writeback of a tag store.
template <class M>
void TagStoreWriteBack(M& m, Indexing indexing, unsigned n, bits<M, 64> address, bits<M, 64> offset) {
    if (mutated(m, spec::Mutation::disabled_tag_store_skips_writeback) &&
        !AllocationTagAccessIsEnabled(m, CurrentEL(m))) {
        return;
    }
    WriteBack(m, indexing, n, address, offset);
}

/// The granule that a tag store works on: its address, which must be aligned.
template <class M>
bits<M, 64> GranuleToStore(M& m, bits<M, 64> address, bool with_data) {
    const bool aligns = mutated(m, spec::Mutation::stg_no_alignment_fault) ||
                        (!with_data && mutated(m, spec::Mutation::stg_st2g_no_alignment_fault));
    return aligns ? Align<TAG_GRANULE>(address) : address;
}

/// if !IsAligned(address, TAG_GRANULE) then AArch64.Abort(address, AlignmentFault(accdesc))
template <class M>
void CheckGranuleAligned(M& m, bits<M, 64> address, const AccessDescriptor& accdesc) {
    if (m.decide(spec::Decision::TagStoreMisaligned, !IsAligned<TAG_GRANULE>(address))) {
        DataAbort(m, address, AlignmentFault(accdesc));
    }
}

/// Mem[address, TAG_GRANULE, accdesc] = Zeros(TAG_GRANULE * 8)
template <class M>
void ZeroGranule(M& m, bits<M, 64> address, AccessDescriptor accdesc) {
    accdesc.looked_up = true; // for its tag
    Mem_set<TAG_GRANULE>(m, address, accdesc, bits<M, 128>(0));
}

/// How STZG and STZ2G zero their granules: unchecked.
template <class M>
AccessDescriptor ZeroingAccess(M& m, AccessDescriptor accdesc) {
    accdesc.tagchecked = mutated(m, spec::Mutation::zeroing_tag_stores_checked);
    return accdesc;
}

/// STG, STZG
template <class M>
void StoreTag(M& m, Indexing indexing, bool zero_data, unsigned n, unsigned t, bits<M, 64> offset) {
    const bits<M, 64> address = TagStoreAddress(m, indexing, n, offset);
    const AccessDescriptor accdesc = CreateAccDescLDGSTG(m, MemOp::STORE);
    const bits<M, 64> granule = GranuleToStore(m, address, zero_data);
    if (zero_data) {
        CheckGranuleAligned(m, granule, accdesc);
        if (!mutated(m, spec::Mutation::stzg_tags_without_zero)) ZeroGranule(m, granule, ZeroingAccess(m, accdesc));
    }

    const bits<M, 4> tag = AllocationTagFromAddress(m, TagSource(m, t));
    if (!(zero_data && mutated(m, spec::Mutation::stzg_zeroes_without_tag))) MemTag_set(m, granule, accdesc, tag);

    TagStoreWriteBack(m, indexing, n, address, offset);
}

/// ST2G, STZ2G
template <class M>
void StoreTagPair(M& m, Indexing indexing, bool zero_data, unsigned n, unsigned t, bits<M, 64> offset) {
    const bits<M, 4> tag = AllocationTagFromAddress(m, TagSource(m, t));

    const bits<M, 64> address = TagStoreAddress(m, indexing, n, offset);
    const AccessDescriptor accdesc = CreateAccDescLDGSTG(m, MemOp::STORE);
    const bits<M, 64> first = GranuleToStore(m, address, zero_data);
    const bits<M, 64> second = first + bits<M, 64>(TAG_GRANULE);
    if (zero_data) {
        CheckGranuleAligned(m, first, accdesc);
        ZeroGranule(m, first, ZeroingAccess(m, accdesc));
        ZeroGranule(m, second, ZeroingAccess(m, accdesc));
    }

    MemTag_set(m, first, accdesc, tag);
    if (!mutated(m, spec::Mutation::st2g_second_granule_missed)) MemTag_set(m, second, accdesc, tag);

    TagStoreWriteBack(m, indexing, n, address, offset);
}

template <class M>
void STG(M& m, const spec::STG<bits<M, 32>>& i) {
    const bits<M, 64> offset = shift_left<LOG2_TAG_GRANULE>(SignExtend<64>(i.imm9()));
    const Indexing indexing = TagStoreIndexing(m, i);
    StoreTag(m, indexing, mutated(m, spec::Mutation::stg_zeroes_data), m.index(i.Xn()), m.index(i.Xt()), offset);
}

template <class M>
void STZG(M& m, const spec::STZG<bits<M, 32>>& i) {
    const bits<M, 64> offset = shift_left<LOG2_TAG_GRANULE>(SignExtend<64>(i.imm9()));
    const Indexing indexing = TagStoreIndexing(m, i);
    StoreTag(m, indexing, true, m.index(i.Xn()), m.index(i.Xt()), offset);
}

template <class M>
void ST2G(M& m, const spec::ST2G<bits<M, 32>>& i) {
    const bits<M, 64> offset = shift_left<LOG2_TAG_GRANULE>(SignExtend<64>(i.imm9()));
    const Indexing indexing = TagStoreIndexing(m, i);
    StoreTagPair(m, indexing, false, m.index(i.Xn()), m.index(i.Xt()), offset);
}

template <class M>
void STZ2G(M& m, const spec::STZ2G<bits<M, 32>>& i) {
    const bits<M, 64> offset = shift_left<LOG2_TAG_GRANULE>(SignExtend<64>(i.imm9()));
    const Indexing indexing = TagStoreIndexing(m, i);
    StoreTagPair(m, indexing, true, m.index(i.Xn()), m.index(i.Xt()), offset);
}

/// What a defective implementation does with the tag of the base: it is stored first, and then the data are checked.
template <class M>
void CheckAgainstTagOfBase(M& m, unsigned n, bits<M, 64> granule, AccessDescriptor accdesc) {
    if (!mutated(m, spec::Mutation::stgp_tag_from_base)) return;
    accdesc.tagchecked = true;
    const bits<M, 4> tag = AllocationTagFromAddress(m, XorSP(m, n));
    if (!AccessIsTagChecked(m, granule, accdesc) || static_cast<bool>(tag == PhysicalTag(m, granule))) return;
    AddressDescriptor<M> memaddrdesc = TranslateAddress(m, granule, accdesc, true);
    TagCheckFault(m, granule, accdesc, memaddrdesc.memattrs);
}

template <class M>
void STGP(M& m, const spec::STGP<bits<M, 32>>& i) {
    const unsigned n = m.index(i.Xn());
    const unsigned t = m.index(i.Xt());
    const unsigned t2 = m.index(i.Xt2());
    const bits<M, 64> offset = shift_left<LOG2_TAG_GRANULE>(SignExtend<64>(i.simm7()));
    const Indexing indexing = TagStoreIndexing(m, i);

    bits<M, 64> data1 = X<64>(m, t);
    bits<M, 64> data2 = X<64>(m, t2);
    if (mutated(m, spec::Mutation::stgp_order_swapped)) std::swap(data1, data2);

    const bits<M, 64> address = TagStoreAddress(m, indexing, n, offset);
    const AccessDescriptor accdesc = CreateAccDescLDGSTG(m, MemOp::STORE);
    const bits<M, 64> granule = GranuleToStore(m, address, true);
    CheckGranuleAligned(m, granule, accdesc);
    CheckAgainstTagOfBase(m, n, granule, accdesc);
    Mem_set<8>(m, granule, accdesc, data1);
    Mem_set<8>(m, granule + bits<M, 64>(8), accdesc, data2);

    bits<M, 64> source = mutated(m, spec::Mutation::stgp_tag_from_register) ? data1 : address;
    if (mutated(m, spec::Mutation::stgp_tag_from_base)) source = XorSP(m, n);
    MemTag_set(m, granule, accdesc, AllocationTagFromAddress(m, source));

    TagStoreWriteBack(m, indexing, n, address, offset);
}

// ------------------------------------------------------------------------------------------------- tags of a block

/// The block of LDGM, STGM and STZGM that holds an address.
template <class M>
struct TagBlock {
    bits<M, 64> address;
    unsigned count; ///< of granules
};

/// if PSTATE.EL == EL0 then UNDEFINED
template <class M>
void CheckBulkTagAccessAllowed(M& m) {
    if (CurrentEL(m) == EL0 && !mutated(m, spec::Mutation::bulk_tag_access_at_el0)) Undefined(m);
}

/// `BS` is log2 of the block's size in words: GMID_EL1.BS, DCZID_EL0.BS.
template <class M>
TagBlock<M> AlignToBlock(M&, bits<M, 64> address, unsigned BS) {
    const std::uint64_t size = std::uint64_t{4} << BS;
    return {address & ~bits<M, 64>(size - 1), static_cast<unsigned>(size >> LOG2_TAG_GRANULE)};
}

/// Where the tag of a granule is in the register of LDGM and STGM: bits 4k+3:4k with k = address<7:4>.
template <class M>
bits<M, 64> TagPosition(M&, bits<M, 64> address) {
    return ZeroExtend<64>(concat(slice<LOG2_TAG_GRANULE + 3, LOG2_TAG_GRANULE>(address), bits<M, 2>(0)));
}

template <class M>
void LDGM(M& m, const spec::LDGM<bits<M, 32>>& i) {
    const unsigned t = m.index(i.Xt());
    const unsigned n = m.index(i.Xn());
    CheckBulkTagAccessAllowed(m);

    const bits<M, 64> base = BaseAddress(m, n);
    const unsigned BS = m.index(spec::fields::GMID_EL1<bits<M, 64>>{m.state.GMID_EL1}.BS());
    TagBlock<M> block = AlignToBlock(m, base, BS);
    const bits<M, 64> first = block.address;

    bits<M, 64> data(0);
    const AccessDescriptor accdesc = CreateAccDescLDGSTG(m, MemOp::LOAD);
    for (unsigned granule = 0; granule < block.count; ++granule) {
        const bits<M, 4> tag = MemTag_read(m, block.address, accdesc);
        const bits<M, 64> position = mutated(m, spec::Mutation::ldgm_index_from_zero)
                                         ? TagPosition(m, block.address - first)
                                         : TagPosition(m, block.address);
        data = data | LSL(ZeroExtend<64>(tag), position);
        block.address = block.address + bits<M, 64>(TAG_GRANULE);
    }

    X_set<64>(m, t, data);
}

template <class M>
void STGM(M& m, const spec::STGM<bits<M, 32>>& i) {
    const unsigned t = m.index(i.Xt());
    const unsigned n = m.index(i.Xn());
    CheckBulkTagAccessAllowed(m);

    const bits<M, 64> data = X<64>(m, t);
    const bits<M, 64> base = BaseAddress(m, n);
    unsigned BS = m.index(spec::fields::GMID_EL1<bits<M, 64>>{m.state.GMID_EL1}.BS());
    if (mutated(m, spec::Mutation::stgm_block_size_wrong)) --BS;
    TagBlock<M> block = AlignToBlock(m, base, BS);

    const AccessDescriptor accdesc = CreateAccDescLDGSTG(m, MemOp::STORE);
    for (unsigned granule = 0; granule < block.count; ++granule) {
        const bits<M, 4> tag = slice<3, 0>(LSR(data, TagPosition(m, block.address)));
        MemTag_set(m, block.address, accdesc, tag);
        block.address = block.address + bits<M, 64>(TAG_GRANULE);
    }
}

template <class M>
void STZGM(M& m, const spec::STZGM<bits<M, 32>>& i) {
    const unsigned t = m.index(i.Xt());
    const unsigned n = m.index(i.Xn());
    CheckBulkTagAccessAllowed(m);

    const bits<M, 64> data = X<64>(m, t);
    const bits<M, 64> base = BaseAddress(m, n);
    const bits<M, 4> tag =
        mutated(m, spec::Mutation::stzgm_tag_from_address) ? AllocationTagFromAddress(m, base) : slice<3, 0>(data);
    const unsigned BS = m.index(spec::fields::DCZID_EL0<bits<M, 64>>{m.state.DCZID_EL0}.BS());
    TagBlock<M> block = AlignToBlock(m, base, BS);

    const AccessDescriptor accdesc = CreateAccDescLDGSTG(m, MemOp::STORE);
    m.state.block_in_progress = {.any = true, .argument = base};
    for (unsigned granule = 0; granule < block.count; ++granule) {
        MemTag_set(m, block.address, accdesc, tag);
        ZeroGranule(m, block.address, accdesc);
        block.address = block.address + bits<M, 64>(TAG_GRANULE);
    }
    m.state.block_in_progress.any = false;
}

} // namespace mtecheck::model
