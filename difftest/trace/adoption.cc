// SPDX-License-Identifier: Apache-2.0
#include "difftest/trace/adoption.h"

#include <string>
#include <string_view>

#include "difftest/trace/linux_calls.h"
#include "model/state/exception_level.h"
#include "model/state/registers.h"

namespace mtecheck::difftest {

using model::partial::PartialBits;

namespace {

constexpr std::uint64_t kMostPagesForgotten = 65536;

using Kind = DecodedKind;
using PEState = model::ProcState<TraceMachine>;

} // namespace

void Adoption::adopt(const TraceRecord& record, const DecodedForTrace& decoded) {
    if (decoded.kind == Kind::followed) follow(record, decoded);
    if (decoded.kind == Kind::system_write) write_control(*decoded.reg, model::X<64>(machine_, decoded.rt));
    if (decoded.kind == Kind::system_read) read_control(record, decoded);
    if (decoded.kind == Kind::tlb) forget_translations(decoded);
    if (record.exception != TraceRecord::Exception::none && decoded.kind != Kind::followed) adopt_exception(record);
    for (const RegisterValue& value : record.after) processors_.apply(value);
}

/// What a name of MSR and MRS stands for: at EL2 with HCR_EL2.E2H = 1 those of EL1 are EL2's. Nothing, if that is
/// not known.
std::optional<spec::Reg> Adoption::behind(spec::Reg reg) {
    const auto el = machine_.state.PSTATE.EL;
    const std::string_view name = spec::info(reg).name;
    if (!name.ends_with("_EL1")) return reg;
    if (!el.all_known()) return std::nullopt;
    if (el.value().raw() != model::EL2) return reg;
    const auto e2h = model::HCR_EL2(machine_).E2H();
    if (!e2h.all_known()) return std::nullopt;
    if (e2h.value().raw() == 0) return reg;
    return spec::find_register(std::string(name.substr(0, name.size() - 1)) + "2");
}

void Adoption::write_control(spec::Reg reg, PartialBits<64> value) {
    if (const auto behind_name = behind(reg)) {
        if (auto* to = system_register(machine_.state, *behind_name)) *to = PartialBits<64>::unknown();
        processors_.apply_system({RegisterId::system(*behind_name), value.value().raw(), value.known().raw()});
        return;
    }
    std::string name(spec::info(reg).name);
    for (const char el : {'1', '2'}) {
        name.back() = el;
        const auto either = spec::find_register(name);
        auto* to = either ? system_register(machine_.state, *either) : nullptr;
        if (to != nullptr) *to = PartialBits<64>::unknown();
    }
}

/// MRS shows what a control register holds.
void Adoption::read_control(const TraceRecord& record, const DecodedForTrace& decoded) {
    const auto reg = behind(*decoded.reg);
    if (!reg || record.exception != TraceRecord::Exception::none) return;
    for (const RegisterValue& value : record.after) {
        if (value.id.is_x() && value.id.number() == decoded.rt)
            processors_.apply_system({RegisterId::system(*reg), value.value, value.known});
    }
}

/// Supervisor calls, exception returns and barriers: the model says what they do to PSTATE and TFSR registers.
void Adoption::follow(const TraceRecord& record, const DecodedForTrace& decoded) {
    if (only_user_ && decoded.instruction.encoding == spec::Encoding::SVC) {
        after_linux_call();
        return;
    }
    machine_.set({.record = &record});
    machine_.start({});
    machine_.state.pc = PartialBits<64>(record.pc);
    const RunEnd end = run_instruction(machine_, decoded.instruction);
    if (end == RunEnd::not_known || end == RunEnd::not_predicted) {
        if (decoded.may_branch) forget_registers_of_return();
        if (record.exception != TraceRecord::Exception::none) adopt_exception(record);
    }
}

void Adoption::forget_registers_of_return() {
    const auto x = machine_.state.x;
    const auto sp = machine_.state.sp;
    processors_.forget_registers();
    machine_.state.x = x;
    machine_.state.sp = sp;
}

void Adoption::after_linux_call() {
    PEState& state = machine_.state;
    const MappingCall call = mapping_call(state.x);
    if (call.everything || call.bytes / TagShadow::page_bytes > kMostPagesForgotten) {
        shadow_.forget_virtual();
    } else {
        for (std::uint64_t at = 0; at < call.bytes; at += TagShadow::page_bytes) {
            shadow_.forget_page(TagShadow::virtual_location(call.start + at), machine_.lower_space);
        }
    }
    state.x[0] = PartialBits<64>::unknown();
}

void Adoption::forget_translations(const DecodedForTrace& decoded) {
    const auto argument = model::X<64>(machine_, decoded.rt);
    machine_.forget_translations();
    if (!decoded.one_page || !argument.all_known()) {
        shadow_.forget_virtual();
        return;
    }
    // Bits 43:0 are bits 55:12 of the address; it may be of any address space.
    const std::uint64_t va = argument.value().raw() << 20U >> 8U;
    processors_.forget_page(va);
}

void Adoption::adopt_exception(const TraceRecord& record) {
    ++(record.exception == TraceRecord::Exception::interrupt ? interrupts_ : exceptions_);
    if (only_user_) { // execution goes on wherever the kernel lets it
        const auto el = machine_.state.PSTATE.EL;
        processors_.forget_registers();
        machine_.state.PSTATE.EL = el;
    } else if (record.to_el) {
        enter_exception(machine_, *record.to_el);
    } else {
        forget_registers_of_return();
        if (machine_.have(spec::Feature::FEAT_MTE)) machine_.state.PSTATE.TCO = 1;
    }
}

} // namespace mtecheck::difftest
