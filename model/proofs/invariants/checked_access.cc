// SPDX-License-Identifier: Apache-2.0
//
// Invariants of Tag Checked accesses within one granule: which accesses are checked, what a Tag Check Fault does in
// each mode, and what has no say in it. Every page is mapped and accessible here; aborts of the MMU and accesses that
// span granules are in other files.
#include "model/proofs/invariants/all.h"
#include "model/proofs/invariants/conditions.h"
#include "model/proofs/invariants/frame.h"
#include "model/proofs/invariants/step.h"
#include "model/symbolic/summaries.h"

namespace mtecheck::model::proofs {
namespace {

using spec::Encoding;
using spec::Mutation;

/// An instruction that makes one access, at the address in X1. Other ways to give the address are another file's.
struct Accessor {
    const char* name;
    Encoding encoding;
    unsigned size; ///< in bytes
    bool reads;
    bool writes;
    bool unprivileged = false;
    unsigned destination = 0; ///< general register that a load writes; 32: none
};

constexpr Accessor kAccessors[] = {
    {"LDURB", Encoding::LDURB, 1, true, false, false, 0},    {"LDUR-x", Encoding::LDUR_x, 8, true, false, false, 0},
    {"STURH", Encoding::STURH, 2, false, true, false, 32},   {"STUR-x", Encoding::STUR_x, 8, false, true, false, 32},
    {"LDTR-w", Encoding::LDTR_w, 4, true, false, true, 0},   {"STTRB", Encoding::STTRB, 1, false, true, true, 32},
    {"LDADD-x", Encoding::LDADD_x, 8, true, true, false, 0}, {"CASB", Encoding::CASB, 1, true, true, false, 2},
};

std::vector<std::string> Names() {
    std::vector<std::string> names;
    for (const Accessor& accessor : kAccessors) names.emplace_back(accessor.name);
    return names;
}

/// One access that was made, or that faulted.
template <class S>
struct Access : Step<S> {
    using typename Step<S>::M;
    using typename Step<S>::Bool;
    using Step<S>::before, Step<S>::after, Step<S>::status;
    Accessor by;
    unsigned el = 0;        ///< of the PE
    unsigned acting_el = 0; ///< on whose behalf the access is
    typename S::template Bits<64> address;
    AddressDescriptor<M> where;
    Bool checked;  ///< the access is Tag Checked
    Bool mismatch; ///< the Allocation Tag is not the Logical Address Tag, in Tagged memory
    typename S::template Bits<2> tcf;

    Access(S& s, const Accessor& accessor) : Step<S>(s.machine()), by(accessor) {
        el = CurrentEL(before);
        address = before.state.x[1];
        s.assume(slice<3, 0>(address) == (slice<3, 0>(address) & ~typename S::template Bits<4>(by.size - 1)));
        status = execute(s, after);
        if (!this->predicted()) s.irrelevant();
        auto probe = before;
        acting_el = el != 0 && by.unprivileged && !IsUnprivAccessPriv(probe) ? 0 : el;
        AccessDescriptor accdesc = NewAccDesc(probe, AccessType::GPR);
        accdesc.el = static_cast<std::uint8_t>(acting_el);
        accdesc.read = by.reads;
        accdesc.write = by.writes;
        accdesc.pan = true;
        where = TranslateAddress(probe, address, accdesc, true);
        if (IsFault(where) || where.memattrs.may_be_untagged) s.irrelevant();
        checked = IsTagCheckedAt(before, el, acting_el, address);
        const Bool differ = slice<59, 56>(address) != s.tag_at(before, where.paddress);
        mismatch = where.memattrs.tags == MemTag::AllocationTagged ? differ : Bool(false);
        tcf = TagCheckFaultControl(before, acting_el);
    }
    RunStatus execute(S& s, M& m) const {
        switch (by.encoding) {
        case Encoding::LDADD_x: return s.execute(m, by.encoding, {{"Rt", 0}, {"Rn", 1}, {"Rs", 2}, {"A", 0}, {"R", 0}});
        case Encoding::CASB: return s.execute(m, by.encoding, {{"Rt", 0}, {"Rn", 1}, {"Rs", 2}, {"L", 0}, {"o0", 0}});
        default: return s.execute(m, by.encoding, {{"Rt", 0}, {"Rn", 1}, {"imm9", 0}});
        }
    }
    /// The Exception level that a Tag Check Fault is taken to.
    typename S::template Bits<2> target() const {
        if (el > 0) return typename S::template Bits<2>(el);
        const auto tge = Is<M>(spec::fields::HCR_EL2<typename S::template Bits<64>>{before.state.HCR_EL2}.TGE());
        return select(EL2IsEnabled(before) & tge, typename S::template Bits<2>(2), typename S::template Bits<2>(1));
    }
    static typename S::template Bits<64> tfsr(const M& m, unsigned level) {
        const auto& s = m.state;
        return level == 0 ? s.TFSRE0_EL1 : level == 1 ? s.TFSR_EL1 : level == 2 ? s.TFSR_EL2 : s.TFSR_EL3;
    }
    /// The bit of TFSR_ELx for a fault at the address; TFSR_EL3 has one only.
    typename S::template Bits<64> tf() const {
        const typename S::template Bits<64> one(1);
        const typename S::template Bits<64> two(2);
        return acting_el == 3 ? one : select(slice<55, 55>(address) == 1, two, one);
    }
    Bool synchronous() const { return (tcf == 0b01) | ((tcf == 0b11) & Bool(by.reads)); }
    Bool asynchronous() const { return (tcf == 0b10) | ((tcf == 0b11) & Bool(!by.reads)); }
};

/// SVC, which no configuration keeps from EL1 or, with HCR_EL2.TGE, EL2.
template <class S>
struct ExceptionEntry : Step<S> {
    explicit ExceptionEntry(S& s) : Step<S>(s.machine()) { this->status = s.execute(this->after, Encoding::SVC, {}); }
};

Scenario ExceptionEntries() {
    return scenario(
        {.name = "exception-entry",
         .about = "SVC from any state",
         .file = __FILE__,
         .variants = {"SVC"},
         .method = Method::paths,
         .map = {}},
        [](auto& s, unsigned) { return ExceptionEntry(s); },
        invariant({"exception-entry-saves-and-sets-tco",
                   "Every exception entry saves PSTATE.TCO in SPSR_ELx.TCO, whatever it is, and sets it to 1.",
                   {"MTE-TCO-001", "MTE-TCO-002"},
                   {Mutation::tco_not_set_on_exception, Mutation::tco_cleared_on_exception, Mutation::spsr_tco_lost}},
                  [](auto& s, auto& r) {
                      s.claim(r.faulted(), "it is taken");
                      s.claim(r.spsr().TCO() == r.before.state.PSTATE.TCO, "SPSR_ELx.TCO");
                      s.claim(r.after.state.PSTATE.TCO == 1, "PSTATE.TCO");
                  }),
        invariant({"exception-entry-changes-no-tag-state",
                   "Exception entry changes no general register, no condition flag, neither RGSR_EL1 nor "
                   "GCR_EL1, no accumulated fault, no byte and no Allocation Tag.",
                   {"MTE-TCO-001", "MTE-TAG-009"},
                   {Mutation::nzcv_cleared_on_exception}},
                  [](auto& s, auto& r) {
                      s.claim(SameRegisters(r.before.state, r.after.state), "no register");
                      s.claim(SameNZCV(r.before.state, r.after.state), "no flag");
                      s.claim(SameConfiguration(r.before.state, r.after.state) &
                                  SameTFSR(r.before.state, r.after.state) &
                                  (r.before.state.RGSR_EL1 == r.after.state.RGSR_EL1),
                              "no register of FEAT_MTE");
                      s.claim(s.same_data(r.before, r.after) & s.same_tags(r.before, r.after), "no memory");
                  }));
}

} // namespace

void AppendCheckedAccess(std::vector<Scenario>& all) {
    all.push_back(ExceptionEntries());
    all.push_back(scenario(
        {.name = "checked-access",
         .about = "one access within a granule, of any kind, from any state",
         .file = __FILE__,
         .variants = Names(),
         .method = Method::paths,
         .map = {.all_mapped = true, .all_tagged = false, .all_accessible = true}},
        [](auto& s, unsigned variant) { return Access(s, kAccessors[variant]); },
        invariant(
            {"tag-check-fault-exactly-when-tags-differ",
             "In synchronous mode an access takes an exception if and only if it is Tag Checked and the Allocation "
             "Tag of its granule is not its Logical Address Tag.",
             {"MTE-GRAN-001", "MTE-TCF-002", "MTE-CHK-003"},
             {Mutation::tco_ignored, Mutation::tcma_ignored, Mutation::tcma_other_half, Mutation::tbi_other_half,
              Mutation::page_is_tagged_inverted, Mutation::untagged_page_checked, Mutation::ata_ignored,
              Mutation::ata0_for_el1, Mutation::hcr_ata_when_el2_disabled, Mutation::no_tag_access_without_el2,
              Mutation::tcf0_used_for_el1, Mutation::tcf_of_el1_everywhere, Mutation::atomics_unchecked,
              Mutation::unpriv_uses_el1_tcf, Mutation::ldtr_uses_el1_rules}},
            [](auto& s, auto& r) {
                s.claim_if(r.synchronous(), r.faulted() == (r.checked & r.mismatch), "exactly then");
            }),
        invariant({"unchecked-access-completes",
                   "An access that is not Tag Checked completes, whatever the tags: with PSTATE.TCO at 1, without top "
                   "byte ignore, with the tag that TCMA exempts, with Allocation Tag access disabled.",
                   {"MTE-CHK-003", "MTE-CHK-004", "MTE-CHK-008", "MTE-CHK-011"},
                   {Mutation::tco_ignored, Mutation::tcma_ignored, Mutation::ata_ignored}},
                  [](auto& s, auto& r) {
                      s.claim_if(!r.checked, !r.faulted(), "no exception");
                      s.claim_if(!r.checked, SameTFSR(r.before.state, r.after.state), "and nothing is accumulated");
                  }),
        invariant({"untagged-memory-is-never-checked",
                   "An access to memory that has no Allocation Tags completes and accumulates nothing.",
                   {"MTE-MEM-006"},
                   {Mutation::untagged_page_checked, Mutation::page_is_tagged_inverted}},
                  [](auto& s, auto& r) {
                      if (r.where.memattrs.tags == MemTag::AllocationTagged) return;
                      s.claim(!r.faulted(), "no exception");
                      s.claim(SameTFSR(r.before.state, r.after.state), "and nothing is accumulated");
                  }),
        invariant({"matching-tag-lets-the-access-pass",
                   "Where the tags match, the access completes and accumulates nothing, in every mode.",
                   {"MTE-GRAN-001"},
                   {Mutation::check_includes_top_nibble}},
                  [](auto& s, auto& r) {
                      s.claim_if(!r.mismatch, !r.faulted(), "no exception");
                      s.claim_if(!r.mismatch, SameTFSR(r.before.state, r.after.state), "and nothing is accumulated");
                  }),
        invariant(
            {"ignored-tag-check-fault-has-no-effect",
             "With a tag check fault control of 0b00 a mismatch changes nothing: the access completes and nothing is "
             "accumulated.",
             {"MTE-TCF-001"},
             {Mutation::tcf0_used_for_el1, Mutation::tcf_of_el1_everywhere, Mutation::unpriv_uses_el1_tcf}},
            [](auto& s, auto& r) {
                s.claim_if(r.tcf == 0b00, SameTFSR(r.before.state, r.after.state) & !r.faulted(), "no effect");
            }),
        invariant(
            {"asynchronous-tag-check-fault-completes",
             "In asynchronous mode, and for pure writes in asymmetric mode, the access completes, whatever the tags.",
             {"MTE-TCF-003", "MTE-TCF-008"},
             {Mutation::asym_swapped, Mutation::tcf_of_el1_everywhere}},
            [](auto& s, auto& r) { s.claim_if(r.asynchronous(), !r.faulted(), "no exception"); }),
        invariant({"asymmetric-mode-splits-reads-from-writes",
                   "In asymmetric mode an access that reads, if only as a part of an atomic operation, is reported "
                   "synchronously; a pure write is accumulated.",
                   {"MTE-TCF-004", "MTE-TCF-007", "MTE-TCF-012"},
                   {Mutation::asym_swapped, Mutation::asym_reads_async, Mutation::cas_classified_as_write}},
                  [](auto& s, auto& r) {
                      using Bool = typename std::decay_t<decltype(s)>::Bool;
                      s.claim_if((r.tcf == 0b11) & r.checked & r.mismatch, r.faulted() == Bool(r.by.reads),
                                 "an exception for reads only");
                  }),
        invariant(
            {"asynchronous-fault-sets-exactly-one-bit",
             "An accumulated fault sets one bit of one register, TF0 or TF1 by bit 55 of the address, in that of the "
             "Exception level that the access acts for; all bits that were set stay set.",
             {"MTE-ASYNC-001", "MTE-ASYNC-002", "MTE-ASYNC-003"},
             {Mutation::async_wrong_bit, Mutation::async_wrong_register, Mutation::tfsr_overwritten}},
            [](auto& s, auto& r) {
                const auto faults = r.asynchronous() & r.checked & r.mismatch;
                for (unsigned el = 0; el < 4; ++el) {
                    const auto before = r.tfsr(r.before, el);
                    const auto expected = el == r.acting_el ? select(faults, before | r.tf(), before) : before;
                    s.claim_if(!r.faulted(), r.tfsr(r.after, el) == expected, "this bit only");
                }
            }),
        invariant(
            {"faulting-access-leaves-no-trace",
             "A synchronous Tag Check Fault changes no general register, no stack pointer, no data, no Allocation Tag "
             "and no accumulated fault.",
             {"MTE-FAULT-006", "MTE-ORD-005", "MTE-FAULT-009"},
             {Mutation::checked_store_writes_first, Mutation::sync_fault_accumulated}},
            [](auto& s, auto& r) {
                s.claim_if(r.faulted(), SameRegisters(r.before.state, r.after.state), "no register");
                s.claim_if(r.faulted(), s.same_data(r.before, r.after), "no byte");
                s.claim_if(r.faulted(), s.same_tags(r.before, r.after), "no tag");
                s.claim_if(r.faulted(), SameTFSR(r.before.state, r.after.state), "no accumulated fault");
            }),
        invariant(
            {"tag-check-fault-is-taken-where-it-belongs",
             "A synchronous Tag Check Fault goes to EL1 from EL0 and EL1, to EL2 from EL0 with HCR_EL2.TGE at 1 and "
             "EL2 enabled, and else stays at its Exception level.",
             {"MTE-FAULT-004"},
             {Mutation::tge_ignored_by_tag_check_fault}},
            [](auto& s, auto& r) { s.claim_if(r.faulted(), r.after.state.PSTATE.EL == r.target(), "the target"); }),
        invariant(
            {"tag-check-fault-syndrome",
             "ESR_ELx of a Tag Check Fault: EC 0x24 from a lower Exception level or 0x25, IL 1, DFSC 0b010001, WnR 1 "
             "for pure writes only, all else 0.",
             {"MTE-FAULT-001", "MTE-FAULT-002", "MTE-FAULT-003"},
             {Mutation::wnr_wrong, Mutation::cas_classified_as_write, Mutation::esr_sign_extended}},
            [](auto& s, auto& r) {
                s.claim_if(r.faulted(), r.esr() == DataAbortSyndrome(r, kTagCheckFault, !r.by.reads), "ESR_ELx");
            }),
        invariant(
            {"tag-check-fault-address",
             "FAR_ELx of a Tag Check Fault is the address with its Logical Address Tag; bits 63:60 are UNKNOWN without "
             "FEAT_MTE_TAGGED_FAR.",
             {"MTE-FAULT-005", "MTE-GRAN-003"},
             {Mutation::far_drops_tag, Mutation::sync_fault_far_rounded}},
            [](auto& s, auto& r) {
                s.claim_if(r.faulted(), slice<59, 0>(r.far()) == slice<59, 0>(r.address), "FAR_ELx");
            }),
        invariant({"tag-check-fault-returns-to-its-instruction",
                   "ELR_ELx of a Tag Check Fault is the address of the instruction that made the access.",
                   {"MTE-FAULT-010"},
                   {Mutation::tag_check_fault_returns_after}},
                  [](auto& s, auto& r) { s.claim_if(r.faulted(), r.elr() == r.before.state.pc, "ELR_ELx"); }),
        invariant({"exception-entry-sets-tco",
                   "Exception entry sets PSTATE.TCO to 1, after SPSR_ELx.TCO has taken its old value.",
                   {"MTE-TCO-001", "MTE-TCO-002"},
                   {Mutation::tco_not_set_on_exception, Mutation::tco_cleared_on_exception}},
                  [](auto& s, auto& r) {
                      s.claim_if(r.faulted(), r.after.state.PSTATE.TCO == 1, "PSTATE.TCO");
                      s.claim_if(r.faulted(), r.spsr().TCO() == r.before.state.PSTATE.TCO, "SPSR_ELx.TCO");
                  }),
        invariant(
            {"exception-entry-saves-pstate",
             "SPSR_ELx has the condition flags, masks, Exception level and stack pointer of the interrupted state, and "
             "exception entry leaves the condition flags alone.",
             {"MTE-TCO-002"},
             {Mutation::nzcv_cleared_on_exception}},
            [](auto& s, auto& r) {
                const auto spsr = r.spsr();
                const auto& p = r.before.state.PSTATE;
                s.claim_if(r.faulted(), (spsr.N() == p.N) & (spsr.Z() == p.Z) & (spsr.C() == p.C) & (spsr.V() == p.V),
                           "flags");
                s.claim_if(r.faulted(), (spsr.D() == p.D) & (spsr.A() == p.A) & (spsr.I() == p.I) & (spsr.F() == p.F),
                           "masks");
                s.claim_if(r.faulted(),
                           spsr.M() ==
                               concat(concat(p.EL, typename std::decay_t<decltype(s)>::template Bits<1>(0)), p.SP),
                           "level");
                s.claim_if(r.faulted(), SameNZCV(r.before.state, r.after.state), "the flags stay");
            }),
        invariant({"accesses-change-no-tag",
                   "Loads, stores and atomic operations change no Allocation Tag.",
                   {"MTE-TAG-007"},
                   {Mutation::store_clears_tag}},
                  [](auto& s, auto& r) { s.claim(s.same_tags(r.before, r.after), "no tag"); }),
        invariant(
            {"store-writes-its-bytes-only",
             "A store that completes writes the bytes from its address on, as many as its size; a load writes none.",
             {"MTE-TCF-008"},
             {Mutation::data_at_granule_address}},
            [](auto& s, auto& r) {
                const auto anywhere = s.template any<56>("an address");
                const auto distance = anywhere - r.where.paddress;
                const auto inside = ult(distance, decltype(distance)(r.by.writes ? r.by.size : 0));
                s.claim_if(!inside, s.byte_at(r.before, anywhere) == s.byte_at(r.after, anywhere), "no other byte");
            }),
        invariant({"load-gives-the-bytes",
                   "A load that completes gives the bytes from its address on, lowest first.",
                   {"MTE-TCF-008"},
                   {Mutation::data_at_granule_address}},
                  [](auto& s, auto& r) {
                      if (!r.by.reads || r.status != RunStatus::completed || r.by.encoding == Encoding::CASB) return;
                      for (unsigned i = 0; i < r.by.size; ++i) {
                          const auto byte = s.byte_at(r.before, r.where.paddress + decltype(r.where.paddress)(i));
                          const auto shift = decltype(r.address)(8 * i);
                          s.claim(slice<7, 0>(LSR(r.after.state.x[0], shift)) == byte, "each byte");
                      }
                  }),
        invariant(
            {"controls-of-other-levels-have-no-say",
             "SCTLR_ELx, TCR_ELx and TFSR_ELx of Exception levels that neither execute, act for, nor take the fault "
             "change nothing about an access.",
             {"MTE-TCF-006", "MTE-TAG-009"},
             {Mutation::tcf_of_el1_everywhere}},
            [](auto& s, auto& r) {
                if (r.el == 3 || r.el == 2) {
                    auto other = r.before;
                    other.state.SCTLR_EL1 = s.template any<64>("another SCTLR_EL1");
                    other.state.TCR_EL1 = s.template any<64>("another TCR_EL1");
                    if (r.acting_el != r.el) return; // an unprivileged access of EL2 asks the fields of EL0
                    const RunStatus status = r.execute(s, other);
                    if (status == RunStatus::not_allowed) return;
                    using Bool = typename std::decay_t<decltype(s)>::Bool;
                    s.claim(Bool(status == r.status), "it ends as before");
                    s.claim(SameRegisters(other.state, r.after.state) & SameTFSR(other.state, r.after.state),
                            "in the same state");
                }
            }),
        invariant({"unchecked-access-ignores-tags",
                   "Whatever the Allocation Tags, an access that is not Tag Checked ends in the same state.",
                   {"MTE-CHK-003", "MTE-TAG-009"},
                   {Mutation::tco_ignored}},
                  [](auto& s, auto& r) {
                      using Bool = typename std::decay_t<decltype(s)>::Bool;
                      if (static_cast<bool>(r.checked)) return;
                      auto other = r.before;
                      other.tags = s.any_tags("other tags");
                      const RunStatus status = r.execute(s, other);
                      if (status == RunStatus::not_allowed) return;
                      s.claim(Bool(status == r.status), "it ends as before");
                      s.claim(SameRegisters(other.state, r.after.state) & SameTFSR(other.state, r.after.state),
                              "in the same state");
                  })));
}

} // namespace mtecheck::model::proofs
