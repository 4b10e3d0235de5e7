// SPDX-License-Identifier: Apache-2.0
#include "difftest/paths/environment.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <type_traits>

#include "difftest/core/arena.h"
#include "difftest/judge/features.h"
#include "difftest/judge/layouts.h"
#include "difftest/judge/machine_state.h"
#include "difftest/paths/path_case.h"
#include "spec/gen/registers.h"

namespace mtecheck::difftest {
namespace {

namespace field = spec::field;
using model::symbolic::current_terms;
using model::symbolic::Evaluation;
using model::symbolic::Op;
using model::symbolic::SymbolicBits;
using model::symbolic::Term;
using model::symbolic::Terms;

constexpr unsigned kStackPointer = 31;
constexpr std::uint64_t kPage = ARENA_PAGE_BYTES;
constexpr unsigned kPageShift = 12;
constexpr spec::BitRange kBothHalves{1, 0}; // TF1, TF0 of TFSRE0_EL1 and TFSR_ELx

/// Edges of a field that are the opposite of what is usual, one of them in between.
EdgeValues opposite(unsigned width, model::Uint128 usual) {
    const model::Uint128 other = ~usual & ((model::Uint128{1} << width) - 1);
    return {other, usual, other};
}

EdgeValues as_usual(model::Uint128 usual) { return {usual, usual, usual}; }

} // namespace

Environment::Term Environment::variable(const std::string& name, unsigned width, model::Uint128 usual,
                                        const EdgeValues& edges) {
    const Term term = current_terms().variable(name, width);
    variables_.push_back(term);
    values_.push_back({term, usual, edges});
    return term;
}

bool Environment::is_free(std::initializer_list<Part> parts) const {
    return part_ == Part::all || std::find(parts.begin(), parts.end(), part_) != parts.end();
}

void Environment::free_field(Word& word, spec::BitRange range, const std::string& name) {
    const Terms& terms = current_terms();
    const auto usual = terms.node(current_terms().extract(word.term(), range.hi, range.lo)).value;
    free_field(word, range, name, opposite(range.width(), usual));
}

void Environment::free_field(Word& word, spec::BitRange range, const std::string& name, const EdgeValues& edges) {
    Terms& terms = current_terms();
    const auto usual = terms.node(terms.extract(word.term(), range.hi, range.lo)).value;
    Term result = variable(name, range.width(), usual, edges);
    if (range.lo > 0) result = terms.binary(Op::concat, result, terms.extract(word.term(), range.lo - 1U, 0));
    if (range.hi < 63) result = terms.binary(Op::concat, terms.extract(word.term(), 63, range.hi + 1U), result);
    word = Word(result);
}

Environment::Word& Environment::sctlr(unsigned el) {
    auto& s = machine_.state;
    return el == 1 ? s.SCTLR_EL1 : el == 2 ? s.SCTLR_EL2 : s.SCTLR_EL3;
}

Environment::Word& Environment::tcr(unsigned el) {
    auto& s = machine_.state;
    return el == 1 ? s.TCR_EL1 : el == 2 ? s.TCR_EL2 : s.TCR_EL3;
}

void Environment::give_sctlr(unsigned el, bool unprivileged) {
    const std::string prefix = "SCTLR_EL" + std::to_string(el) + ".";
    Word& word = sctlr(el);
    const auto give = [&](spec::BitRange range, const char* name) { free_field(word, range, prefix + name); };
    if (part_ == Part::uncached)
        word = Word(current_terms().literal(64, field::SCTLR_EL1::C.insert(usual_.sctlr[el], 0)));
    if (part_ == Part::all) give(field::SCTLR_EL1::C, "C");
    if (part_ != Part::gates || shape_.stack_pointer()) give(field::SCTLR_EL1::TCF, "TCF");
    if (is_free({Part::gates})) give(field::SCTLR_EL1::SA, "SA");
    if (is_free({Part::lower_half})) {
        give(field::SCTLR_EL1::ATA, "ATA");
        give(field::SCTLR_EL1::A, "A");
        if (machine_.have(spec::Feature::FEAT_LSE2)) give(field::SCTLR_EL1::nAA, "nAA");
        if (machine_.have(spec::Feature::FEAT_MTE_ASYNC)) give(field::SCTLR_EL1::ITFSB, "ITFSB");
    }
    if (!unprivileged) return;
    if (part_ != Part::gates || shape_.stack_pointer()) give(field::SCTLR_EL1::TCF0, "TCF0");
    if (is_free({Part::gates})) give(field::SCTLR_EL1::SA0, "SA0");
    if (is_free({Part::lower_half})) {
        give(field::SCTLR_EL1::ATA0, "ATA0");
        give(field::SCTLR_EL1::DZE, "DZE");
        give(field::SCTLR_EL1::UCI, "UCI");
    }
}

void Environment::give_configuration(const PathClass& path_class) {
    auto& s = machine_.state;
    auto& p = s.PSTATE;
    s.pc = ARENA_CODE_VA;
    each_control(s, usual_, [](auto& to, const auto& from) { to = from; });

    const unsigned el = path_class.el;
    const bool host_el0 = el == 0 && path_class.e2h;
    const unsigned regime = host_el0 ? 2U : el == 0 ? 1U : el;
    const bool two_ranges = regime == 1 || (regime == 2 && path_class.e2h);
    give_sctlr(regime, two_ranges);
    const std::string prefix = "TCR_EL" + std::to_string(regime) + ".";
    if (!is_free({Part::lower_half, Part::upper_half})) {
        // as usual
    } else if (two_ranges) {
        free_field(tcr(regime), field::TCR_EL1::TBI0, prefix + "TBI0");
        free_field(tcr(regime), field::TCR_EL1::TBI1, prefix + "TBI1");
        free_field(tcr(regime), field::TCR_EL1::TCMA0, prefix + "TCMA0");
        free_field(tcr(regime), field::TCR_EL1::TCMA1, prefix + "TCMA1");
    } else {
        free_field(tcr(regime), field::TCR_EL3::TBI, prefix + "TBI");
        free_field(tcr(regime), field::TCR_EL3::TCMA, prefix + "TCMA");
    }
    const auto have = [&](spec::Feature feature) { return machine_.have(feature); };
    const bool has_el2 = have(spec::Feature::FEAT_EL2);
    const bool below_el2 = el < 2 && !host_el0;
    if (is_free({Part::lower_half})) {
        if (have(spec::Feature::FEAT_EL3) && el < 3) free_field(s.SCR_EL3, field::SCR_EL3::ATA, "SCR_EL3.ATA");
        if (has_el2 && below_el2) {
            free_field(s.HCR_EL2, field::HCR_EL2::ATA, "HCR_EL2.ATA");
            free_field(s.HCR_EL2, field::HCR_EL2::TID5, "HCR_EL2.TID5");
            free_field(s.HCR_EL2, field::HCR_EL2::TDZ, "HCR_EL2.TDZ");
            free_field(s.HCR_EL2, field::HCR_EL2::TPCP, "HCR_EL2.TPCP");
            free_field(s.HCR_EL2, field::HCR_EL2::TSW, "HCR_EL2.TSW");
            free_field(s.HCR_EL2, field::HCR_EL2::TPU, "HCR_EL2.TPU");
        }
        if (have(spec::Feature::FEAT_MTE2)) p.TCO = SymbolicBits<1>(variable("PSTATE.TCO", 1, 0, opposite(1, 0)));
        if (have(spec::Feature::FEAT_PAN)) p.PAN = SymbolicBits<1>(variable("PSTATE.PAN", 1, 0, opposite(1, 0)));
    }
    // As which Exception level an unprivileged access acts decides about its faults wherever it goes.
    if (part_ != Part::gates) {
        if (path_class.e2h && el == 2) free_field(s.HCR_EL2, field::HCR_EL2::TGE, "HCR_EL2.TGE");
        if (have(spec::Feature::FEAT_UAO)) p.UAO = SymbolicBits<1>(variable("PSTATE.UAO", 1, 0, opposite(1, 0)));
    }
    if (is_free({Part::gates})) {
        if (below_el2) free_field(s.CPACR_EL1, field::CPACR_EL1::FPEN, "CPACR_EL1.FPEN");
        if (has_el2 && (below_el2 || (el == 2 && !path_class.e2h)))
            free_field(s.CPTR_EL2, field::CPTR_EL2::TFP, "CPTR_EL2.TFP");
        if (path_class.e2h) free_field(s.CPTR_EL2, field::CPTR_EL2_VHE::FPEN, "CPTR_EL2.FPEN");
        if ((el == 1 || el == 2) && shape_.stack_pointer())
            p.SP = SymbolicBits<1>(variable("PSTATE.SP", 1, 1, opposite(1, 1)));
    }
}

/// The address of the first byte that the subject accesses: its place in the page is the shape's.
void Environment::give_address() {
    if (shape_.base == kNoBase) return;
    Terms& terms = current_terms();
    // bits 63:56, 55, 54:12
    Term half = terms.literal(1, part_ == Part::upper_half ? 1 : 0);
    if (is_free({Part::lower_half, Part::upper_half})) {
        top_ = terms.variable("address<63:56>", 8);
        page_ = terms.variable("address<54:12>", 43);
        variables_.insert(variables_.end(), {top_, page_});
    } else {
        top_ = terms.literal(8, 5);
        page_ = terms.literal(43, (ARENA_VA >> kPageShift) + 1);
    }
    if (is_free({Part::uncached})) {
        half = terms.variable("address<55>", 1);
        variables_.push_back(half);
        if (terms.is_literal(page_)) {
            const auto upper = terms.node(page_).value | (std::uint64_t{ARENA_UPPER_HALF} << 9U >> (9U + kPageShift));
            page_ = terms.ite((SymbolicBits<1>(half) == SymbolicBits<1>(1)).term(), terms.literal(43, upper), page_);
        }
    }
    page_ = terms.binary(Op::concat, half, page_);
    const Term high = terms.binary(Op::concat, top_, page_);
    const Word address(terms.binary(Op::concat, high, terms.literal(kPageShift, shape_.place)));
    const Word base = address - Word(shape_.offset);
    auto& s = machine_.state;
    if (shape_.base == kStackPointer) {
        s.sp[0] = base;
        s.sp[usual_.el] = base;
    } else {
        s.x.at(shape_.base) = base;
    }
    if (shape_.index < s.x.size() && shape_.index != shape_.base) s.x.at(shape_.index) = shape_.index_value;
    if (part_ != Part::gates || shape_.stack_pointer()) {
        first_tag_ = terms.variable("tag at the address", 4);
        other_tag_ = terms.variable("tag elsewhere", 4);
        variables_.insert(variables_.end(), {first_tag_, other_tag_});
    } else {
        first_tag_ = other_tag_ = terms.literal(4, 5);
    }
    machine_.first_granule = static_cast<std::uint8_t>(shape_.place >> 4U);
    machine_.first_tag = SymbolicBits<4>(first_tag_);
    machine_.other_tag = SymbolicBits<4>(other_tag_);
}

void Environment::give_registers() {
    auto& s = machine_.state;
    // Of those that are named all bits are set, none, or as usual.
    const std::uint32_t named = registers_named();
    for (unsigned n = 0; n < s.x.size(); ++n) {
        const EdgeValues edges =
            (named >> n & 1U) != 0 ? EdgeValues{~std::uint64_t{0}, 0, plain_x(n)} : as_usual(plain_x(n));
        s.x[n] = Word(variable("X" + std::to_string(n), 64, plain_x(n), edges));
    }
    // What is taken for register 31 has a tag of its own.
    if (shape_.variant) s.sp.fill(Word(std::uint64_t{9} << 56U | ARENA_TAGGED_VA));
    for (unsigned n = 0; n < s.v.size(); ++n) {
        const auto [low, high] = plain_v(n);
        s.v[n] = SymbolicBits<128>(current_terms().literal(128, model::Uint128{high} << 64U | low));
    }
    auto& p = s.PSTATE;
    p.N = SymbolicBits<1>(variable("PSTATE.N", 1, 1, opposite(1, 1)));
    p.Z = SymbolicBits<1>(variable("PSTATE.Z", 1, 0, opposite(1, 0)));
    p.C = SymbolicBits<1>(variable("PSTATE.C", 1, 1, opposite(1, 1)));
    p.V = SymbolicBits<1>(variable("PSTATE.V", 1, 0, opposite(1, 0)));
    // Every tag excluded, none, every other one; and seeds that give the tag 0 or stay as they are.
    free_field(s.GCR_EL1, field::GCR_EL1::Exclude, "GCR_EL1.Exclude", {0xffff, 0, 0x5555});
    free_field(s.GCR_EL1, field::GCR_EL1::RRND, "GCR_EL1.RRND");
    free_field(s.RGSR_EL1, field::RGSR_EL1::SEED, "RGSR_EL1.SEED", {0, 0, 0xffff});
    free_field(s.RGSR_EL1, field::RGSR_EL1::TAG, "RGSR_EL1.TAG", {9, 5, 15});
    // Faults that were recorded before: of the other half of the address space than those to come, in turn.
    free_field(s.TFSRE0_EL1, kBothHalves, "TFSRE0_EL1", {2, 1, 3});
    free_field(s.TFSR_EL1, kBothHalves, "TFSR_EL1", {2, 1, 3});
    if (field::HCR_EL2::E2H.extract(usual_.hcr_el2) != 0) free_field(s.TFSR_EL2, kBothHalves, "TFSR_EL2", {2, 1, 3});
}

std::vector<Part> parts_of(const Shape& shape) {
    if (shape.stack_pointer()) return {Part::gates};
    if (!shape.ordinary || shape.base == kNoBase) return {Part::lower_half};
    std::vector<Part> parts{Part::lower_half, Part::upper_half, Part::uncached};
    if (shape.uses_simd) parts.push_back(Part::gates);
    return parts;
}

std::span<const Constraint> constraints() {
    static constexpr Constraint kConstraints[] = {
        {Lift::stage1_off, "stage1",
         "a monitor runs with stage 1 translation on in every regime (SCTLR_ELx.M = 1): its own code and data are "
         "mapped"},
        {Lift::tge_without_e2h, "tge",
         "HCR_EL2.TGE = 1 with E2H = 0 turns off stage 1 translation of EL0, in which a monitor cannot run a test"},
        {Lift::fp_trap_to_el3, "fp", "a monitor at EL3 saves SIMD&FP registers itself: CPTR_EL3.TFP must be 0"},
    };
    return kConstraints;
}

bool concerns(Lift lift, const PathClass& path_class, const Shape& shape) {
    if (!shape.ordinary || shape.stack_pointer()) return false;
    switch (lift) {
    case Lift::stage1_off: return shape.base != kNoBase;
    case Lift::tge_without_e2h: return path_class.el == 0 && !path_class.e2h && !path_class.el2_disabled;
    case Lift::fp_trap_to_el3: return shape.uses_simd;
    default: return true;
    }
}

Environment::Environment(const PathClass& path_class, const Profile& profile, const Shape& shape, Part part, Lift lift)
    : profile_(profile), shape_(shape), part_(part), lift_(lift), usual_(class_configuration(path_class, profile)),
      program_(ARENA_CODE_VA, shape.code) {
    machine_.features = features_of(profile);
    machine_.address_space = &address_space(LayoutId::arena);
    machine_.plain_regions = part == Part::upper_half;
    machine_.state.GCR_EL1 = 0x3000;
    machine_.state.RGSR_EL1 = 0xace109;
    switch (lift_) {
    case Lift::none: break;
    case Lift::stage1_off:
        for (const std::size_t el : {1U, 2U, 3U}) usual_.sctlr[el] = field::SCTLR_EL1::M.insert(usual_.sctlr[el], 0);
        break;
    case Lift::tge_without_e2h: usual_.hcr_el2 = field::HCR_EL2::TGE.insert(usual_.hcr_el2, 1); break;
    case Lift::fp_trap_to_el3: usual_.cptr_el3 = field::CPTR_EL3::TFP.insert(usual_.cptr_el3, 1); break;
    }
    give_registers();
    give_configuration(path_class);
    give_address();
}

unsigned Environment::edges() const { return shape_.base == kNoBase ? kMostEdges : kMostEdges - 1; }

std::uint32_t Environment::registers_named() const {
    std::uint32_t named = 0;
    const std::uint32_t word = shape_.code[shape_.subject];
    for (const spec::FieldInfo& field : spec::info(*spec::decode(word)).fields) {
        if (field.role == spec::Role::general || field.role == spec::Role::general_or_sp)
            named |= std::uint32_t{1} << field.extract(word);
    }
    return named;
}

std::vector<Preference> Environment::preferences(unsigned edge) const {
    std::vector<Preference> result;
    const Terms& terms = current_terms();
    const auto add = [&](Preference preference) {
        // Variables only: what is fixed is as it is.
        Preference free;
        std::vector<std::size_t> kept;
        for (std::size_t i = 0; i < preference.variables.size(); ++i) {
            if (terms.node(preference.variables[i]).op != Op::variable) continue;
            free.variables.push_back(preference.variables[i]);
            kept.push_back(i);
        }
        for (const auto& values : preference.values) {
            auto& tuple = free.values.emplace_back();
            for (const std::size_t i : kept) tuple.push_back(values[i]);
        }
        if (!kept.empty()) result.push_back(std::move(free));
    };
    if (shape_.base != kNoBase) {
        // A page of the map, those in the middle of it first; then the tags: of the address, where it points,
        // elsewhere.
        Preference page{{terms.node(page_).operand[0], terms.node(page_).operand[1]}, {}};
        if (terms.is_literal(page_)) page.variables = {page_, page_};
        for (const std::uint64_t half : {0U, 1U}) {
            for (const std::uint64_t view : kArenaViews) {
                for (std::uint64_t i = 0; i < ARENA_PAGES; ++i) {
                    const std::uint64_t va =
                        (half == 0 ? 0 : ARENA_UPPER_HALF) | (view + (i + 1 + 5 * edge) % ARENA_PAGES * kPage);
                    page.values.push_back({half, va << 9U >> (9U + kPageShift)});
                }
            }
        }
        add(std::move(page));
        Preference tags{{top_, first_tag_, other_tag_}, {}};
        const std::array<std::array<std::uint64_t, 3>, 3> kTags{{{5, 10, 12}, {0, 15, 1}, {15, 0, 14}}};
        const auto [tag, other, third] = kTags.at(edge % 3);
        // Bits 63:60 are no part of a tag: in one edge they are other than 0 wherever the top byte is ignored.
        const std::array<std::uint64_t, 2> above_tag =
            edge == 2 ? std::array<std::uint64_t, 2>{0xa0, 0x00} : std::array<std::uint64_t, 2>{0x00, 0xf0};
        for (const std::uint64_t above : above_tag) {
            tags.values.push_back({above | tag, other, third});
            tags.values.push_back({above | tag, tag, other});
            tags.values.push_back({above | tag, other, tag});
            tags.values.push_back({above | tag, tag, tag});
        }
        for (const std::uint64_t top : {0x00U, 0xffU}) {
            tags.values.push_back({top, other ^ 8U, third});
            tags.values.push_back({top, top & 15U, other});
            tags.values.push_back({top, other, top & 15U});
            tags.values.push_back({top, top & 15U, top & 15U});
        }
        add(std::move(tags));
    }
    for (const VariableValues& one : values_) {
        Preference& preference = result.emplace_back(Preference{{one.term}, {}});
        if (edge != 0) preference.values.push_back({one.edges.at(edge - 1)});
        preference.values.push_back({one.usual});
    }
    return result;
}

void Environment::concretise(Evaluation& values, const std::vector<PathMachine::DataRead>& reads, Sequence& sequence,
                             State& state) const {
    const auto word = [&](const auto& bits) { return static_cast<std::uint64_t>(values.value(bits.term())); };
    const auto& s = machine_.state;
    sequence.layout = LayoutId::arena;
    sequence.pc = ARENA_CODE_VA;
    sequence.code.assign(shape_.code.begin(), shape_.code.end());
    Configuration& c = sequence.configuration;
    c = usual_;
    const auto give = [&](const auto& from, auto& to) {
        to = static_cast<std::remove_reference_t<decltype(to)>>(word(from));
    };
    each_control(s, c, give);

    state = {};
    each_register(s, state, give);
    const auto& p = s.PSTATE;
    state.nzcv = static_cast<std::uint8_t>(word(p.N) << 3U | word(p.Z) << 2U | word(p.C) << 1U | word(p.V));
    if (profile_.has_vectors && std::any_of(program_.code.begin(), program_.code.end(), [](const auto& instruction) {
            return instruction.allocated && std::any_of(spec::info(instruction.encoding).fields.begin(),
                                                        spec::info(instruction.encoding).fields.end(),
                                                        [](const auto& f) { return f.role == spec::Role::simd; });
        })) {
        for (const auto& v : s.v) {
            const auto wide = values.value(v.term());
            state.v.push_back({static_cast<std::uint64_t>(wide), static_cast<std::uint64_t>(wide >> 64U)});
        }
    }
    if (shape_.base == kNoBase) return;

    // Windows for whatever is mapped around the address: as far as the largest block or structure goes.
    constexpr std::uint64_t kReach = 64;
    const std::uint64_t address = static_cast<std::uint64_t>(values.value(top_)) << 56U |
                                  static_cast<std::uint64_t>(values.value(page_)) << kPageShift | shape_.place;
    const std::uint64_t offset = address & ((std::uint64_t{1} << (64 - ARENA_TXSZ)) - 1);
    std::vector<std::uint64_t> needed;
    const auto need = [&](std::uint64_t at) {
        const model::Region& region = machine_.address_space->find(false, at);
        if (!region.mapped || region.reserved) return;
        const std::uint64_t pa = (region.pa + (at - region.start)) & ~std::uint64_t{kWindowBytes - 1};
        if (std::find(needed.begin(), needed.end(), pa) == needed.end()) needed.push_back(pa);
    };
    need(offset);
    need(offset + kReach - 1);
    std::sort(needed.begin(), needed.end());
    const auto first = static_cast<std::uint64_t>(values.value(first_tag_));
    const auto other = static_cast<std::uint64_t>(values.value(other_tag_));
    for (const std::uint64_t pa : needed) {
        Window& window = state.windows.emplace_back();
        window.pa = pa;
        for (std::uint64_t granule = 0; granule < kWindowGranules; ++granule) {
            const bool here = ((pa + 16 * granule) % kPage) >> 4U == machine_.first_granule;
            window.tags |= (here ? first : other) << (4 * granule);
        }
        for (std::uint64_t at = 0; at < kWindowBytes; at += 8) {
            const std::uint64_t data = plain_data(pa + at);
            std::memcpy(window.data.data() + at, &data, 8);
        }
        for (const PathMachine::DataRead& read : reads) {
            const std::uint64_t from = word(read.paddress);
            auto data = values.value(read.value);
            for (std::uint64_t i = 0; i < read.size; ++i, data >>= 8U) {
                if (from + i - pa < kWindowBytes) window.data.at(from + i - pa) = static_cast<std::uint8_t>(data);
            }
        }
    }
}

} // namespace mtecheck::difftest
