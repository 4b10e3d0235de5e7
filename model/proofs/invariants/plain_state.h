// SPDX-License-Identifier: Apache-2.0
//
// A state with one fixed configuration: EL1 with tag checking in synchronous mode and nothing that exempts an access.
// Registers, memory and tags stay arbitrary. For scenarios about all instructions; that the configuration decides alike
// for every kind of access is what checked_access.cc proves.
#pragma once

#include "model/state/exception_level.h"
#include "spec/gen/registers.h"

namespace mtecheck::model::proofs {

template <class M>
void SetPlainConfiguration(M& m) {
    namespace sctlr = spec::field::SCTLR_EL1;
    namespace tcr = spec::field::TCR_EL1;
    namespace scr = spec::field::SCR_EL3;
    auto& s = m.state;
    s.PSTATE.EL = bits<M, 2>(EL1);
    s.PSTATE.SP = bits<M, 1>(1);
    s.PSTATE.TCO = bits<M, 1>(0);
    s.PSTATE.PAN = bits<M, 1>(0);
    s.PSTATE.UAO = bits<M, 1>(1);
    s.SCTLR_EL1 = bits<M, 64>(sctlr::M.place(1) | sctlr::C.place(1) | sctlr::ATA.place(1) | sctlr::TCF.place(1));
    s.TCR_EL1 = bits<M, 64>(tcr::T0SZ.place(16) | tcr::T1SZ.place(16) | tcr::TBI0.place(1) | tcr::TBI1.place(1));
    s.HCR_EL2 = bits<M, 64>(0);
    s.SCR_EL3 = bits<M, 64>(scr::ATA.place(1));
    s.CPACR_EL1 = bits<M, 64>(std::uint64_t{3} << 20);
    s.CPTR_EL2 = bits<M, 64>(0);
    s.CPTR_EL3 = bits<M, 64>(0);
}

} // namespace mtecheck::model::proofs
