// SPDX-License-Identifier: Apache-2.0
//
// Invariants of ADDG, SUBG, IRG, GMI, SUBP and SUBPS.
#include "model/proofs/invariants/all.h"
#include "model/proofs/invariants/conditions.h"
#include "model/proofs/invariants/frame.h"
#include "model/proofs/invariants/step.h"
#include "model/symbolic/summaries.h"
#include "spec/gen/isa_classes.h"

namespace mtecheck::model::proofs {
namespace {

using spec::Encoding;
using spec::Mutation;

template <class S>
typename S::template Bits<4> Tag(typename S::template Bits<64> address) {
    return slice<59, 56>(address);
}

// ------------------------------------------------------------------------------------------------- ADDG, SUBG

/// Registers of an instruction with a destination and an operand: apart, in place, from and to a stack pointer.
struct TwoRegisters {
    unsigned d = 0;
    unsigned n = 1;
};
constexpr TwoRegisters kTwoRegisters[] = {{0, 1}, {2, 2}, {0, 31}, {31, 1}, {31, 31}};

/// Tag arithmetic that is executed.
template <class S>
struct TagStep : Step<S> {
    using typename Step<S>::Word;
    typename S::Bool enabled; ///< access to Allocation Tags, before

    explicit TagStep(S& s) : Step<S>(s.machine()), enabled(TagAccessIsEnabled(this->before, CurrentEL(this->before))) {}
    spec::fields::GCR_EL1<Word> gcr() const { return {this->before.state.GCR_EL1}; }
    typename S::template Bits<16> gcr_exclude() const { return gcr().Exclude(); }
};

/// Nothing but one register and, if it says so, the flags: what all tag arithmetic has in common.
template <class S>
void ClaimNothingElse(S& s, const TagStep<S>& r, unsigned d, bool flags = false) {
    s.claim(SameRegisters(r.before.state, r.after.state, {d}), "no other register");
    if (!flags) s.claim(SameNZCV(r.before.state, r.after.state), "no flag");
    s.claim(SameControls(r.before.state, r.after.state), "no PSTATE");
    s.claim(SameConfiguration(r.before.state, r.after.state) & SameTFSR(r.before.state, r.after.state),
            "no system register");
    s.claim(s.same_data(r.before, r.after) & s.same_tags(r.before, r.after), "no memory");
}

/// ADDG or SUBG that was executed.
template <class S>
struct AddTag : TagStep<S> {
    Encoding encoding{};
    TwoRegisters registers;
    typename S::template Bits<64> operand;
    typename S::template Bits<64> result;
    typename S::template Bits<64> offset; ///< uimm6 * 16
    typename S::template Bits<4> tag_offset;

    AddTag(S& s, bool add) : TagStep<S>(s), encoding(add ? Encoding::ADDG : Encoding::SUBG) {
        registers = kTwoRegisters[s.each_of(std::size(kTwoRegisters))];
        operand = XorSP(this->before, registers.n);
        this->status = execute(s, this->after);
        result = XorSP(this->after, registers.d);
        const spec::ADDG<typename S::template Bits<32>> fields{this->after.opcode}; // those of SUBG, too
        offset = shift_left<LOG2_TAG_GRANULE>(ZeroExtend<64>(fields.uimm6()));
        tag_offset = fields.uimm4();
    }
    RunStatus execute(S& s, typename S::Machine& m) const {
        return s.execute(m, encoding, {{"Xd", registers.d}, {"Xn", registers.n}, {"op3", 0}});
    }
};

Scenario AddTags() {
    return scenario(
        {.name = "add-tag",
         .about = "ADDG or SUBG from any state",
         .file = __FILE__,
         .variants = {"ADDG", "SUBG"},
         .method = Method::paths,
         .map = {}},
        [](auto& s, unsigned variant) { return AddTag(s, variant == 0); },
        invariant({"addg-adds-a-multiple-of-16",
                   "ADDG and SUBG add or subtract uimm6 * 16 in 64 bits: bits 55:0 and 63:60 are those of the sum.",
                   {"MTE-ADDG-002", "MTE-ADDG-003"},
                   {Mutation::addg_offset_unscaled}},
                  [](auto& s, auto& r) {
                      const auto sum = r.encoding == Encoding::ADDG ? r.operand + r.offset : r.operand - r.offset;
                      s.claim(slice<55, 0>(r.result) == slice<55, 0>(sum), "bits 55:0 are the sum");
                      s.claim(slice<63, 60>(r.result) == slice<63, 60>(sum), "bits 63:60 are the sum");
                  }),
        invariant({"addg-keeps-bits-3-0",
                   "ADDG and SUBG do not change the byte within the granule.",
                   {"MTE-ADDG-008"},
                   {Mutation::addg_offset_unscaled}},
                  [](auto& s, auto& r) { s.claim(slice<3, 0>(r.result) == slice<3, 0>(r.operand), "bits 3:0 stay"); }),
        invariant(
            {"addg-chooses-the-tag-by-exclusion",
             "The tag of the result is chosen from the operand's tag, uimm4 allowed tags further on; SUBG adds the "
             "tag offset, too.",
             {"MTE-ADDG-001", "MTE-ADDG-004"},
             {Mutation::addg_tag_offset_off_by_one, Mutation::addg_ignores_exclude, Mutation::subg_subtracts_tag}},
            [](auto& s, auto& r) {
                using S = std::decay_t<decltype(s)>;
                auto m = r.before;
                s.claim_if(r.enabled,
                           Tag<S>(r.result) ==
                               ChooseNonExcludedTag(m, Tag<S>(r.operand), r.tag_offset, r.gcr_exclude()),
                           "the tag is that which is so many allowed tags further on");
            }),
        invariant({"addg-gives-no-excluded-tag",
                   "With tag access enabled and a tag left to choose, ADDG and SUBG never give an excluded tag.",
                   {"MTE-ADDG-001", "MTE-TAG-006"},
                   {Mutation::addg_ignores_exclude}},
                  [](auto& s, auto& r) {
                      using S = std::decay_t<decltype(s)>;
                      s.claim_if(r.enabled & (r.gcr_exclude() != 0xffff),
                                 !IsExcluded(r.after, r.gcr_exclude(), Tag<S>(r.result)), "the tag is allowed");
                  }),
        invariant({"addg-gives-tag-0-when-disabled",
                   "Where Allocation Tag access is disabled the tag of the result is 0, whatever the operand's tag.",
                   {"MTE-ADDG-006"},
                   {Mutation::ata_ignored}},
                  [](auto& s, auto& r) {
                      using S = std::decay_t<decltype(s)>;
                      s.claim_if(!r.enabled, Tag<S>(r.result) == 0, "the tag is 0");
                  }),
        invariant({"addg-of-nothing-keeps-an-allowed-tag",
                   "ADDG and SUBG of 0 and 0 give the operand, if its tag is allowed and tag access is enabled.",
                   {"MTE-ADDG-001"},
                   {Mutation::addg_tag_offset_off_by_one}},
                  [](auto& s, auto& r) {
                      using S = std::decay_t<decltype(s)>;
                      s.claim_if(r.enabled & (r.offset == 0) & (r.tag_offset == 0) &
                                     !IsExcluded(r.after, r.gcr_exclude(), Tag<S>(r.operand)),
                                 r.result == r.operand, "the result is the operand");
                  }),
        invariant({"addg-ignores-tco",
                   "ADDG and SUBG give the same with any PSTATE.TCO.",
                   {"MTE-ADDG-007"},
                   {Mutation::tag_arithmetic_obeys_tco}},
                  [](auto& s, auto& r) {
                      auto other = r.before;
                      other.state.PSTATE.TCO = s.template any<1>("another PSTATE.TCO");
                      r.execute(s, other);
                      s.claim(XorSP(other, r.registers.d) == r.result, "the same result");
                  }),
        invariant(
            {"addg-changes-its-destination-only",
             "ADDG and SUBG take no exception and change their destination: no flag, no other register, no memory "
             "and no tag.",
             {"MTE-ADDG-007"},
             {Mutation::tag_arithmetic_sets_flags}},
            [](auto& s, auto& r) {
                using Bool = typename std::decay_t<decltype(s)>::Bool;
                s.claim(Bool(r.completed()), "it completes");
                ClaimNothingElse(s, r, r.registers.d);
                s.claim(r.before.state.RGSR_EL1 == r.after.state.RGSR_EL1, "not RGSR_EL1");
            }));
}

// ------------------------------------------------------------------------------------------------- SUBP, SUBPS

constexpr unsigned kThreeRegisters[][3] = {{0, 1, 2}, {1, 1, 2}, {2, 1, 2}, {0, 1, 1}, {0, 31, 2}, {0, 1, 31}};

/// SUBP or SUBPS that was executed.
template <class S>
struct Difference : TagStep<S> {
    using Address = typename S::template Bits<64>;
    bool flags = false;
    Address n;
    Address m;
    Address result;
    unsigned d = 0;

    Difference(S& s, bool with_flags) : TagStep<S>(s), flags(with_flags) {
        const auto& registers = kThreeRegisters[s.each_of(std::size(kThreeRegisters))];
        d = registers[0];
        n = XorSP(this->before, registers[1]);
        m = XorSP(this->before, registers[2]);
        this->status = s.execute(this->after, flags ? Encoding::SUBPS : Encoding::SUBP,
                                 {{"Xd", d}, {"Xn", registers[1]}, {"Xm", registers[2]}});
        result = X<64>(this->after, d);
    }
    /// bits 55:0 as a signed number
    static Address pointer(Address address) { return SignExtend<64>(slice<55, 0>(address)); }
};

Scenario Differences() {
    return scenario(
        {.name = "pointer-difference",
         .about = "SUBP or SUBPS from any state",
         .file = __FILE__,
         .variants = {"SUBP", "SUBPS"},
         .method = Method::paths,
         .map = {}},
        [](auto& s, unsigned variant) { return Difference(s, variant == 1); },
        invariant({"subp-subtracts-56-bit-addresses",
                   "SUBP and SUBPS subtract bits 55:0 of the operands, as signed numbers: the top bytes do not matter.",
                   {"MTE-SUBP-001"},
                   {Mutation::subp_no_sign_extension}},
                  [](auto& s, auto& r) {
                      s.claim(r.result == r.pointer(r.n) - r.pointer(r.m), "the difference of bits 55:0");
                  }),
        invariant({"subp-result-fits-57-bits",
                   "The result of SUBP and SUBPS is a signed number of 57 bits.",
                   {"MTE-SUBP-001"},
                   {Mutation::subp_keeps_top_byte}},
                  [](auto& s, auto& r) {
                      s.claim(SignExtend<64>(slice<56, 0>(r.result)) == r.result, "57 bits hold the result");
                  }),
        invariant({"subp-is-0-for-one-address-only",
                   "The result is 0 if and only if bits 55:0 of the operands are equal.",
                   {"MTE-SUBP-001"},
                   {Mutation::subp_keeps_top_byte}},
                  [](auto& s, auto& r) {
                      s.claim((r.result == 0) == (slice<55, 0>(r.n) == slice<55, 0>(r.m)), "0 for equal bits 55:0");
                  }),
        invariant({"subp-ignores-tag-controls",
                   "SUBP and SUBPS do not depend on any control of Allocation Tag access, nor on PSTATE.TCO.",
                   {"MTE-SUBP-002"},
                   {Mutation::gmi_subp_need_tag_access}},
                  [](auto& s, auto& r) {
                      s.claim_if(r.enabled, r.result == r.pointer(r.n) - r.pointer(r.m), "with tag access enabled");
                      s.claim_if(!r.enabled, r.result == r.pointer(r.n) - r.pointer(r.m), "and disabled");
                  }),
        invariant({"subps-flags-compare-addresses",
                   "SUBPS sets NZCV as a comparison of the two sign-extended addresses does: N is the signed, C the "
                   "unsigned order, Z is equality, V is 0.",
                   {"MTE-SUBPS-001", "MTE-SUBPS-002"},
                   {Mutation::subps_flags_carry_wrong}},
                  [](auto& s, auto& r) {
                      if (!r.flags) return;
                      const auto& flags = r.after.state.PSTATE;
                      s.claim(flags.V == 0, "no overflow");
                      s.claim((flags.N == 1) == slt(r.pointer(r.n), r.pointer(r.m)), "N: less, signed");
                      s.claim((flags.C == 1) == !ult(r.pointer(r.n), r.pointer(r.m)), "C: not less, unsigned");
                      s.claim((flags.Z == 1) == (slice<55, 0>(r.n) == slice<55, 0>(r.m)), "Z: equal");
                  }),
        invariant({"subp-changes-its-destination-only",
                   "SUBP changes its destination, SUBPS the flags, too; nothing else.",
                   {"MTE-SUBP-001", "MTE-SUBPS-001"},
                   {Mutation::tag_arithmetic_sets_flags}},
                  [](auto& s, auto& r) { ClaimNothingElse(s, r, r.d, r.flags); }));
}

// --------------------------------------------------------------------------------------------------------- GMI

/// GMI that was executed.
template <class S>
struct Mask : TagStep<S> {
    typename S::template Bits<64> n;
    typename S::template Bits<64> mask;
    typename S::template Bits<64> result;
    unsigned d = 0;

    explicit Mask(S& s) : TagStep<S>(s) {
        const auto& registers = kThreeRegisters[s.each_of(std::size(kThreeRegisters) - 1)]; // Xm is no stack pointer
        d = registers[0];
        n = XorSP(this->before, registers[1]);
        mask = X<64>(this->before, registers[2]);
        this->status = s.execute(this->after, Encoding::GMI, {{"Xd", d}, {"Xn", registers[1]}, {"Xm", registers[2]}});
        result = X<64>(this->after, d);
    }
};

Scenario TagMasks() {
    return scenario(
        {.name = "tag-mask",
         .about = "GMI from any state",
         .file = __FILE__,
         .variants = {"GMI"},
         .method = Method::paths,
         .map = {}},
        [](auto& s, unsigned) { return Mask(s); },
        invariant({"gmi-sets-the-bit-of-the-tag",
                   "GMI sets the bit of the mask that the tag of the address numbers.",
                   {"MTE-GMI-001"},
                   {Mutation::gmi_wrong_bit}},
                  [](auto& s, auto& r) {
                      using S = std::decay_t<decltype(s)>;
                      s.claim(IsExcluded(r.after, slice<15, 0>(r.result), Tag<S>(r.n)), "the bit of the tag is set");
                  }),
        invariant({"gmi-sets-no-other-bit",
                   "GMI changes no bit of the mask but that of the tag, in all 64.",
                   {"MTE-GMI-001"},
                   {Mutation::gmi_wrong_bit, Mutation::gmi_uses_32_bits}},
                  [](auto& s, auto& r) {
                      using S = std::decay_t<decltype(s)>;
                      const auto other = s.template any<4>("other tag");
                      s.claim((r.result & r.mask) == r.mask, "no bit is lost");
                      s.claim(slice<63, 16>(r.result) == slice<63, 16>(r.mask), "bits 63:16 stay");
                      s.claim_if(other != Tag<S>(r.n),
                                 IsExcluded(r.after, slice<15, 0>(r.result), other) ==
                                     IsExcluded(r.after, slice<15, 0>(r.mask), other),
                                 "no other bit is set");
                  }),
        invariant({"gmi-ignores-tag-controls",
                   "GMI does not depend on any control of Allocation Tag access.",
                   {"MTE-GMI-002"},
                   {Mutation::gmi_subp_need_tag_access}},
                  [](auto& s, auto& r) {
                      using S = std::decay_t<decltype(s)>;
                      s.claim_if(!r.enabled, IsExcluded(r.after, slice<15, 0>(r.result), Tag<S>(r.n)),
                                 "the bit is set though tag access is disabled");
                  }),
        invariant({"gmi-changes-its-destination-only",
                   "GMI changes its destination; nothing else.",
                   {"MTE-GMI-001"},
                   {Mutation::tag_arithmetic_sets_flags}},
                  [](auto& s, auto& r) { ClaimNothingElse(s, r, r.d); }));
}

// --------------------------------------------------------------------------------------------------------- IRG

/// IRG that was executed.
template <class S>
struct RandomTagInsert : TagStep<S> {
    using Seed = typename S::template Bits<16>;
    unsigned d = 0;
    typename S::template Bits<64> operand;
    typename S::template Bits<64> result;
    Seed exclude;
    typename S::Bool pseudo_random; ///< GCR_EL1.RRND is 0

    explicit RandomTagInsert(S& s) : TagStep<S>(s), pseudo_random(this->gcr().RRND() == 0) {
        const auto& registers = kThreeRegisters[s.each_of(std::size(kThreeRegisters) - 1)]; // Xm is no stack pointer
        d = registers[0];
        operand = XorSP(this->before, registers[1]);
        exclude = this->gcr_exclude() | slice<15, 0>(X<64>(this->before, registers[2]));
        this->status = s.execute(this->after, Encoding::IRG, {{"Xd", d}, {"Xn", registers[1]}, {"Xm", registers[2]}});
        result = XorSP(this->after, d);
    }
    static Seed seed(const typename S::Machine& m) {
        return spec::fields::RGSR_EL1<typename S::template Bits<64>>{m.state.RGSR_EL1}.SEED();
    }
    static typename S::template Bits<4> last_tag(const typename S::Machine& m) {
        return spec::fields::RGSR_EL1<typename S::template Bits<64>>{m.state.RGSR_EL1}.TAG();
    }
    /// SEED four steps of x^16 + x^5 + x^3 + x^2 + 1 later, as the manual draws it.
    Seed stepped() const {
        Seed s = seed(this->before);
        for (unsigned i = 0; i < 4; ++i) {
            s = concat(slice<5, 5>(s) ^ slice<3, 3>(s) ^ slice<2, 2>(s) ^ slice<0, 0>(s), slice<15, 1>(s));
        }
        return s;
    }
};

Scenario RandomTagInserts() {
    return scenario(
        {.name = "insert-random-tag",
         .about = "IRG from any state, with RGSR_EL1 as a direct write can leave it",
         .file = __FILE__,
         .variants = {"IRG"},
         .method = Method::paths,
         .map = {}},
        [](auto& s, unsigned) { return RandomTagInsert(s); },
        invariant(
            {"irg-gives-no-excluded-tag",
             "With tag access enabled and a tag left to choose, the tag of IRG is excluded neither by GCR_EL1 nor "
             "by Xm; with none left it is 0.",
             {"MTE-IRG-001", "MTE-IRG-008", "MTE-IRG-011"},
             {Mutation::irg_ignores_gcr_exclude, Mutation::irg_ignores_register_exclude}},
            [](auto& s, auto& r) {
                using S = std::decay_t<decltype(s)>;
                const auto none = r.exclude == 0xffff;
                s.claim_if(r.enabled & !none, !IsExcluded(r.after, r.exclude, Tag<S>(r.result)), "it is allowed");
                s.claim_if(r.enabled & none, Tag<S>(r.result) == 0, "if none is allowed it is 0");
            }),
        invariant({"irg-keeps-the-address",
                   "IRG changes bits 59:56 of the address only.",
                   {"MTE-IRG-009", "MTE-TAG-002"},
                   {Mutation::irg_changes_top_nibble}},
                  [](auto& s, auto& r) {
                      s.claim((slice<63, 60>(r.result) == slice<63, 60>(r.operand)) &
                                  (slice<55, 0>(r.result) == slice<55, 0>(r.operand)),
                              "only bits 59:56 change");
                  }),
        invariant({"irg-gives-tag-0-when-disabled",
                   "Where Allocation Tag access is disabled IRG gives tag 0 and leaves RGSR_EL1 alone.",
                   {"MTE-IRG-010"},
                   {Mutation::ata_ignored}},
                  [](auto& s, auto& r) {
                      using S = std::decay_t<decltype(s)>;
                      s.claim_if(!r.enabled, Tag<S>(r.result) == 0, "the tag is 0");
                      s.claim_if(!r.enabled, r.after.state.RGSR_EL1 == r.before.state.RGSR_EL1, "RGSR_EL1 stays");
                  }),
        invariant({"irg-advances-the-seed-by-four-steps",
                   "With GCR_EL1.RRND at 0 SEED advances by four steps, whatever is excluded, all tags included.",
                   {"MTE-IRG-002", "MTE-IRG-003", "MTE-IRG-005"},
                   {Mutation::lfsr_wrong_taps, Mutation::lfsr_wrong_shift_count, Mutation::irg_seed_not_advanced}},
                  [](auto& s, auto& r) {
                      s.claim_if(r.enabled & r.pseudo_random, r.seed(r.after) == r.stepped(), "four steps on");
                  }),
        invariant(
            {"irg-chooses-from-the-last-tag",
             "With GCR_EL1.RRND at 0 the tag is chosen from RGSR_EL1.TAG by the four new bits of SEED, the first of "
             "them the lowest, and becomes RGSR_EL1.TAG.",
             {"MTE-IRG-002", "MTE-IRG-004"},
             {Mutation::irg_tag_start_wrong}},
            [](auto& s, auto& r) {
                using S = std::decay_t<decltype(s)>;
                const auto usual = r.enabled & r.pseudo_random;
                auto m = r.before;
                const auto chosen =
                    ChooseNonExcludedTag(m, r.last_tag(r.before), slice<15, 12>(r.stepped()), r.exclude);
                s.claim_if(usual, Tag<S>(r.result) == chosen, "the tag of the result");
                s.claim_if(usual, r.last_tag(r.after) == chosen, "RGSR_EL1.TAG");
            }),
        invariant({"irg-ignores-tco",
                   "IRG gives the same with any PSTATE.TCO.",
                   {"MTE-IRG-010"},
                   {Mutation::tag_arithmetic_obeys_tco}},
                  [](auto& s, auto& r) {
                      using S = std::decay_t<decltype(s)>;
                      const auto usual =
                          r.enabled & r.pseudo_random & Is<typename S::Machine>(r.before.state.PSTATE.TCO);
                      s.claim_if(usual, r.seed(r.after) == r.stepped(), "SEED advances with PSTATE.TCO at 1");
                      s.claim_if(usual, r.last_tag(r.after) == Tag<S>(r.result), "and gives the tag");
                  }),
        invariant({"irg-changes-its-destination-and-rgsr-only",
                   "IRG changes its destination and RGSR_EL1; nothing else.",
                   {"MTE-IRG-002"},
                   {Mutation::tag_arithmetic_sets_flags}},
                  [](auto& s, auto& r) { ClaimNothingElse(s, r, r.d); }));
}

} // namespace

void AppendTagArithmetic(std::vector<Scenario>& all) {
    all.push_back(AddTags());
    all.push_back(Differences());
    all.push_back(TagMasks());
    all.push_back(RandomTagInserts());
}

} // namespace mtecheck::model::proofs
