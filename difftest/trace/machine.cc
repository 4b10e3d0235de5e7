// SPDX-License-Identifier: Apache-2.0
#include "difftest/trace/machine.h"

#include <algorithm>

#include "model/run/run.h"

namespace mtecheck::difftest {

using model::partial::NotKnown;
using model::partial::PartialBits;

static_assert(model::Machine<TraceMachine>);

void TraceMachine::start(std::span<const std::uint8_t> script) {
    script_ = script;
    answers.clear();
    tags_learnt.clear();
    suppositions.clear();
    decisions.clear();
    marks.clear();
    data_writes.clear();
    tag_writes.clear();
    exception = {};
    passed_over = {};
    aborted = false;
    hangs_on_decision = false;
    memory_not_known_ = false;
}

std::uint64_t TraceMachine::location_of(std::uint64_t va) const {
    const std::uint64_t location = TagShadow::virtual_location(va);
    if (translations_.empty()) return location;
    const std::uint64_t key = translation_key(location);
    if (recent_.key != key) {
        const auto found = translations_.find(key);
        if (found == translations_.end()) return location;
        recent_ = {key, found->second};
    }
    return recent_.location + va % TagShadow::page_bytes;
}

void TraceMachine::map(std::uint64_t location, std::uint64_t pa) {
    constexpr std::size_t kMost = 1U << 20U;
    if (translations_.size() >= kMost) forget_translations();
    const std::uint64_t key = translation_key(location);
    if (recent_.key == key && recent_.location == pa) return;
    translations_[key] = pa;
    recent_ = {key, pa};
}

bool TraceMachine::suppose(Supposition::Kind kind, std::uint64_t location, std::uint8_t tag) {
    const std::uint64_t unit = kind == Supposition::Kind::tags_match ? TagShadow::granule_bytes : TagShadow::page_bytes;
    for (const Supposition& before : suppositions) {
        if (before.kind == kind && before.location / unit == location / unit) {
            if (kind == Supposition::Kind::memory_is_tagged || before.tag == tag) return before.answer;
        }
    }
    const bool answer = next_answer(2, 1) != 0;
    suppositions.push_back({kind, answer, tag, location});
    return answer;
}

std::uint8_t TraceMachine::next_answer(unsigned options, std::uint8_t first) {
    const std::size_t number = answers.size();
    const std::uint8_t answer = number < script_.size() ? script_[number] : first;
    answers.push_back({answer, static_cast<std::uint8_t>(options)});
    return answer;
}

bool TraceMachine::memory_is_tagged(std::uint64_t location) {
    return suppose(Supposition::Kind::memory_is_tagged, location, 0);
}

bool TraceMachine::decide(spec::Decision decision, Bool condition) {
    bool outcome = condition.value();
    switch (decision) {
    case spec::Decision::TagMatch:
        // A mismatch matters in Tagged memory only; without one it makes no difference whether the memory is.
        if (!condition.known()) outcome = suppose(Supposition::Kind::tags_match, tag_read_at_, logical_tag_);
        if (!outcome && memory_not_known_) outcome = !memory_is_tagged(tag_read_at_);
        break;
    case spec::Decision::TagAccessTagged:
        if (outcome && memory_not_known_ && setting_.explicit_tag_read) outcome = memory_is_tagged(region_.pa);
        break;
    default:
        if (!condition.known()) {
            last_decision = decision;
            hangs_on_decision = true;
            throw NotKnown{};
        }
    }
    last_decision = decision;
    if (keep_decisions) decisions.push_back({decision, outcome});
    return outcome;
}

unsigned TraceMachine::choose(spec::DontCare reason, unsigned options) {
    return next_answer(options, reason == spec::DontCare::RandomTag ? setting_.random_tag : std::uint8_t{0});
}

const TraceMachine::Region& TraceMachine::find_region(bool upper, Bits<64> offset) {
    if (!offset.all_known()) throw NotKnown{};
    std::uint64_t va = offset.value().raw();
    if (upper) {
        const auto txsz = model::TxSZ(*this, model::TranslationRegime(*this, model::CurrentEL(*this)), true);
        if (!txsz.all_known()) throw NotKnown{};
        const unsigned size = 64U - static_cast<unsigned>(txsz.value().raw());
        if (size < 64) va |= ~std::uint64_t{0} << size;
    }
    constexpr std::uint64_t in_page = TagShadow::page_bytes - 1;
    region_.start = offset.value().raw() & ~in_page;
    region_.pa = location_of(va) & ~in_page;
    region_.ap = setting_.unprivileged || index(state.PSTATE.EL) == 0 ? 1 : 0;
    const MemoryIs memory = shadow_.memory(region_.pa, space_of(region_.pa));
    memory_not_known_ = memory == MemoryIs::not_known;
    region_.memory = memory == MemoryIs::untagged ? model::MemoryKind::write_back : model::MemoryKind::tagged;
    return region_;
}

PartialBits<4> TraceMachine::phys_tag_read(Bits<56> paddress) {
    tag_read_at_ = location(paddress);
    const auto tag = shadow_.tag(tag_read_at_, space_of(tag_read_at_));
    if (tag) return PartialBits<4>(std::uint64_t{*tag});
    if (setting_.explicit_tag_read) tags_learnt.push_back(tag_read_at_);
    return PartialBits<4>::unknown();
}

PartialBits<128> TraceMachine::recorded(std::uint64_t location, unsigned size) const {
    model::Uint128 value = 0;
    model::Uint128 known = 0;
    for (const MemoryAccess& access : setting_.record->accesses) {
        if (access.write) continue;
        const std::uint64_t start = location_of(access.va);
        for (unsigned i = 0; i < size; ++i) {
            const std::uint64_t at = location + i - start;
            if (at >= access.size || (access.known >> at & 1U) == 0) continue;
            value |= model::Uint128{access.data[at]} << (8 * i);
            known |= model::Uint128{0xff} << (8 * i);
        }
    }
    return PartialBits<128>(model::Bits<128>::from_wide(value), model::Bits<128>::from_wide(known));
}

PartialBits<4> PhysicalTag(TraceMachine& m, PartialBits<64> vaddr) {
    const PartialBits<4> tag = model::PhysicalTag<TraceMachine>(m, vaddr);
    m.note_logical_tag(tag);
    return tag;
}

RunEnd run_instruction(TraceMachine& m, const model::DecodedInstruction& instruction) {
    try {
        const auto step = [&] { model::StepInstruction(m, instruction, PartialBits<32>(instruction.opcode)); };
        if (model::until_exception(m, step)) return RunEnd::exception;
    } catch (const NotKnown&) {
        return RunEnd::not_known;
    } catch (const model::NotPredicted&) {
        return RunEnd::not_predicted;
    }
    return m.passed_over.any ? RunEnd::not_allowed : RunEnd::completed;
}

PartialBits<64> pstate_of(TraceMachine& m) { return model::GetPSRFromPSTATE(m); }

void set_pstate(TraceMachine& m, PartialBits<64> spsr) {
    const spec::fields::SPSR_ELx<PartialBits<64>> view{spsr};
    auto& pstate = m.state.PSTATE;
    const auto take = [](auto& to, auto from) {
        using Bits = std::remove_reference_t<decltype(to)>;
        to = Bits((from.value() & from.known()) | (to.value() & ~from.known()), from.known() | to.known());
    };
    take(pstate.N, view.N());
    take(pstate.Z, view.Z());
    take(pstate.C, view.C());
    take(pstate.V, view.V());
    take(pstate.PAN, view.PAN());
    take(pstate.UAO, view.UAO());
    take(pstate.DIT, view.DIT());
    take(pstate.SSBS, view.SSBS());
    take(pstate.IL, view.IL());
    take(pstate.BTYPE, view.BTYPE());
    take(pstate.D, view.D());
    take(pstate.A, view.A());
    take(pstate.I, view.I());
    take(pstate.F, view.F());
    if (m.have(spec::Feature::FEAT_MTE)) take(pstate.TCO, view.TCO());
    const auto mode = view.M();
    take(pstate.SP, model::partial::slice<0, 0>(mode));
    take(pstate.EL, model::partial::slice<3, 2>(mode));
}

void enter_exception(TraceMachine& m, unsigned to_el) {
    const PartialBits<64> spsr = pstate_of(m);
    auto& state = m.state;
    (to_el == 1 ? state.SPSR_EL1 : to_el == 2 ? state.SPSR_EL2 : state.SPSR_EL3) = spsr;
    const auto unknown = PartialBits<64>::unknown();
    (to_el == 1 ? state.ESR_EL1 : to_el == 2 ? state.ESR_EL2 : state.ESR_EL3) = unknown;
    (to_el == 1 ? state.FAR_EL1 : to_el == 2 ? state.FAR_EL2 : state.FAR_EL3) = unknown;
    (to_el == 1 ? state.ELR_EL1 : to_el == 2 ? state.ELR_EL2 : state.ELR_EL3) = unknown;
    auto& pstate = state.PSTATE;
    pstate.EL = PartialBits<2>(std::uint64_t{to_el});
    pstate.SP = 1;
    pstate.PAN = PartialBits<1>::unknown();
    pstate.SSBS = PartialBits<1>::unknown();
    pstate.UAO = 0;
    pstate.BTYPE = 0;
    pstate.IL = 0;
    pstate.D = pstate.A = pstate.I = pstate.F = 1;
    if (m.have(spec::Feature::FEAT_MTE)) pstate.TCO = 1;
}

PartialBits<64>* system_register(model::ProcState<TraceMachine>& state, spec::Reg reg) {
    switch (reg) {
#define MTECHECK_REGISTER(name)                                                                                        \
    case spec::Reg::name: return &state.name;
        MTECHECK_REGISTER(SCTLR_EL1)
        MTECHECK_REGISTER(SCTLR_EL2)
        MTECHECK_REGISTER(SCTLR_EL3)
        MTECHECK_REGISTER(TCR_EL1)
        MTECHECK_REGISTER(TCR_EL2)
        MTECHECK_REGISTER(TCR_EL3)
        MTECHECK_REGISTER(VBAR_EL1)
        MTECHECK_REGISTER(VBAR_EL2)
        MTECHECK_REGISTER(VBAR_EL3)
        MTECHECK_REGISTER(HCR_EL2)
        MTECHECK_REGISTER(SCR_EL3)
        MTECHECK_REGISTER(CPACR_EL1)
        MTECHECK_REGISTER(CPTR_EL2)
        MTECHECK_REGISTER(CPTR_EL3)
        MTECHECK_REGISTER(GCR_EL1)
        MTECHECK_REGISTER(RGSR_EL1)
        MTECHECK_REGISTER(TFSRE0_EL1)
        MTECHECK_REGISTER(TFSR_EL1)
        MTECHECK_REGISTER(TFSR_EL2)
        MTECHECK_REGISTER(TFSR_EL3)
        MTECHECK_REGISTER(GMID_EL1)
        MTECHECK_REGISTER(DCZID_EL0)
        MTECHECK_REGISTER(ESR_EL1)
        MTECHECK_REGISTER(ESR_EL2)
        MTECHECK_REGISTER(ESR_EL3)
        MTECHECK_REGISTER(FAR_EL1)
        MTECHECK_REGISTER(FAR_EL2)
        MTECHECK_REGISTER(FAR_EL3)
        MTECHECK_REGISTER(ELR_EL1)
        MTECHECK_REGISTER(ELR_EL2)
        MTECHECK_REGISTER(ELR_EL3)
        MTECHECK_REGISTER(SPSR_EL1)
        MTECHECK_REGISTER(SPSR_EL2)
        MTECHECK_REGISTER(SPSR_EL3)
#undef MTECHECK_REGISTER
    case spec::Reg::SP_EL0: return &state.sp[0];
    case spec::Reg::SP_EL1: return &state.sp[1];
    case spec::Reg::SP_EL2: return &state.sp[2];
    default: return nullptr;
    }
}

} // namespace mtecheck::difftest
