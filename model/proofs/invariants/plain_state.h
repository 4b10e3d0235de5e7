// SPDX-License-Identifier: Apache-2.0
//
// A state with one fixed configuration: an Exception level with tag checking in synchronous mode and nothing that
// exempts an access or traps. Registers, memory and tags stay arbitrary. For scenarios about all instructions; that the
// configuration decides alike for every kind of access is what checked_access.cc proves.
#pragma once

#include "model/state/exception_level.h"
#include "spec/gen/registers.h"

namespace mtecheck::model::proofs {

/// At EL0, EL1 or EL2, which is not the host; from EL1 on with SP_ELx.
template <class M>
void SetPlainConfiguration(M& m, unsigned el = EL1) {
    namespace sctlr = spec::field::SCTLR_EL1;
    namespace tcr = spec::field::TCR_EL1;
    namespace tcr_el2 = spec::field::TCR_EL2;
    namespace scr = spec::field::SCR_EL3;
    auto& s = m.state;
    s.PSTATE.EL = bits<M, 2>(el);
    s.PSTATE.SP = bits<M, 1>(el == EL0 ? 0 : 1);
    s.PSTATE.TCO = bits<M, 1>(0);
    s.PSTATE.PAN = bits<M, 1>(0);
    s.PSTATE.UAO = bits<M, 1>(1);
    s.SCTLR_EL1 = bits<M, 64>(sctlr::M.place(1) | sctlr::C.place(1) | sctlr::ATA.place(1) | sctlr::TCF.place(1) |
                              sctlr::ATA0.place(1) | sctlr::TCF0.place(1) | sctlr::UCI.place(1) | sctlr::DZE.place(1));
    s.SCTLR_EL2 = bits<M, 64>(sctlr::M.place(1) | sctlr::C.place(1) | sctlr::ATA.place(1) | sctlr::TCF.place(1));
    s.TCR_EL1 = bits<M, 64>(tcr::T0SZ.place(16) | tcr::T1SZ.place(16) | tcr::TBI0.place(1) | tcr::TBI1.place(1));
    s.TCR_EL2 = bits<M, 64>(tcr_el2::T0SZ.place(16) | tcr_el2::TBI.place(1));
    s.HCR_EL2 = bits<M, 64>(0);
    s.SCR_EL3 = bits<M, 64>(scr::ATA.place(1) | scr::NS.place(el == EL2 ? 1 : 0));
    s.CPACR_EL1 = bits<M, 64>(spec::field::CPACR_EL1::FPEN.place(3));
    s.CPTR_EL2 = bits<M, 64>(0);
    s.CPTR_EL3 = bits<M, 64>(0);
}

/// The page of the tables that an address of 48 bits is in, with the plain configuration.
struct PlainPage {
    bool mapped = true;
    unsigned level = 3;
    MemoryKind memory = MemoryKind::tagged;
    bool readable = true; ///< at the Exception level of the PE
    bool writable = true;
};

/// Each half of the address space that an Exception level has.
template <class S>
bool EachHalf(S& s, unsigned el) {
    return el < EL2 && s.each_of(2) == 1;
}

/// A canonical address: any top byte, one half, any 48 bits of which `low` are the lowest.
template <class S, unsigned N>
struct PlainAddress {
    using Word = typename S::template Bits<64>;
    bool upper = false;
    Word value;

    PlainAddress(S& s, bool in_upper_half, typename S::template Bits<N> low) : upper(in_upper_half) {
        const auto half = typename S::template Bits<8>(upper ? 0xff : 0);
        const auto number = s.template any<48 - N>("address without its low bits");
        value = concat(concat(s.template any<8>("top byte"), half), concat(number, low));
    }
    template <class M>
    PlainPage page(M m, unsigned el) const {
        const auto& page = m.find_region(upper, ZeroExtend<64>(slice<47, 0>(value)));
        const bool from_el0 = (page.ap & 1U) != 0;
        const bool read_only = (page.ap & 2U) != 0;
        const bool readable = el != EL0 || from_el0;
        return {.mapped = page.mapped,
                .level = page.level,
                .memory = page.memory,
                .readable = readable,
                .writable = readable && !read_only};
    }
};

} // namespace mtecheck::model::proofs
