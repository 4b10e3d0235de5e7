// SPDX-License-Identifier: Apache-2.0
//
// The machine's control registers as field views: `HCR_EL2(m).TGE()` is the pseudocode's HCR_EL2.TGE.
// Fields and positions come from spec/registers.json.
#pragma once

#include "model/state/proc_state.h"
#include "spec/gen/registers.h"

namespace mtecheck::model {

template <class M>
auto HCR_EL2(M& m) {
    return spec::fields::HCR_EL2<bits<M, 64>>{m.state.HCR_EL2};
}

template <class M>
auto SCR_EL3(M& m) {
    return spec::fields::SCR_EL3<bits<M, 64>>{m.state.SCR_EL3};
}

template <class M>
auto SCTLR_EL1(M& m) {
    return spec::fields::SCTLR_EL1<bits<M, 64>>{m.state.SCTLR_EL1};
}

template <class M>
auto SCTLR_EL2(M& m) {
    return spec::fields::SCTLR_EL2<bits<M, 64>>{m.state.SCTLR_EL2};
}

template <class M>
auto SCTLR_EL3(M& m) {
    return spec::fields::SCTLR_EL3<bits<M, 64>>{m.state.SCTLR_EL3};
}

template <class M>
auto TCR_EL1(M& m) {
    return spec::fields::TCR_EL1<bits<M, 64>>{m.state.TCR_EL1};
}

/// TCR_EL2 when HCR_EL2.E2H is 0.
template <class M>
auto TCR_EL2(M& m) {
    return spec::fields::TCR_EL2<bits<M, 64>>{m.state.TCR_EL2};
}

/// TCR_EL2 when HCR_EL2.E2H is 1: the layout of TCR_EL1.
template <class M>
auto TCR_EL2_E2H(M& m) {
    return spec::fields::TCR_EL2_VHE<bits<M, 64>>{m.state.TCR_EL2};
}

template <class M>
auto TCR_EL3(M& m) {
    return spec::fields::TCR_EL3<bits<M, 64>>{m.state.TCR_EL3};
}

/// A register with one of its fields replaced: WithField<spec::field::RGSR_EL1::TAG>(register, tag).
template <spec::BitRange field, class Register, class Value>
Register WithField(Register value, Value v) {
    return with_slice<field.hi, field.lo>(value, v);
}

} // namespace mtecheck::model
