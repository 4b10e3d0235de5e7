// SPDX-License-Identifier: Apache-2.0
//
// Where an access goes, for invariants that say what is at the place; and a translation that decides little, for those
// that are not about it.
#pragma once

#include "model/memory/translation.h"
#include "spec/gen/registers.h"

namespace mtecheck::model::proofs {

/// Where an access that did not fault goes.
template <class M>
struct Location {
    bits<M, 56> paddress = 0;
    bool tagged = false;
    bool open = false; ///< the architecture leaves open what happens: Tagged without the data cache, or a Device
};

template <class M>
Location<M> Locate(M m, bits<M, 64> address) {
    const AddressDescriptor<M> found = TranslateAddress(m, address, CreateAccDescLDGSTG(m, MemOp::LOAD), true);
    return {.paddress = found.paddress,
            .tagged = found.memattrs.tags == MemTag::AllocationTagged,
            .open = found.memattrs.may_be_untagged || found.memattrs.kind == MemoryKind::device};
}

/// The address of any byte of memory, in a form that tells its granule apart.
template <class S>
typename S::template Bits<56> Anywhere(S& s) {
    return concat(s.template any<52>("a granule"), s.template any<4>("a byte of it"));
}

/// Plain translation, by registers that are set so: stage 1 and the data cache are on in every regime, addresses have
/// 39 bits, EL2 is enabled, HCR_EL2.<DC,TGE> are 0. All else is arbitrary.
template <class M>
void SetPlainTranslation(M& m) {
    using namespace spec::field;
    const auto lower_half = [](bits<M, 64> tcr) {
        return with_slice<TCR_EL1::T0SZ.hi, TCR_EL1::T0SZ.lo>(tcr, bits<M, 6>(25));
    };
    const auto with_39_bits = [&](bits<M, 64> tcr) {
        return with_slice<TCR_EL1::T1SZ.hi, TCR_EL1::T1SZ.lo>(lower_half(tcr), bits<M, 6>(25));
    };
    auto& s = m.state;
    const bits<M, 64> on(SCTLR_EL1::M.mask() | SCTLR_EL1::C.mask());
    s.SCTLR_EL1 = s.SCTLR_EL1 | on;
    s.SCTLR_EL2 = s.SCTLR_EL2 | on;
    s.SCTLR_EL3 = s.SCTLR_EL3 | on;
    s.TCR_EL1 = with_39_bits(s.TCR_EL1);
    s.TCR_EL2 = with_39_bits(s.TCR_EL2);
    s.TCR_EL3 = lower_half(s.TCR_EL3);
    s.HCR_EL2 = s.HCR_EL2 & ~bits<M, 64>(HCR_EL2::DC.mask() | HCR_EL2::TGE.mask());
    s.SCR_EL3 = s.SCR_EL3 | bits<M, 64>(SCR_EL3::NS.mask());
}

} // namespace mtecheck::model::proofs
