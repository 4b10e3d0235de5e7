// SPDX-License-Identifier: Apache-2.0
//
// Invariants of every load, store, pair, exclusive and atomic instruction, in one configuration (plain_state.h), with
// an access within one granule: that it is checked at all, that a fault leaves its base alone, that writeback is done.
// Together with checked_access.cc, which takes one instruction of each kind through all configurations, they say it for
// all instructions. Loads and stores of structures (LD1 to ST4) are not among them.
#include <algorithm>

#include "model/proofs/invariants/all.h"
#include "model/proofs/invariants/conditions.h"
#include "model/proofs/invariants/frame.h"
#include "model/proofs/invariants/plain_state.h"
#include "model/proofs/invariants/step.h"
#include "model/symbolic/summaries.h"

namespace mtecheck::model::proofs {
namespace {

using spec::Encoding;
using spec::Mutation;

constexpr unsigned kBase = 10;

/// One of the instructions, as its name tells it apart.
struct Instruction {
    Encoding encoding{};
    unsigned displacement = 0; ///< of the address from the base, in bytes, with the operands used here
    unsigned step = 0;         ///< what writeback adds to the base
    bool writes_back = false;
    bool checked_by_sp = false;  ///< with SP as its base, too
    bool may_not_access = false; ///< a store-exclusive that fails, or one whose write depends on the data
};

bool ends_with_any(std::string_view id, std::initializer_list<std::string_view> ends) {
    return std::any_of(ends.begin(), ends.end(), [&](std::string_view end) { return id.ends_with(end); });
}

/// Loads and stores of general and vector registers whose address is in a base register, and that access at most 16
/// bytes. imm9 is 16, imm7 is 4 elements, imm12 is 0, a register offset is 0.
std::vector<Instruction> Instructions() {
    std::vector<Instruction> all;
    for (const spec::EncodingInfo& info : spec::encodings()) {
        const std::string_view id = info.id;
        if (info.access == spec::Access::none || info.tag_access != spec::Access::none || info.unprivileged) continue;
        if (id.starts_with("DC_") || id.ends_with("_lit")) continue;
        const bool structure = id.size() > 3 && (id.starts_with("LD") || id.starts_with("ST")) && id[2] >= '1' &&
                               id[2] <= '4' && id.find("_imm") == std::string_view::npos;
        const bool pair_of_quadwords = id.find("P_q") != std::string_view::npos;
        if (structure || pair_of_quadwords) continue;
        Instruction one;
        one.encoding = info.encoding;
        one.checked_by_sp = info.tag_checked == spec::TagChecked::always;
        one.writes_back = ends_with_any(id, {"_post", "_pre"});
        one.may_not_access = id.starts_with("STX") || id.starts_with("STLX");
        for (const spec::FieldInfo& field : info.fields) {
            if (field.name == "imm9") one.displacement = 16;
            if (field.name == "imm7") one.displacement = 4U * field.scale;
        }
        one.step = one.writes_back ? one.displacement : 0;
        if (id.ends_with("_post")) one.displacement = 0;
        all.push_back(one);
    }
    return all;
}

const std::vector<Instruction>& AllInstructions() {
    static const std::vector<Instruction> all = Instructions();
    return all;
}

/// One of them that was executed, with X10 or SP as its base.
template <class S>
struct AnyAccess : Step<S> {
    using typename Step<S>::Bool;
    using Address = typename Step<S>::Word;
    using Step<S>::before, Step<S>::after, Step<S>::status;
    Instruction by;
    unsigned n = kBase;
    Address base;
    Bool mismatch;

    AnyAccess(S& s, bool by_sp) : Step<S>(s.machine(EL1)), n(by_sp ? 31 : kBase) {
        by = AllInstructions()[s.each_of(static_cast<unsigned>(AllInstructions().size()))];
        SetPlainConfiguration(before);
        base = concat(s.template any<60>("granule"), typename S::template Bits<4>(0));
        XorSP_set(before, n, base);
        after = before;
        status = s.execute(after, by.encoding,
                           {{"Rn", n},
                            {"Rt", 0},
                            {"Rt2", 2},
                            {"Rs", 4},
                            {"Rm", 31},
                            {"imm9", 16},
                            {"imm7", 4},
                            {"imm12", 0},
                            {"S", 0},
                            {"option", 3},
                            {"A", 0},
                            {"R", 0},
                            {"L", 0},
                            {"o0", 0}});
        if (!this->predicted()) s.irrelevant();
        const Address address = base + Address(by.displacement);
        auto probe = before;
        const auto where = TranslateAddress(probe, address, NewAccDesc(probe, AccessType::GPR, MemOp::LOAD), true);
        if (IsFault(where)) s.irrelevant();
        mismatch = slice<59, 56>(address) != s.tag_at(before, where.paddress);
    }
    bool exempt() const { return n == 31 && !by.checked_by_sp; }
};

} // namespace

void AppendEveryAccess(std::vector<Scenario>& all) {
    all.push_back(scenario(
        {.name = "every-access",
         .about = "every instruction that loads or stores up to 16 bytes, in one configuration",
         .file = __FILE__,
         .variants = {"base-register", "stack-pointer"},
         .method = Method::lemma,
         .map = {.all_mapped = true, .all_tagged = true, .all_accessible = true}},
        [](auto& s, unsigned variant) { return AnyAccess(s, variant == 1); },
        invariant(
            {"every-access-is-tag-checked",
             "Every load, store, exclusive and atomic instruction faults exactly when the Allocation Tag of its "
             "granule is not the Logical Address Tag; with SP as its base, if it writes SP back or has a register "
             "offset.",
             {"MTE-GRAN-001", "MTE-CHK-014"},
             {Mutation::exclusive_unchecked, Mutation::atomics_unchecked, Mutation::ldapur_stlur_unchecked,
              Mutation::sp_base_writeback_unchecked, Mutation::register_offset_sp_unchecked}},
            [](auto& s, auto& r) {
                if (r.exempt()) return;
                if (!r.by.may_not_access) s.claim(r.faulted() == r.mismatch, "exactly then");
                s.claim_if(!r.mismatch, !r.faulted(), "never without a mismatch");
            }),
        invariant(
            {"sp-relative-access-is-not-checked",
             "An access relative to SP, with an immediate offset and without writeback, is Tag Unchecked, whatever "
             "instruction makes it.",
             {"MTE-CHK-014"},
             {Mutation::sp_base_checked}},
            [](auto& s, auto& r) {
                if (r.exempt()) s.claim(!r.faulted(), "no fault, whatever the tags");
            }),
        invariant(
            {"faulting-instruction-changes-no-register",
             "An instruction that takes a Tag Check Fault changes no general register and no stack pointer: its base "
             "least of all.",
             {"MTE-FAULT-006", "MTE-STG-005"},
             {Mutation::writeback_before_fault}},
            [](auto& s, auto& r) {
                s.claim_if(r.faulted(), SameRegisters(r.before.state, r.after.state), "no register");
            }),
        invariant(
            {"writeback-adds-the-offset",
             "An instruction with writeback that completes adds its offset to the base; one without leaves the base "
             "alone.",
             {"MTE-TCF-008"},
             {Mutation::writeback_loses_tag}},
            [](auto& s, auto& r) {
                using Address = decltype(r.base);
                auto m = r.after;
                if (r.completed()) {
                    s.claim(XorSP(m, r.n) == r.base + Address(r.by.step), "the base");
                }
            }),
        invariant({"no-access-changes-a-tag",
                   "No load, store, exclusive or atomic instruction changes an Allocation Tag.",
                   {"MTE-TAG-007"},
                   {Mutation::store_clears_tag}},
                  [](auto& s, auto& r) { s.claim(s.same_tags(r.before, r.after), "no tag"); })));
}

} // namespace mtecheck::model::proofs
