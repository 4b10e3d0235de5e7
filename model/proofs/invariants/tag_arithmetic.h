// SPDX-License-Identifier: Apache-2.0
//
// Invariants of ADDG, SUBG, IRG, GMI, SUBP and SUBPS.
#pragma once

#include "model/proofs/invariants/frame.h"
#include "model/run/run.h"
#include "model/tags/tag_check.h"
#include "spec/gen/registers.h"

namespace mtecheck::model::proofs {

using spec::Encoding;

/// Where ADDG and SUBG are looked at: apart, in place, from and to a stack pointer.
struct TwoRegisters {
    unsigned d = 0;
    unsigned n = 1;
};
inline constexpr TwoRegisters kTwoRegisters[] = {{0, 1}, {2, 2}, {0, 31}, {31, 1}, {31, 31}};

/// One of ADDG and SUBG that was executed: the operand, and the result.
template <class S>
struct AddTag {
    typename S::Machine before;
    typename S::Machine after;
    typename S::template Bits<64> operand;
    typename S::template Bits<64> result;
    typename S::template Bits<64> offset; ///< uimm6 * 16
    typename S::template Bits<4> tag_offset;
};

template <class S>
AddTag<S> ExecuteAddTag(S& s, Encoding encoding) {
    const TwoRegisters& registers = kTwoRegisters[s.each_of(std::size(kTwoRegisters))];
    AddTag<S> r{s.machine(), s.machine(), {}, {}, {}, {}};
    r.operand = XorSP(r.before, registers.n);
    const RunStatus status = s.execute(r.after, encoding, {{"Xd", registers.d}, {"Xn", registers.n}, {"op3", 0}});
    s.claim(boolean<typename S::Machine>(status == RunStatus::completed), "it completes");
    r.result = XorSP(r.after, registers.d);
    r.offset = shift_left<4>(ZeroExtend<64>(slice<21, 16>(r.after.opcode)));
    r.tag_offset = slice<13, 10>(r.after.opcode);
    return r;
}

template <class S>
typename S::template Bits<4> Tag(typename S::template Bits<64> address) {
    return slice<59, 56>(address);
}

template <class S>
void AddsMultipleOf16(S& s) {
    const bool add = s.each_of(2) == 0;
    AddTag<S> r = ExecuteAddTag(s, add ? Encoding::ADDG : Encoding::SUBG);
    const auto sum = add ? r.operand + r.offset : r.operand - r.offset;
    s.claim(slice<55, 0>(r.result) == slice<55, 0>(sum), "bits 55:0 are the sum");
    s.claim(slice<63, 60>(r.result) == slice<63, 60>(sum), "bits 63:60 are the sum");
    s.claim(slice<3, 0>(r.result) == slice<3, 0>(r.operand), "bits 3:0 stay");
}

template <class S>
void AddsTagByExclusion(S& s) {
    AddTag<S> r = ExecuteAddTag(s, s.each_of(2) == 0 ? Encoding::ADDG : Encoding::SUBG);
    const auto exclude = slice<15, 0>(r.before.state.GCR_EL1);
    if (!AllocationTagAccessIsEnabled(r.before, r.before.state.PSTATE.EL)) s.irrelevant();
    s.claim(Tag<S>(r.result) == ChooseNonExcludedTag(r.before, Tag<S>(r.operand), r.tag_offset, exclude),
            "the tag is that which is so many allowed tags further on");
}

template <class S>
void AddsNoTagWhenDisabled(S& s) {
    AddTag<S> r = ExecuteAddTag(s, s.each_of(2) == 0 ? Encoding::ADDG : Encoding::SUBG);
    if (AllocationTagAccessIsEnabled(r.before, r.before.state.PSTATE.EL)) s.irrelevant();
    s.claim(Tag<S>(r.result) == 0, "the tag is 0");
}

template <class S>
void AddingNothingKeepsAllowedTag(S& s) {
    AddTag<S> r = ExecuteAddTag(s, Encoding::ADDG);
    if (!AllocationTagAccessIsEnabled(r.before, r.before.state.PSTATE.EL)) s.irrelevant();
    const auto excluded = IsExcluded(r.before, slice<15, 0>(r.before.state.GCR_EL1), Tag<S>(r.operand));
    s.assume((r.offset == 0) & (r.tag_offset == 0) & !excluded);
    s.claim(r.result == r.operand, "the result is the operand");
}

template <class S>
void AddTagTouchesNothingElse(S& s) {
    AddTag<S> r = ExecuteAddTag(s, s.each_of(2) == 0 ? Encoding::ADDG : Encoding::SUBG);
    const unsigned d = r.after.index(slice<4, 0>(r.after.opcode));
    s.claim(SameRegisters(r.before.state, r.after.state, {d}), "no other register");
    s.claim(SameNZCV(r.before.state, r.after.state) & SameControls(r.before.state, r.after.state), "no PSTATE");
    s.claim(SameConfiguration(r.before.state, r.after.state) & SameTFSR(r.before.state, r.after.state) &
                (r.before.state.RGSR_EL1 == r.after.state.RGSR_EL1),
            "no system register");
    s.claim(s.same_data(r.before, r.after) & s.same_tags(r.before, r.after), "no memory");
}

// ------------------------------------------------------------------------------------------------- SUBP, SUBPS

inline constexpr unsigned kThreeRegisters[][3] = {{0, 1, 2}, {1, 1, 2}, {2, 1, 2}, {0, 1, 1}, {0, 31, 2}, {0, 1, 31}};

/// SUBP or SUBPS that was executed.
template <class S>
struct Difference {
    typename S::Machine before;
    typename S::Machine after;
    typename S::template Bits<64> n;
    typename S::template Bits<64> m;
    typename S::template Bits<64> result;
};

template <class S>
Difference<S> ExecuteDifference(S& s, Encoding encoding) {
    const auto& registers = kThreeRegisters[s.each_of(std::size(kThreeRegisters))];
    Difference<S> r{s.machine(), s.machine(), {}, {}, {}};
    r.n = XorSP(r.before, registers[1]);
    r.m = XorSP(r.before, registers[2]);
    s.execute(r.after, encoding, {{"Xd", registers[0]}, {"Xn", registers[1]}, {"Xm", registers[2]}});
    r.result = X<64>(r.after, registers[0]);
    return r;
}

/// bits 55:0 as a signed number
template <class S>
typename S::template Bits<64> Pointer(typename S::template Bits<64> address) {
    return SignExtend<64>(slice<55, 0>(address));
}

template <class S>
void DifferenceIgnoresTopByte(S& s) {
    auto r = ExecuteDifference(s, s.each_of(2) == 0 ? Encoding::SUBP : Encoding::SUBPS);
    s.claim(r.result == Pointer<S>(r.n) - Pointer<S>(r.m), "the difference of bits 55:0, as signed numbers");
}

template <class S>
void DifferenceFits57Bits(S& s) {
    auto r = ExecuteDifference(s, Encoding::SUBP);
    s.claim(SignExtend<64>(slice<56, 0>(r.result)) == r.result, "57 bits hold the result");
}

template <class S>
void DifferenceIsZeroForSameAddress(S& s) {
    auto r = ExecuteDifference(s, Encoding::SUBP);
    s.claim((r.result == 0) == (slice<55, 0>(r.n) == slice<55, 0>(r.m)), "0 for equal bits 55:0 and only then");
}

template <class S>
void FlagsOfDifference(S& s) {
    auto r = ExecuteDifference(s, Encoding::SUBPS);
    const auto& flags = r.after.state.PSTATE;
    s.claim(flags.V == 0, "no overflow");
    s.claim((flags.N == 1) == slt(Pointer<S>(r.n), Pointer<S>(r.m)), "N: less, signed");
    s.claim((flags.C == 1) == !ult(Pointer<S>(r.n), Pointer<S>(r.m)), "C: not less, unsigned");
    s.claim((flags.Z == 1) == (slice<55, 0>(r.n) == slice<55, 0>(r.m)), "Z: equal");
}

template <class S>
void DifferenceTouchesNothingElse(S& s) {
    const bool flags = s.each_of(2) == 1;
    auto r = ExecuteDifference(s, flags ? Encoding::SUBPS : Encoding::SUBP);
    const unsigned d = r.after.index(slice<4, 0>(r.after.opcode));
    s.claim(SameRegisters(r.before.state, r.after.state, {d}), "no other register");
    if (!flags) s.claim(SameNZCV(r.before.state, r.after.state), "SUBP sets no flag");
    s.claim(SameControls(r.before.state, r.after.state) & SameTFSR(r.before.state, r.after.state), "no other state");
    s.claim(s.same_data(r.before, r.after) & s.same_tags(r.before, r.after), "no memory");
}

// --------------------------------------------------------------------------------------------------------- GMI

template <class S>
void MaskGainsTheBitOfTheTag(S& s) {
    const auto& registers = kThreeRegisters[s.each_of(std::size(kThreeRegisters) - 1)];
    auto before = s.machine();
    auto after = s.machine();
    const auto n = XorSP(before, registers[1]);
    const auto mask = X<64>(before, registers[2]);
    s.execute(after, Encoding::GMI, {{"Xd", registers[0]}, {"Xn", registers[1]}, {"Xm", registers[2]}});
    const auto result = X<64>(after, registers[0]);
    s.claim((result & mask) == mask, "no bit is lost");
    s.claim(slice<63, 16>(result) == slice<63, 16>(mask), "bits 63:16 stay");
    s.claim(IsExcluded(after, slice<15, 0>(result), Tag<S>(n)), "the bit of the tag is set");
    const auto other = s.template any<4>("other tag");
    s.claim((other == Tag<S>(n)) |
                (IsExcluded(after, slice<15, 0>(result), other) == IsExcluded(after, slice<15, 0>(mask), other)),
            "no other bit is set");
    s.claim(SameRegisters(before.state, after.state, {registers[0]}) & SameNZCV(before.state, after.state),
            "no other register and no flag");
}

// --------------------------------------------------------------------------------------------------------- IRG

template <class S>
struct RandomTagInsert {
    typename S::Machine before;
    typename S::Machine after;
    typename S::template Bits<64> operand;
    typename S::template Bits<64> result;
    typename S::template Bits<16> exclude;
};

template <class S>
RandomTagInsert<S> ExecuteIRG(S& s) {
    RandomTagInsert<S> r{s.machine(), s.machine(), {}, {}, {}};
    r.operand = r.before.state.x[1];
    r.exclude = slice<15, 0>(r.before.state.GCR_EL1) | slice<15, 0>(r.before.state.x[2]);
    s.execute(r.after, Encoding::IRG, {{"Xd", 0}, {"Xn", 1}, {"Xm", 2}});
    r.result = r.after.state.x[0];
    return r;
}

template <class S>
void RandomTagIsNotExcluded(S& s) {
    RandomTagInsert<S> r = ExecuteIRG(s);
    if (!AllocationTagAccessIsEnabled(r.before, r.before.state.PSTATE.EL)) s.irrelevant();
    s.claim((r.exclude == 0xffff) | !IsExcluded(r.before, r.exclude, Tag<S>(r.result)), "the tag is allowed");
    s.claim((r.exclude != 0xffff) | (Tag<S>(r.result) == 0), "if none is allowed it is 0");
}

template <class S>
void RandomTagKeepsTheAddress(S& s) {
    auto r = ExecuteIRG(s);
    s.claim((slice<63, 60>(r.result) == slice<63, 60>(r.operand)) & (slice<55, 0>(r.result) == slice<55, 0>(r.operand)),
            "only bits 59:56 change");
}

template <class S>
void RandomTagWhenDisabled(S& s) {
    RandomTagInsert<S> r = ExecuteIRG(s);
    if (AllocationTagAccessIsEnabled(r.before, r.before.state.PSTATE.EL)) s.irrelevant();
    s.claim(Tag<S>(r.result) == 0, "the tag is 0");
    s.claim(r.after.state.RGSR_EL1 == r.before.state.RGSR_EL1, "RGSR_EL1 stays");
}

/// One step of x^16 + x^5 + x^3 + x^2 + 1, as the manual draws it.
template <class S>
typename S::template Bits<16> StepSeed(typename S::template Bits<16> seed) {
    const auto top = slice<5, 5>(seed) ^ slice<3, 3>(seed) ^ slice<2, 2>(seed) ^ slice<0, 0>(seed);
    return concat(top, slice<15, 1>(seed));
}

template <class S>
void SeedAdvancesFourSteps(S& s) {
    RandomTagInsert<S> r = ExecuteIRG(s);
    if (!AllocationTagAccessIsEnabled(r.before, r.before.state.PSTATE.EL)) s.irrelevant();
    s.assume(spec::fields::GCR_EL1<typename S::template Bits<64>>{r.before.state.GCR_EL1}.RRND() == 0);
    const auto seed = [](const auto& m) { return slice<23, 8>(m.state.RGSR_EL1); };
    const auto stepped = StepSeed<S>(StepSeed<S>(StepSeed<S>(StepSeed<S>(seed(r.before)))));
    s.claim(seed(r.after) == stepped, "the seed is four steps on, whatever is excluded");
    s.claim(slice<3, 0>(r.after.state.RGSR_EL1) == Tag<S>(r.result), "RGSR_EL1.TAG is the tag of the result");
    const auto start = slice<3, 0>(r.before.state.RGSR_EL1);
    s.claim(Tag<S>(r.result) == ChooseNonExcludedTag(r.before, start, slice<15, 12>(stepped), r.exclude),
            "the tag is chosen from RGSR_EL1.TAG by the four new bits");
}

} // namespace mtecheck::model::proofs
