// SPDX-License-Identifier: Apache-2.0
//
// Invariants of exception return to AArch64: ERET at EL1 to EL3, from any state with any SPSR_ELx and ELR_ELx.
#include "model/proofs/invariants/all.h"
#include "model/proofs/invariants/frame.h"
#include "model/proofs/invariants/step.h"

namespace mtecheck::model::proofs {
namespace {

using spec::Encoding;
using spec::Mutation;

template <class S>
struct Return : Step<S> {
    using typename Step<S>::Bool;
    using typename Step<S>::Word;
    using Step<S>::before, Step<S>::after, Step<S>::status;
    spec::fields::SPSR_ELx<Word> saved; ///< SPSR_ELx that it returns by
    Bool legal;                         ///< by the list of the manual (D1.4.4.2)

    Return(S& s, unsigned el) : Step<S>(s.machine(el)) {
        before.state.exclusive = {.set = true, .size = 8};
        after = before;
        status = s.execute(after, Encoding::ERET, {});
        if (status == RunStatus::not_predicted) s.irrelevant();
        const auto& state = before.state;
        saved = {el == EL1 ? state.SPSR_EL1 : el == EL2 ? state.SPSR_EL2 : state.SPSR_EL3};
        namespace hcr = spec::field::HCR_EL2;
        namespace scr = spec::field::SCR_EL3;
        const Bool el2_enabled = (state.SCR_EL3 & Word(scr::NS.mask() | scr::EEL2.mask())) != Word(0);
        const Bool tge = (state.HCR_EL2 & Word(hcr::TGE.mask())) != Word(0);
        const auto mode = saved.M();
        const auto names = [&](unsigned value) { return mode == value; };
        legal = names(0b0000);
        legal = legal | ((names(0b0100) | names(0b0101)) & !(tge & el2_enabled));
        if (el >= EL2) legal = legal | ((names(0b1000) | names(0b1001)) & el2_enabled);
        if (el == EL3) legal = legal | names(0b1100) | names(0b1101);
    }
};

} // namespace

void AppendExceptionReturn(std::vector<Scenario>& all) {
    all.push_back(scenario(
        {.name = "exception-return",
         .about = "ERET to AArch64 from any state, with any ELR_ELx and SPSR_ELx",
         .file = __FILE__,
         .variants = {"EL1", "EL2", "EL3"},
         .method = Method::paths,
         .map = {}},
        [](auto& s, unsigned variant) { return Return(s, EL1 + variant); },
        invariant({"exception-return-restores-tco",
                   "A legal exception return sets PSTATE.TCO to SPSR_ELx.TCO, and goes on at the Exception level and "
                   "with the stack pointer that SPSR_ELx names.",
                   {"MTE-TCO-002"},
                   {Mutation::tco_not_restored_on_return, Mutation::tco_cleared_on_return}},
                  [](auto& s, auto& r) {
                      const auto& p = r.after.state.PSTATE;
                      s.claim(!r.faulted(), "it completes");
                      s.claim_if(r.legal, p.TCO == r.saved.TCO(), "PSTATE.TCO");
                      s.claim_if(r.legal, (p.EL == slice<3, 2>(r.saved.M())) & (p.SP == slice<0, 0>(r.saved.M())),
                                 "PSTATE.EL and PSTATE.SP");
                      s.claim_if(r.legal, p.IL == r.saved.IL(), "PSTATE.IL");
                  }),
        invariant({"illegal-return-stays",
                   "An illegal exception return sets PSTATE.IL, leaves Exception level and stack pointer alone, and "
                   "restores condition flags, masks and PAN all the same.",
                   {"MTE-TCO-003"},
                   {Mutation::illegal_return_keeps_pan}},
                  [](auto& s, auto& r) {
                      const auto& p = r.before.state.PSTATE;
                      const auto& q = r.after.state.PSTATE;
                      s.claim_if(!r.legal, (q.IL == 1) & (q.EL == p.EL) & (q.SP == p.SP), "IL, EL, SP");
                      s.claim((q.N == r.saved.N()) & (q.Z == r.saved.Z()) & (q.C == r.saved.C()) & (q.V == r.saved.V()),
                              "flags");
                      s.claim((q.D == r.saved.D()) & (q.A == r.saved.A()) & (q.I == r.saved.I()) & (q.F == r.saved.F()),
                              "masks");
                      s.claim(q.PAN == r.saved.PAN(), "PAN");
                  }),
        invariant({"exception-return-clears-the-local-monitor",
                   "After an exception return the local exclusive monitor is open, and no register, no byte and no "
                   "Allocation Tag has changed.",
                   {"MTE-TCO-002"},
                   {Mutation::return_keeps_exclusive_monitor}},
                  [](auto& s, auto& r) {
                      using Bool = typename std::decay_t<decltype(s)>::Bool;
                      s.claim(Bool(!r.after.state.exclusive.set), "the monitor");
                      s.claim(SameRegisters(r.before.state, r.after.state), "no register");
                      s.claim(SameTFSR(r.before.state, r.after.state), "no accumulated fault");
                      s.claim(s.same_data(r.before, r.after) & s.same_tags(r.before, r.after), "no memory");
                  })));
}

} // namespace mtecheck::model::proofs
