// SPDX-License-Identifier: Apache-2.0
#include "difftest/trace/processors.h"

#include "difftest/trace/comparison.h"
#include "model/state/exception_level.h"
#include "model/state/registers.h"

namespace mtecheck::difftest {

using model::partial::PartialBits;

namespace {

using PEState = model::ProcState<TraceMachine>;

void set(PartialBits<64>& to, const RegisterValue& value) {
    const model::Bits<64> known(value.known);
    to = PartialBits<64>((to.value() & ~known) | model::Bits<64>(value.value & value.known),
                         (to.known() & ~model::Bits<64>(value.unknown)) | known);
}

void forget_registers_of(PEState& state) {
    state.x.fill(PartialBits<64>::unknown());
    state.sp.fill(PartialBits<64>::unknown());
    auto& pstate = state.PSTATE;
    const auto flag = PartialBits<1>::unknown();
    pstate.N = pstate.Z = pstate.C = pstate.V = pstate.D = pstate.A = pstate.I = pstate.F = flag;
    pstate.TCO = pstate.SP = pstate.PAN = pstate.UAO = pstate.DIT = pstate.SSBS = flag;
    pstate.BTYPE = PartialBits<2>::unknown();
    pstate.EL = PartialBits<2>::unknown();
    pstate.IL = 0; // no instruction is executed while it is 1
}

void forget_state(PEState& state) {
    for (const spec::RegInfo& info : spec::registers()) {
        if (auto* reg = system_register(state, info.reg)) *reg = PartialBits<64>::unknown();
    }
    forget_registers_of(state);
    state.v.fill(PartialBits<128>::unknown());
}

} // namespace

Processors::Processors(TraceMachine& machine, TagShadow& shadow, const LockstepSettings& settings)
    : machine_(machine), shadow_(shadow), complete_(settings.complete), only_user_(settings.only_user) {
    machine_.features = settings.features;
    forget_state(machine_.state);
    // Registers of Exception levels that are not there have no effect; what is in them need not be known.
    if (!machine_.have(spec::Feature::FEAT_EL2)) machine_.state.HCR_EL2 = 0;
    if (!machine_.have(spec::Feature::FEAT_EL3)) machine_.state.SCR_EL3 = 0;
    for (const RegisterValue& value : settings.registers) apply(value);
    initial_ = std::make_unique<PEState>(machine_.state);
}

void Processors::switch_to(std::uint32_t number) {
    if (cpu_ != nullptr && number == cpu_number_) return;
    if (cpu_ != nullptr) cpu_->state = machine_.state;
    auto& found = cpus_[number];
    if (!found) {
        found = std::make_unique<Cpu>();
        found->state = *initial_;
    }
    cpu_ = found.get();
    cpu_number_ = number;
    machine_.state = cpu_->state;
    name_space();
}

void Processors::apply(const RegisterValue& value) {
    PEState& state = machine_.state;
    if (value.id.is_x()) {
        set(state.x[value.id.number()], value);
    } else if (value.id == RegisterId::sp()) {
        if (PartialBits<64>* sp = selected_sp(state)) set(*sp, value);
    } else if (value.id == RegisterId::sp_el3()) {
        set(state.sp[model::EL3], value);
    } else if (value.id == RegisterId::pstate()) {
        set_pstate(machine_, PartialBits<64>(model::Bits<64>(value.value), model::Bits<64>(value.known)));
    } else if (value.id == RegisterId::nzcv()) {
        set_pstate(machine_, PartialBits<64>(model::Bits<64>(value.value),
                                             model::Bits<64>(value.known & (std::uint64_t{0xf} << 28))));
    } else {
        apply_system(value);
    }
}

void Processors::apply_system(const RegisterValue& value) {
    const spec::Reg reg = value.id.reg();
    if (PartialBits<64>* to = system_register(machine_.state, reg)) set(*to, value);
    if (reg == spec::Reg::RGSR_EL1) machine_.state.rgsr_implementation_defined = false;
    if (reg == spec::Reg::NZCV || reg == spec::Reg::TCO) {
        const std::uint64_t mask = reg == spec::Reg::NZCV ? std::uint64_t{0xf} << 28 : spec::mask::PSTATE_TCO;
        set_pstate(machine_, PartialBits<64>(model::Bits<64>(value.value), model::Bits<64>(value.known & mask)));
    }
    if (cpu_ != nullptr && reg == spec::Reg::TTBR0_EL1) {
        cpu_->ttbr0 = value.value;
        name_space();
    }
}

bool Processors::find_gap(const TraceRecord& record) {
    if (complete_ && (!record.has_opcode || !cpu_->next_pc || *cpu_->next_pc == record.pc)) return false;
    const auto el = machine_.state.PSTATE.EL;
    forget_registers();
    if (only_user_) machine_.state.PSTATE.EL = el;
    return complete_;
}

void Processors::forget_registers() { forget_registers_of(machine_.state); }

void Processors::forget_all_registers() {
    for (auto& entry : cpus_) {
        forget_registers_of(entry.second.get() == cpu_ ? machine_.state : entry.second->state);
        entry.second->next_pc.reset();
    }
}

void Processors::forget_page(std::uint64_t va) {
    const std::uint64_t location = TagShadow::virtual_location(va);
    shadow_.forget_page(location, 0);
    if ((va >> 55 & 1) != 0) return;
    for (const auto& entry : spaces_) shadow_.forget_page(location, entry.second);
}

/// Virtual addresses of the lower half mean something within an address space: the translation tables in use.
std::uint32_t Processors::space(std::uint64_t ttbr0) {
    constexpr std::size_t kMostSpaces = 65536;
    if (ttbr0 == 0) return 0;
    if (spaces_.size() >= kMostSpaces) {
        shadow_.forget_virtual();
        spaces_.clear();
    }
    return spaces_.emplace(ttbr0, static_cast<std::uint32_t>(spaces_.size() + 1)).first->second;
}

} // namespace mtecheck::difftest
