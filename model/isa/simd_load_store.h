// SPDX-License-Identifier: Apache-2.0
//
// Loads and stores of SIMD&FP registers: LDR, STR, LDUR, STUR, literal loads, LDP, STP, LDNP, STNP, and the structure
// loads and stores LD1-LD4, ST1-ST4, LD1R-LD4R.
//
// Invariant: each register of a pair and each element of a structure is an access of its own, in ascending order.
#pragma once

#include "model/isa/arithmetic.h"
#include "model/isa/base_register.h"
#include "model/isa/constrained.h"
#include "model/isa/partial_load.h"
#include "model/isa/sizes.h"
#include "model/memory/memory.h"
#include "spec/gen/isa_classes.h"

namespace mtecheck::model {

// ------------------------------------------------------------------------------------------- one or two registers

/// memory/single/simdfp/*
template <class M>
void SimdLoadStore(M& m, MemOp memop, unsigned scale, Indexing indexing, bool tagchecked, unsigned n, unsigned t,
                   bits<M, 64> offset) {
    CheckFPAdvSIMDEnabled64(m);
    const AccessDescriptor accdesc = CreateAccDescASIMD(m, memop, false, tagchecked);
    bits<M, 64> address = BaseAddress(m, n);
    if (!indexing.postindex) address = address + offset;

    WithVectorDatasize(scale, [&]<unsigned datasize>() {
        if (memop == MemOp::STORE) {
            Mem_set<datasize / 8>(m, address, accdesc, V<datasize>(m, t));
        } else {
            const bits<M, datasize> data = Mem_read<datasize / 8>(m, address, accdesc);
            V_set<datasize>(m, t, data);
        }
    });

    WriteBack(m, indexing, n, address, offset);
}

template <class M>
void SimdLoadStoreImmediate(M& m, const spec::SimdLoadStoreImmediate<bits<M, 32>>& i) {
    const unsigned n = m.index(i.Rn());
    const bits<M, 64> offset = i.unsigned_offset ? LSL(ZeroExtend<64>(i.imm12()), bits<M, 64>(i.scale))
                                                 : bits<M, 64>(SignExtend<64>(i.imm9()));
    const Indexing indexing{.writeback = i.wback, .postindex = i.postindex};
    SimdLoadStore(m, i.memop, i.scale, indexing, TagCheckedUnlessSP(m, i.wback, n), n, m.index(i.Rt()), offset);
}

template <class M>
void SimdLoadStoreRegisterOffset(M& m, const spec::SimdLoadStoreRegisterOffset<bits<M, 32>>& i) {
    const unsigned n = m.index(i.Rn());
    const unsigned shift = m.index(i.S()) != 0U ? i.scale : 0U;
    const bits<M, 64> offset = ExtendReg<64>(m, m.index(i.Rm()), m.index(i.option()), shift);
    const bool unchecked = n == 31 && mutated(m, spec::Mutation::register_offset_sp_unchecked);
    const Indexing indexing{.writeback = false, .postindex = false};
    SimdLoadStore(m, i.memop, i.scale, indexing, !unchecked, n, m.index(i.Rt()), offset);
}

template <class M>
void SimdLoadLiteral(M& m, const spec::SimdLoadLiteral<bits<M, 32>>& i) {
    CheckFPAdvSIMDEnabled64(m);
    const unsigned t = m.index(i.Rt());
    const bits<M, 64> address = ThisInstrAddr(m) + shift_left<2>(SignExtend<64>(i.imm19()));
    const AccessDescriptor accdesc = CreateAccDescASIMD(m, MemOp::LOAD, false, false);
    switch (i.size) {
    case 4: V_set<32>(m, t, Mem_read<4>(m, address, accdesc)); break;
    case 8: V_set<64>(m, t, Mem_read<8>(m, address, accdesc)); break;
    default: V_set<128>(m, t, Mem_read<16>(m, address, accdesc)); break;
    }
}

template <unsigned datasize, class M>
void SimdLoadStorePairOf(M& m, const spec::SimdLoadStorePair<bits<M, 32>>& i) {
    constexpr unsigned dbytes = datasize / 8;
    const unsigned n = m.index(i.Rn());
    const unsigned t = m.index(i.Rt());
    const unsigned t2 = m.index(i.Rt2());
    const bits<M, 64> offset = LSL(bits<M, 64>(SignExtend<64>(i.imm7())), bits<M, 64>(i.scale));

    bool rt_unknown = false;
    if (i.memop == MemOp::LOAD && t == t2) {
        const Constraint c = LoadPairOverlap(m);
        if (c == Constraint::NOP) return;
        rt_unknown = c == Constraint::UNKNOWN;
    }

    CheckFPAdvSIMDEnabled64(m);
    AccessDescriptor accdesc = CreateAccDescASIMD(m, i.memop, i.nontemporal, TagCheckedUnlessSP(m, i.wback, n));
    const Indexing indexing{.writeback = i.wback, .postindex = i.postindex};
    bits<M, 64> address = BaseAddress(m, n);
    if (!indexing.postindex) address = address + offset;

    NoteAccess(m, address, 2 * dbytes, dbytes);
    TagCheckBeforeAlignment(m, address, accdesc, 2 * dbytes);
    TagCheckBeforeMemoryType(m, address, accdesc, 2 * dbytes, dbytes);
    const bits<M, 64> second = address + bits<M, 64>(dbytes);
    if (i.memop == MemOp::STORE) {
        Mem_set<dbytes>(m, address, accdesc, V<datasize>(m, t));
        Mem_set<dbytes>(m, second, accdesc, V<datasize>(m, t2));
    } else {
        bits<M, datasize> data1(0);
        bits<M, datasize> data2(0);
        const auto accesses = [&] {
            data1 = Mem_read<dbytes>(m, address, accdesc);
            if (mutated(m, spec::Mutation::ldp_second_register_unchecked)) accdesc.tagchecked = false;
            data2 = Mem_read<dbytes>(m, second, accdesc);
        };
        LoadVectorPair(m, t, t2, accesses);
        V_set<datasize>(m, t, data1);
        V_set<datasize>(m, t2, data2);
    }

    WriteBack(m, indexing, n, address, offset);
    if (rt_unknown) Unknown(m, spec::DontCare::LoadPairOverlap, Place::simd_register(t));
}

template <class M>
void SimdLoadStorePair(M& m, const spec::SimdLoadStorePair<bits<M, 32>>& i) {
    switch (i.scale) {
    case 2: SimdLoadStorePairOf<32>(m, i); break;
    case 3: SimdLoadStorePairOf<64>(m, i); break;
    default: SimdLoadStorePairOf<128>(m, i); break;
    }
}

// ------------------------------------------------------------------------------------------------------ structures

/// Elem[vector, e, esize] for reading
template <unsigned esize, class M>
bits<M, esize> Elem(M&, bits<M, 128> vector, unsigned e) {
    return slice<esize - 1, 0>(LSR(vector, bits<M, 128>(e * esize)));
}

/// Elem[vector, e, esize] = value
template <unsigned esize, class M>
bits<M, 128> Elem_set(M&, bits<M, 128> vector, unsigned e, bits<M, esize> value) {
    const bits<M, 128> position(e * esize);
    const bits<M, 128> mask = LSL(ZeroExtend<128>(~bits<M, esize>(0)), position);
    return (vector & ~mask) | LSL(ZeroExtend<128>(value), position);
}

/// The base register of a structure access after it: moved by its size, or by Xm if that is not register 31.
template <class M>
void PostIncrement(M& m, unsigned n, unsigned index_register, bits<M, 64> address, unsigned size) {
    const bits<M, 64> offs = index_register != 31 ? X<64>(m, index_register) : bits<M, 64>(size);
    XorSP_set(m, n, address + offs);
}

/// memory/vector/multiple: LD1-LD4, ST1-ST4 (multiple structures)
template <unsigned esize, class M>
void SimdLoadStoreMultipleOf(M& m, const spec::SimdLoadStoreMultiple<bits<M, 32>>& i) {
    constexpr unsigned ebytes = esize / 8;
    const unsigned n = m.index(i.Rn());
    const unsigned t = m.index(i.Rt());
    const unsigned datasize = m.index(i.Q()) != 0U ? 128 : 64;
    const unsigned elements = datasize / esize;
    const unsigned registers = i.rpt * i.selem;

    CheckFPAdvSIMDEnabled64(m);
    AccessDescriptor accdesc = CreateAccDescASIMD(m, i.memop, false, TagCheckedUnlessSP(m, i.wback, n));
    const bits<M, 64> address = BaseAddressOfRcpcOrStructure(m, n);
    const unsigned bytes = registers * elements * ebytes;
    const unsigned checked_bytes = mutated(m, spec::Mutation::size_checked_modulo_32) ? (bytes - 1) % 32 + 1 : bytes;
    NoteAccess(m, address, bytes, ebytes, 0);
    TagCheckBeforeAlignment(m, address, accdesc, bytes);
    TagCheckBeforeMemoryType(m, address, accdesc, bytes, ebytes);

    const auto accesses = [&] {
        bits<M, 64> element_address = address;
        unsigned done = 0;
        for (unsigned r = 0; r < i.rpt; ++r) {
            for (unsigned e = 0; e < elements; ++e) {
                for (unsigned s = 0; s < i.selem; ++s) {
                    const unsigned tt = (t + r + s) % 32U;
                    if (done >= checked_bytes) accdesc.tagchecked = false;
                    done += ebytes;
                    if (i.memop == MemOp::LOAD) {
                        const bits<M, esize> element = Mem_read<ebytes>(m, element_address, accdesc);
                        const bits<M, 128> rval = datasize == 128 ? V<128>(m, tt) : ZeroExtend<128>(V<64>(m, tt));
                        V_set<128>(m, tt, Elem_set<esize>(m, rval, e, element));
                    } else {
                        Mem_set<ebytes>(m, element_address, accdesc, Elem<esize>(m, V<128>(m, tt), e));
                    }
                    element_address = element_address + bits<M, 64>(ebytes);
                }
            }
        }
    };
    if (i.memop == MemOp::LOAD) {
        LoadVectors(m, t, registers, accesses);
    } else {
        accesses();
    }

    if (i.wback) PostIncrement(m, n, m.index(i.Rm()), address, bytes);
}

template <class M>
void SimdLoadStoreMultiple(M& m, const spec::SimdLoadStoreMultiple<bits<M, 32>>& i) {
    WithDatasize(m.index(i.size()), [&]<unsigned esize>() { SimdLoadStoreMultipleOf<esize>(m, i); });
}

/// memory/vector/single: LD1-LD4, ST1-ST4 (single structure) and LD1R-LD4R
template <unsigned esize, class M>
void SimdLoadStoreSingleOf(M& m, const spec::SimdLoadStoreSingle<bits<M, 32>>& i, unsigned index) {
    constexpr unsigned ebytes = esize / 8;
    const unsigned n = m.index(i.Rn());
    const unsigned t = m.index(i.Rt());
    const unsigned datasize = m.index(i.Q()) != 0U ? 128 : 64;

    CheckFPAdvSIMDEnabled64(m);
    const AccessDescriptor accdesc = CreateAccDescASIMD(m, i.memop, false, TagCheckedUnlessSP(m, i.wback, n));
    const bits<M, 64> address = BaseAddressOfRcpcOrStructure(m, n);
    const unsigned bytes = i.selem * ebytes;
    NoteAccess(m, address, bytes, ebytes);
    TagCheckBeforeAlignment(m, address, accdesc, bytes);
    TagCheckBeforeMemoryType(m, address, accdesc, bytes, ebytes);

    const auto accesses = [&] {
        bits<M, 64> element_address = address;
        for (unsigned s = 0; s < i.selem; ++s) {
            const unsigned tt = (t + s) % 32U;
            if (i.replicate) {
                // load and replicate to all elements
                const bits<M, esize> element = Mem_read<ebytes>(m, element_address, accdesc);
                bits<M, 128> rval(0);
                for (unsigned e = 0; e < datasize / esize; ++e) rval = Elem_set<esize>(m, rval, e, element);
                V_set<128>(m, tt, rval);
            } else if (i.memop == MemOp::LOAD) {
                // insert into one lane of 128-bit register
                const bits<M, esize> element = Mem_read<ebytes>(m, element_address, accdesc);
                V_set<128>(m, tt, Elem_set<esize>(m, V<128>(m, tt), index, element));
            } else {
                // extract from one lane of 128-bit register
                Mem_set<ebytes>(m, element_address, accdesc, Elem<esize>(m, V<128>(m, tt), index));
            }
            element_address = element_address + bits<M, 64>(ebytes);
        }
    };
    if (i.memop == MemOp::LOAD) {
        LoadVectors(m, t, i.selem, accesses);
    } else {
        accesses();
    }

    if (i.wback) PostIncrement(m, n, m.index(i.Rm()), address, bytes);
}

template <class M>
void SimdLoadStoreSingle(M& m, const spec::SimdLoadStoreSingle<bits<M, 32>>& i) {
    const unsigned size = m.index(i.size());
    const unsigned scale = i.replicate ? size : i.scale;
    // Q:S:size without the low bits that the element size takes
    const unsigned index = ((m.index(i.Q()) << 3U) | (m.index(i.S()) << 2U) | size) >> scale;
    WithDatasize(scale, [&]<unsigned esize>() { SimdLoadStoreSingleOf<esize>(m, i, index); });
}

} // namespace mtecheck::model
