// SPDX-License-Identifier: Apache-2.0
//
// Invariants of alignment: which accesses of each kind fault where in their granule, by SCTLR_ELx.<A,nAA> and by the
// type of memory, and what such a fault reports; with FEAT_LSE2, in one configuration but for these two
// (plain_state.h).
#include "model/proofs/invariants/all.h"
#include "model/proofs/invariants/conditions.h"
#include "model/proofs/invariants/plain_state.h"
#include "model/proofs/invariants/step.h"
#include "model/symbolic/summaries.h"

namespace mtecheck::model::proofs {
namespace {

using spec::Encoding;
using spec::Mutation;

enum class Kind : std::uint8_t { plain, atomic, ordered };

struct Instruction {
    const char* name;
    Encoding encoding;
    unsigned size; ///< of all that it accesses, in bytes
    unsigned unit; ///< what it has to be aligned to, if it has to be
    Kind kind;
    bool reads;
};

constexpr Instruction kInstructions[] = {
    {"LDUR-x", Encoding::LDUR_x, 8, 8, Kind::plain, true},
    {"STUR-w", Encoding::STUR_w, 4, 4, Kind::plain, false},
    {"LDP-x", Encoding::LDP_x_off, 16, 8, Kind::plain, true},
    {"LDXR-x", Encoding::LDXR_x, 8, 8, Kind::atomic, true},
    {"LDAXR-w", Encoding::LDAXR_w, 4, 4, Kind::atomic, true},
    {"LDADD-x", Encoding::LDADD_x, 8, 8, Kind::atomic, true},
    {"SWP-h", Encoding::SWPH, 2, 2, Kind::atomic, true},
    {"CAS-w", Encoding::CAS_w, 4, 4, Kind::atomic, true},
    {"LDAR-x", Encoding::LDAR_x, 8, 8, Kind::ordered, true},
    {"STLR-w", Encoding::STLR_w, 4, 4, Kind::ordered, false},
    {"LDAPR-x", Encoding::LDAPR_x, 8, 8, Kind::ordered, true},
    {"LDAPUR-w", Encoding::LDAPUR_w, 4, 4, Kind::ordered, true},
    {"STLUR-x", Encoding::STLUR_x, 8, 8, Kind::ordered, false},
};

std::vector<std::string> Names() {
    std::vector<std::string> names;
    for (const Instruction& one : kInstructions) names.emplace_back(one.name);
    return names;
}

/// One of them at an address whose place in its granule is known.
template <class S>
struct PlacedAccess : Step<S> {
    using typename Step<S>::Bool;
    using typename Step<S>::Word;
    using Step<S>::before, Step<S>::after, Step<S>::status;
    Instruction by;
    unsigned place = 0;
    Word address;
    PlainPage first; ///< the page of its first byte
    PlainPage last;  ///< and of its last
    Bool by_rule;    ///< it faults whatever the memory

    PlacedAccess(S& s, const Instruction& instruction) : Step<S>(s.machine(EL1)), by(instruction) {
        namespace sctlr = spec::field::SCTLR_EL1;
        SetPlainConfiguration(before);
        Word& controls = before.state.SCTLR_EL1;
        controls = with_slice<sctlr::A.hi, sctlr::A.lo>(controls, s.template any<1>("SCTLR_EL1.A"));
        controls = with_slice<sctlr::nAA.hi, sctlr::nAA.lo>(controls, s.template any<1>("SCTLR_EL1.nAA"));
        // Anywhere in its granule: one in the middle of a page of the lower half, and the last one of a page of the
        // upper.
        place = s.each_of(16);
        const bool at_end = s.each_of(2) == 1;
        const unsigned granule = at_end ? 0xff0 : 0x800;
        const PlainAddress<S, 12> where(s, at_end, typename S::template Bits<12>(granule + place));
        address = where.value;
        before.state.x[1] = address;
        after = before;
        status = s.execute(after, by.encoding,
                           {{"Rt", 0},
                            {"Rt2", 2},
                            {"Rs", 4},
                            {"Rn", 1},
                            {"imm9", 0},
                            {"imm7", 0},
                            {"A", 0},
                            {"R", 0},
                            {"L", 0},
                            {"o0", 0}});
        const spec::fields::SCTLR_EL1<Word> set{before.state.SCTLR_EL1};
        const Bool enforced = (set.A() == 1) & Bool(misaligned());
        const Bool ordered = (set.nAA() == 0) & Bool(by.kind == Kind::ordered);
        by_rule = enforced | ((ordered | Bool(by.kind == Kind::atomic)) & Bool(misaligned() && crosses()));
        if (!this->predicted()) s.irrelevant();
        if (static_cast<bool>(by_rule)) return;
        first = last = where.page(before, EL1);
        if (granule + place + by.size > 0x1000) {
            auto next = where;
            next.value = address + Word(by.size - 1);
            if (slice<55, 48>(next.value) != slice<55, 48>(address)) s.irrelevant(); // the end of the address space
            last = next.page(before, EL1);
        }
    }
    bool misaligned() const { return place % by.unit != 0; }
    bool crosses() const { return place + by.size > TAG_GRANULE; }
    Bool alignment_fault() const {
        return this->faulted() & this->data_abort() & (this->fault_status() == kAlignmentFault);
    }
    static bool write_back(const PlainPage& page) {
        return page.memory == MemoryKind::tagged || page.memory == MemoryKind::write_back;
    }
};

} // namespace

void AppendAlignment(std::vector<Scenario>& all) {
    all.push_back(scenario(
        {.name = "misaligned-access",
         .about =
             "an access of each kind at every place in its granule, with any SCTLR_EL1.<A,nAA>, in memory of any kind",
         .file = __FILE__,
         .variants = Names(),
         .method = Method::lemma,
         .map = {.all_mapped = true, .all_tagged = false, .all_accessible = true}},
        [](auto& s, unsigned variant) { return PlacedAccess(s, kInstructions[variant]); },
        invariant({"misaligned-access-faults-where-stated",
                   "A misaligned access takes an Alignment fault with SCTLR_ELx.A at 1; else an exclusive or atomic "
                   "one does if "
                   "it crosses a multiple of 16, an ordered one if it does with SCTLR_ELx.nAA at 0, and a plain one in "
                   "Device "
                   "memory; in Write-Back memory none else does, and no aligned one.",
                   {"MTE-ORD-001", "MTE-ORD-003", "MTE-DC-007"},
                   {Mutation::device_alignment_ignored, Mutation::device_alignment_of_start_only,
                    Mutation::ldapr_misalignment_ignored, Mutation::ordered_misalignment_ignored,
                    Mutation::no_access_needs_alignment}},
                  [](auto& s, auto& r) {
                      using Access = std::decay_t<decltype(r)>;
                      s.claim_if(r.by_rule, r.alignment_fault(), "by the rule");
                      if (static_cast<bool>(r.by_rule)) return;
                      const bool device = r.first.memory == MemoryKind::device || r.last.memory == MemoryKind::device;
                      if (device && r.misaligned() && r.by.kind == Kind::plain) {
                          s.claim(r.faulted(), "a fault in Device memory");
                          if (r.first.memory == r.last.memory) s.claim(r.alignment_fault(), "of alignment");
                      }
                      if (!r.misaligned() || (Access::write_back(r.first) && Access::write_back(r.last))) {
                          s.claim(!r.alignment_fault(), "none else");
                      }
                  }),
        invariant(
            {"alignment-fault-syndrome",
             "ESR_ELx of an Alignment fault: EC 0x25 from the same Exception level, IL 1, DFSC 0b100001, WnR 1 for "
             "pure "
             "writes only, all else 0; FAR_ELx is the address of the access where its alignment alone is at fault.",
             {"MTE-FAULT-002", "MTE-FAULT-003"},
             {Mutation::atomic_alignment_fault_as_write, Mutation::cas_alignment_fault_as_write, Mutation::wnr_wrong}},
            [](auto& s, auto& r) {
                s.claim_if(r.alignment_fault(), r.esr() == DataAbortSyndrome(r, kAlignmentFault, !r.by.reads),
                           "ESR_ELx");
                s.claim_if(r.alignment_fault() & r.by_rule, r.far() == r.address, "FAR_ELx");
            })));
}

} // namespace mtecheck::model::proofs
