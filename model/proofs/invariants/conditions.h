// SPDX-License-Identifier: Apache-2.0
//
// Conditions of the architecture, in the words of its registers: premises of invariants. They are terms and ask no
// function of the model, so that a fault in the model's own decision does not hide behind itself.
#pragma once

#include <utility>

#include "model/state/proc_state.h"
#include "spec/gen/registers.h"

namespace mtecheck::model::proofs {

template <class M>
boolean<M> Is(bits<M, 1> bit) {
    return bit == bits<M, 1>(1);
}

/// EL2 is enabled in the current Security state. EL2, EL3 and FEAT_SEL2 are implemented.
template <class M>
boolean<M> EL2IsEnabled(const M& m) {
    const spec::fields::SCR_EL3<bits<M, 64>> scr{m.state.SCR_EL3};
    return Is<M>(scr.NS()) | Is<M>(scr.EEL2());
}

/// HCR_EL2.<E2H,TGE> is 11: EL0 runs in the EL2&0 translation regime where EL2 is enabled.
template <class M>
boolean<M> IsHost(const M& m) {
    const spec::fields::HCR_EL2<bits<M, 64>> hcr{m.state.HCR_EL2};
    return Is<M>(hcr.E2H()) & Is<M>(hcr.TGE());
}

/// The SCTLR_ELx that controls an Exception level.
template <class M>
bits<M, 64> ControllingSCTLR(const M& m, unsigned el) {
    switch (el) {
    case 3: return m.state.SCTLR_EL3;
    case 2: return m.state.SCTLR_EL2;
    case 1: return m.state.SCTLR_EL1;
    default: return select(EL2IsEnabled(m) & IsHost(m), m.state.SCTLR_EL2, m.state.SCTLR_EL1);
    }
}

/// Access to Allocation Tags is enabled at an Exception level: no ATA bit that governs it is 0.
template <class M>
boolean<M> TagAccessIsEnabled(const M& m, unsigned el) {
    const spec::fields::SCTLR_EL1<bits<M, 64>> sctlr{ControllingSCTLR(m, el)};
    boolean<M> enabled = Is<M>(el == 0 ? sctlr.ATA0() : sctlr.ATA());
    if (el < 3) enabled = enabled & Is<M>(spec::fields::SCR_EL3<bits<M, 64>>{m.state.SCR_EL3}.ATA());
    if (el < 2) {
        enabled =
            enabled & (Is<M>(spec::fields::HCR_EL2<bits<M, 64>>{m.state.HCR_EL2}.ATA()) | !EL2IsEnabled(m) | IsHost(m));
    }
    return enabled;
}

/// A control of TCR_ELx that a translation regime of two ranges has for each: `of_two(tcr)` gives those of the upper
/// and the lower one, `of_one(tcr)` that of a regime with one range.
template <class M, class OfTwo, class OfOne>
bits<M, 1> OfRange(const M& m, unsigned el, bits<M, 64> address, const OfTwo& of_two, const OfOne& of_one) {
    using Word = bits<M, 64>;
    const auto half = [&](const auto& tcr) {
        const auto [upper, lower] = of_two(tcr);
        return select(Is<M>(slice<55, 55>(address)), upper, lower);
    };
    const bits<M, 1> of_el1 = half(spec::fields::TCR_EL1<Word>{m.state.TCR_EL1});
    const bits<M, 1> of_el2 = half(spec::fields::TCR_EL2_VHE<Word>{m.state.TCR_EL2});
    switch (el) {
    case 3: return of_one(spec::fields::TCR_EL3<Word>{m.state.TCR_EL3});
    case 2:
        return select(Is<M>(spec::fields::HCR_EL2<Word>{m.state.HCR_EL2}.E2H()), of_el2,
                      of_one(spec::fields::TCR_EL2<Word>{m.state.TCR_EL2}));
    case 1: return of_el1;
    default: return select(EL2IsEnabled(m) & IsHost(m), of_el2, of_el1);
    }
}

template <class M>
bits<M, 1> TBI(const M& m, unsigned el, bits<M, 64> address) {
    return OfRange(
        m, el, address, [](const auto& tcr) { return std::pair(tcr.TBI1(), tcr.TBI0()); },
        [](const auto& tcr) { return tcr.TBI(); });
}

template <class M>
bits<M, 1> TCMA(const M& m, unsigned el, bits<M, 64> address) {
    return OfRange(
        m, el, address, [](const auto& tcr) { return std::pair(tcr.TCMA1(), tcr.TCMA0()); },
        [](const auto& tcr) { return tcr.TCMA(); });
}

/// Whether an access to `address`, made at Exception level `el` on behalf of `acting_el`, is Tag Checked, if its
/// instruction does not exempt it.
template <class M>
boolean<M> IsTagCheckedAt(const M& m, unsigned el, unsigned acting_el, bits<M, 64> address) {
    const boolean<M> top_byte_ignored = Is<M>(TBI(m, el, address));
    const boolean<M> match_all = Is<M>(TCMA(m, el, address));
    const bits<M, 5> tag_and_half = slice<59, 55>(address);
    const boolean<M> canonical_tag = (tag_and_half == bits<M, 5>(0)) | (tag_and_half == bits<M, 5>(31));
    return top_byte_ignored & !(match_all & canonical_tag) & TagAccessIsEnabled(m, acting_el) &
           !Is<M>(m.state.PSTATE.TCO);
}

/// TCF or TCF0 of an Exception level.
template <class M>
bits<M, 2> TagCheckFaultControl(const M& m, unsigned el) {
    const spec::fields::SCTLR_EL1<bits<M, 64>> sctlr{ControllingSCTLR(m, el)};
    return el == 0 ? sctlr.TCF0() : sctlr.TCF();
}

} // namespace mtecheck::model::proofs
