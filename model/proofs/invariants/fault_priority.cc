// SPDX-License-Identifier: Apache-2.0
//
// Invariants of accesses that span two granules, and of the order of Alignment, MMU and Tag Check Faults; in one
// configuration (plain_state.h), at every place of the access in its granule.
#include "model/proofs/invariants/all.h"
#include "model/proofs/invariants/frame.h"
#include "model/proofs/invariants/plain_state.h"
#include "model/proofs/invariants/step.h"
#include "model/symbolic/summaries.h"

namespace mtecheck::model::proofs {
namespace {

using spec::Encoding;
using spec::Mutation;

struct Instruction {
    const char* name;
    Encoding encoding;
    unsigned size; ///< of all that it accesses, in bytes
    bool writes;
};

constexpr Instruction kSpanning[] = {
    {"LDUR-x", Encoding::LDUR_x, 8, false},
    {"STUR-x", Encoding::STUR_x, 8, true},
    {"LDP-x", Encoding::LDP_x_off, 16, false},
    {"STP-w", Encoding::STP_w_off, 8, true},
};

constexpr Instruction kFaulting[] = {
    {"LDUR-w", Encoding::LDUR_w, 4, false},  {"STUR-w", Encoding::STUR_w, 4, true},
    {"LDXR-w", Encoding::LDXR_w, 4, false},  {"STLR-w", Encoding::STLR_w, 4, true},
    {"LDADD-w", Encoding::LDADD_w, 4, true},
};

template <std::size_t N>
std::vector<std::string> Names(const Instruction (&instructions)[N]) {
    std::vector<std::string> names;
    for (const Instruction& one : instructions) names.emplace_back(one.name);
    return names;
}

/// An access at X1, with the byte within the granule as a number.
template <class S>
struct PlacedAccess : Step<S> {
    using typename Step<S>::M;
    using typename Step<S>::Bool;
    using Address = typename Step<S>::Word;
    using Step<S>::before, Step<S>::after, Step<S>::status;
    Instruction by;
    unsigned place = 0;
    Address address;

    PlacedAccess(S& s, const Instruction& instruction, bool alignment_enforced)
        : Step<S>(s.machine(EL1)), by(instruction) {
        SetPlainConfiguration(before);
        if (alignment_enforced) {
            before.state.SCTLR_EL1 = before.state.SCTLR_EL1 | Address(spec::field::SCTLR_EL1::A.place(1));
        }
        place = s.each_of(16);
        address = concat(s.template any<60>("granule"), typename S::template Bits<4>(place));
        before.state.x[1] = address;
        after = before;
        status = s.execute(after, by.encoding,
                           {{"Rt", 0}, {"Rt2", 2}, {"Rs", 4}, {"Rn", 1}, {"imm9", 0}, {"imm7", 0}, {"A", 0}, {"R", 0}});
        if (!this->predicted()) s.irrelevant();
    }
    AddressDescriptor<M> translate(Address at) const {
        auto probe = before;
        return TranslateAddress(probe, at, NewAccDesc(probe, AccessType::GPR, by.writes ? MemOp::STORE : MemOp::LOAD),
                                true);
    }
    Bool mismatch(S& s, Address at, const AddressDescriptor<M>& where) const {
        return where.memattrs.tags == MemTag::AllocationTagged ? slice<59, 56>(at) != s.tag_at(before, where.paddress)
                                                               : Bool(false);
    }
    bool aligned() const { return place % by.size == 0; }
};

/// One that may span two granules of Tagged memory.
template <class S>
struct SpanningAccess : PlacedAccess<S> {
    typename S::Bool first;             ///< the tag of its first granule does not match
    typename S::Bool second;            ///< nor that of its last, if that is another
    typename S::template Bits<64> next; ///< the granule after the first

    SpanningAccess(S& s, const Instruction& instruction) : PlacedAccess<S>(s, instruction, false), second(false) {
        const auto where = this->translate(this->address);
        next = Align<TAG_GRANULE>(this->address) + typename S::template Bits<64>(TAG_GRANULE);
        if (IsFault(where)) s.irrelevant();
        first = this->mismatch(s, this->address, where);
        if (this->place + instruction.size > TAG_GRANULE) {
            const auto beyond = this->translate(next);
            if (IsFault(beyond)) s.irrelevant();
            second = this->mismatch(s, next, beyond);
        }
    }
};

} // namespace

void AppendFaultPriority(std::vector<Scenario>& all) {
    all.push_back(scenario(
        {.name = "spanning-access",
         .about = "an access at any place in its granule, across two of them or not",
         .file = __FILE__,
         .variants = Names(kSpanning),
         .method = Method::lemma,
         .map = {.all_mapped = true, .all_tagged = true, .all_accessible = true}},
        [](auto& s, unsigned variant) { return SpanningAccess(s, kSpanning[variant]); },
        invariant({"every-granule-of-an-access-is-checked",
                   "An access that spans two granules faults if and only if the tag of either does not match.",
                   {"MTE-GRAN-002", "MTE-CHK-001"},
                   {Mutation::first_byte_only_checked, Mutation::second_granule_of_unaligned_missed,
                    Mutation::last_granule_of_pair_missed, Mutation::ldp_second_register_unchecked,
                    Mutation::element_start_only_checked}},
                  [](auto& s, auto& r) { s.claim(r.faulted() == (r.first | r.second), "either"); }),
        invariant({"fault-address-is-the-lowest-of-its-granule",
                   "FAR_ELx of a Tag Check Fault is the lowest address of the access in a granule whose tag does not "
                   "match.",
                   {"MTE-GRAN-003", "MTE-FAULT-014"},
                   {Mutation::sync_fault_far_rounded, Mutation::sync_fault_far_of_element}},
                  [](auto& s, auto& r) {
                      const auto far = slice<59, 0>(r.far());
                      const auto lowest =
                          (r.first & (far == slice<59, 0>(r.address))) | (r.second & (far == slice<59, 0>(r.next)));
                      s.claim_if(r.faulted(), lowest, "one of the two");
                  })));
    all.push_back(scenario(
        {.name = "fault-priority",
         .about = "an access that may meet several faults, with SCTLR_EL1.A at 1",
         .file = __FILE__,
         .variants = Names(kFaulting),
         .method = Method::lemma,
         .map = {}},
        [](auto& s, unsigned variant) { return PlacedAccess(s, kFaulting[variant], true); },
        invariant(
            {"alignment-fault-comes-first",
             "With SCTLR_ELx.A at 1 an unaligned access takes an Alignment fault, whatever the translation tables and "
             "the tags say.",
             {"MTE-ORD-001", "MTE-ORD-003"},
             {Mutation::alignment_after_tag_check}},
            [](auto& s, auto& r) {
                if (r.aligned()) return;
                s.claim(r.faulted() & (r.fault_status() == kAlignmentFault), "an Alignment fault");
            }),
        invariant({"mmu-fault-comes-before-tag-check-fault",
                   "An access that the MMU faults reports that fault, and no Tag Check Fault, whatever the tags.",
                   {"MTE-ORD-001", "MTE-ORD-004"},
                   {Mutation::permission_after_tag_check, Mutation::atomics_checked_as_read_first}},
                  [](auto& s, auto& r) {
                      if (!r.aligned() || !IsFault(r.translate(r.address))) return;
                      s.claim(r.faulted() & (r.fault_status() != kTagCheckFault), "the fault of the MMU");
                      s.claim(SameTFSR(r.before.state, r.after.state), "and accumulates none");
                  }),
        invariant(
            {"tag-check-fault-comes-last",
             "An aligned access that the MMU lets pass takes a Tag Check Fault if the tag does not match, and none "
             "else.",
             {"MTE-ORD-001", "MTE-GRAN-001"},
             {Mutation::page_is_tagged_inverted}},
            [](auto& s, auto& r) {
                if (!r.aligned()) return;
                const auto where = r.translate(r.address);
                if (IsFault(where)) return;
                s.claim(r.faulted() == r.mismatch(s, r.address, where), "exactly then");
                s.claim_if(r.faulted(), r.fault_status() == kTagCheckFault, "this fault");
            }),
        invariant({"faults-of-the-mmu-leave-no-trace",
                   "An access that takes any Data Abort changes no general register, no byte and no Allocation Tag.",
                   {"MTE-FAULT-006"},
                   {Mutation::checked_store_writes_first}},
                  [](auto& s, auto& r) {
                      s.claim_if(r.faulted(), SameRegisters(r.before.state, r.after.state), "no register");
                      s.claim_if(r.faulted(), s.same_data(r.before, r.after) & s.same_tags(r.before, r.after),
                                 "no memory");
                  })));
}

} // namespace mtecheck::model::proofs
