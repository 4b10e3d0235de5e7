// SPDX-License-Identifier: Apache-2.0
//
// Invariants of faults that were accumulated and what comes after them: an exception entry and a handler that reads the
// register; in one configuration (plain_state.h), at EL0 and EL1, with any SCTLR_EL1.ITFSB.
#include "model/proofs/invariants/all.h"
#include "model/proofs/invariants/frame.h"
#include "model/proofs/invariants/plain_state.h"
#include "model/proofs/invariants/step.h"
#include "model/symbolic/summaries.h"

namespace mtecheck::model::proofs {
namespace {

using spec::Encoding;
using spec::Mutation;

/// STUR that does not fault synchronously, SVC or DSB, and MRS of the register of its Exception level. `before` is
/// what STUR left.
template <class S>
struct AccumulatedFault : Step<S> {
    using typename Step<S>::Bool;
    using typename Step<S>::Word;
    using Step<S>::before, Step<S>::after, Step<S>::status;
    enum class Between : std::uint8_t { exception, barrier };
    Between between{};
    Bool synchronizes;
    Word expected; ///< of TFSR: what it was, and the bit of a mismatch
    Word read;     ///< by MRS

    AccumulatedFault(S& s, unsigned el, Between what) : Step<S>(s.machine(el)), between(what) {
        namespace sctlr = spec::field::SCTLR_EL1;
        namespace tfsr = spec::field::TFSR_EL1;
        SetPlainConfiguration(before, el);
        Word& controls = before.state.SCTLR_EL1;
        controls = (controls & ~Word(sctlr::TCF.mask() | sctlr::TCF0.mask())) |
                   Word(sctlr::TCF.place(0b10) | sctlr::TCF0.place(0b10));
        const auto itfsb = s.template any<1>("SCTLR_EL1.ITFSB");
        controls = with_slice<sctlr::ITFSB.hi, sctlr::ITFSB.lo>(controls, itfsb);
        synchronizes = Bool(between == Between::barrier) | (itfsb == 1);
        const PlainAddress<S, 4> where(s, EachHalf(s, el), typename S::template Bits<4>(0));
        before.state.x[1] = where.value;
        const Word was = el == EL0 ? before.state.TFSRE0_EL1 : before.state.TFSR_EL1;
        if (s.execute(before, Encoding::STUR_x, {{"Rt", 0}, {"Rn", 1}, {"imm9", 0}}) != RunStatus::completed)
            s.irrelevant();
        auto probe = before;
        const auto at = TranslateAddress(probe, where.value, NewAccDesc(probe, AccessType::GPR, MemOp::STORE), true);
        if (IsFault(at)) s.irrelevant();
        const Bool mismatch = s.tag_at(before, at.paddress) != slice<59, 56>(where.value);
        expected = was | select(mismatch, Word(where.upper ? tfsr::TF1.mask() : tfsr::TF0.mask()), Word(0));
        after = before;
        if (between == Between::barrier) {
            status = s.execute(after, Encoding::DSB, {{"CRm", 0b1111}}); // SY
            after.state.PSTATE.EL = typename S::template Bits<2>(EL1);   // who reads it
        } else {
            status = s.execute(after, Encoding::SVC, {});
        }
        const spec::SystemRegisterKey key = spec::info(el == EL0 ? spec::Reg::TFSRE0_EL1 : spec::Reg::TFSR_EL1).key;
        auto handler = after;
        if (s.execute(handler, Encoding::MRS,
                      {{"Rt", 4},
                       {"o0", key.op0() - 2U},
                       {"op1", key.op1()},
                       {"CRn", key.crn()},
                       {"CRm", key.crm()},
                       {"op2", key.op2()}}) != RunStatus::completed)
            s.irrelevant();
        read = handler.state.x[4];
    }
};

} // namespace

void AppendAccumulatedFaults(std::vector<Scenario>& all) {
    all.push_back(scenario(
        {.name = "accumulated-fault",
         .about = "a store with asynchronous checking, an exception entry or a DSB, and a read of TFSR, in this order",
         .file = __FILE__,
         .variants = {"EL0, SVC", "EL1, SVC", "EL0, DSB", "EL1, DSB"},
         .method = Method::lemma,
         .map = {.all_mapped = true, .all_tagged = true, .all_accessible = true}},
        [](auto& s, unsigned variant) {
            using Record = AccumulatedFault<std::decay_t<decltype(s)>>;
            return Record(s, variant % 2 == 0 ? EL0 : EL1,
                          variant < 2 ? Record::Between::exception : Record::Between::barrier);
        },
        invariant({"accumulated-faults-survive-exception-entry",
                   "Exception entry and DSB leave every bit of TFSRE0_EL1 and TFSR_ELx as it is, with any "
                   "SCTLR_ELx.ITFSB: no fault is lost, none comes up.",
                   {"MTE-ASYNC-003", "MTE-ASYNC-005"},
                   {Mutation::itfsb_clear_loses_faults}},
                  [](auto& s, auto& r) { s.claim(SameTFSR(r.before.state, r.after.state), "the same bits"); }),
        invariant(
            {"synchronized-faults-are-read",
             "A handler at EL1 that reads TFSRE0_EL1 or TFSR_EL1 finds the fault of an instruction before the "
             "exception "
             "if SCTLR_EL1.ITFSB is 1, and so does a read after a DSB; else it finds it or not, and no other bit.",
             {"MTE-ASYNC-004", "MTE-ASYNC-005"},
             {Mutation::async_wrong_bit, Mutation::async_wrong_register}},
            [](auto& s, auto& r) {
                s.claim_if(r.synchronizes, r.read == r.expected, "it is found");
                s.claim((r.read & ~r.expected) == 0, "and no other bit");
            })));
}

} // namespace mtecheck::model::proofs
