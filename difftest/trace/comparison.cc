// SPDX-License-Identifier: Apache-2.0
#include "difftest/trace/comparison.h"

#include <algorithm>

#include "difftest/core/json.h"
#include "model/state/exception_level.h"

namespace mtecheck::difftest {

using model::partial::PartialBits;
using Value = PartialBits<64>;

namespace {

// Of ESR_ELx.EC.
enum : unsigned {
    kUnknownReason = 0x00,
    kSimdTrap = 0x07,
    kIllegalState = 0x0e,
    kSystemTrap = 0x18,
    kDataAbortLower = 0x24,
    kDataAbortSame = 0x25,
    kSPAlignment = 0x26,
};
constexpr unsigned kTagCheckFault = 0b010001; // of ESR_ELx.ISS.DFSC
constexpr std::uint64_t kNZCV = std::uint64_t{0xf} << 28;
/// What of PSTATE is compared: NZCV, TCO, EL and SP.
constexpr std::uint64_t kComparedPSTATE = kNZCV | spec::mask::PSTATE_TCO | 0xd;

std::uint64_t raw(Value value) { return value.value().raw(); }

const RegisterValue* find(const std::vector<RegisterValue>& values, RegisterId id) {
    const auto found = std::find_if(values.begin(), values.end(), [&](const auto& value) { return value.id == id; });
    return found == values.end() ? nullptr : &*found;
}

/// What the record says of ESR_ELx, of the level that the exception is taken to.
const RegisterValue* recorded_esr(const TraceRecord& record) {
    constexpr spec::Reg names[] = {spec::Reg::ESR_EL1, spec::Reg::ESR_EL2, spec::Reg::ESR_EL3};
    for (unsigned el = 1; el <= 3; ++el) {
        if (record.to_el && *record.to_el != el) continue;
        if (const auto* esr = find(record.after, RegisterId::system(names[el - 1]))) return esr;
    }
    return nullptr;
}

} // namespace

PartialBits<64>* selected_sp(model::ProcState<TraceMachine>& state) {
    const auto& pstate = state.PSTATE;
    if (!pstate.SP.all_known()) return nullptr;
    if (pstate.SP.value().raw() == 0) return &state.sp[0];
    return pstate.EL.all_known() ? &state.sp[pstate.EL.value().raw()] : nullptr;
}

bool Comparison::is_tag_check_fault(const TraceRecord& record) {
    const RegisterValue* esr = recorded_esr(record);
    if (esr == nullptr || ~esr->known != 0) return false;
    const std::uint64_t ec = spec::field::ESR_ELx::EC.extract(esr->value);
    return (ec == kDataAbortLower || ec == kDataAbortSame) &&
           spec::field::DataAbortISS::DFSC.extract(esr->value) == kTagCheckFault;
}

bool Comparison::is_of_mte(const TraceRecord& record) const {
    const RegisterValue* esr = recorded_esr(record);
    if (esr == nullptr || ~esr->known != 0) return true;
    const unsigned ec = static_cast<unsigned>(spec::field::ESR_ELx::EC.extract(esr->value));
    switch (ec) {
    case kDataAbortLower:
    case kDataAbortSame: return spec::field::DataAbortISS::DFSC.extract(esr->value) == kTagCheckFault;
    case kUnknownReason:
    case kSimdTrap:
    case kIllegalState:
    case kSystemTrap:
    case kSPAlignment: return true;
    default: return false;
    }
}

void Comparison::compare(const TraceRecord& record, const DecodedForTrace& decoded, RunEnd end,
                         const model::ProcState<TraceMachine>& before, bool complete) {
    differences_.clear();
    compared_ = 1; // whether there is an exception
    adopted_ = 0;
    operand_not_known_ = false;
    const bool faulted = record.exception == TraceRecord::Exception::synchronous;
    if (faulted != (end == RunEnd::exception)) {
        const auto kind = faulted ? StepDifference::Kind::exception : StepDifference::Kind::exception_missing;
        const RegisterValue* esr = recorded_esr(record);
        const auto expected = faulted ? Value(0)
                                      : *system_register(m_.state, m_.exception.to_el == 1   ? spec::Reg::ESR_EL1
                                                                   : m_.exception.to_el == 2 ? spec::Reg::ESR_EL2
                                                                                             : spec::Reg::ESR_EL3);
        differences_.push_back({.kind = kind, .expected = raw(expected), .got = esr == nullptr ? 0 : esr->value});
        return;
    }
    if (faulted && record.to_el && *record.to_el != m_.exception.to_el) {
        differences_.push_back(
            {.kind = StepDifference::Kind::exception_level, .expected = m_.exception.to_el, .got = *record.to_el});
    }
    for (const RegisterValue& value : record.after) compare_register(value, decoded, before, end);
    if (complete && !faulted) compare_unwritten(record, before);
    if (!faulted) compare_memory(record);
}

std::size_t Comparison::distance() const {
    constexpr std::size_t kOtherException = 1000;
    std::size_t result = differences_.size();
    for (const StepDifference& difference : differences_) {
        if (difference.kind == StepDifference::Kind::exception ||
            difference.kind == StepDifference::Kind::exception_missing)
            result += kOtherException;
    }
    return result;
}

std::uint64_t Comparison::left_open(RegisterId id) const {
    std::uint64_t open = 0;
    for (const auto& mark : m_.marks) {
        using PlaceKind = model::Place::Kind;
        const bool here =
            (mark.place.kind == PlaceKind::general_register && id.is_x() && mark.place.index == id.number()) ||
            (mark.place.kind == PlaceKind::system_register && id.is_system() &&
             mark.place.index == static_cast<std::uint16_t>(id.reg())) ||
            (mark.place.kind == PlaceKind::nzcv && (id == RegisterId::nzcv() || id == RegisterId::pstate()));
        if (!here) continue;
        open |= mark.place.kind == PlaceKind::nzcv ? kNZCV : mark.mask.value().raw() | ~mark.mask.known().raw();
    }
    if (!id.is_system()) return open;
    // A fault that is accumulated may show later.
    constexpr spec::Reg status[] = {spec::Reg::TFSRE0_EL1, spec::Reg::TFSR_EL1, spec::Reg::TFSR_EL2,
                                    spec::Reg::TFSR_EL3};
    for (std::size_t el = 0; el < 4; ++el) {
        if (status[el] != id.reg()) continue;
        const Value late = m_.state.async_faults.unsynchronized[el];
        open |= raw(late) | ~late.known().raw();
    }
    return open;
}

void Comparison::compare_value(const RegisterValue& value, Value expected, std::uint64_t open) {
    const std::uint64_t known = expected.known().raw() & value.known & ~open;
    const std::uint64_t differ = (raw(expected) ^ value.value) & known;
    if (known != 0) ++compared_;
    if (differ != 0) {
        differences_.push_back({.kind = StepDifference::Kind::register_value,
                                .id = value.id,
                                .expected = raw(expected),
                                .got = value.value,
                                .mask = differ});
    }
}

void Comparison::compare_register(const RegisterValue& value, const DecodedForTrace& decoded,
                                  const model::ProcState<TraceMachine>& before, RunEnd end) {
    auto& state = m_.state;
    const std::uint64_t open = left_open(value.id);
    if (value.id.is_x()) {
        const Value expected = state.x[value.id.number()];
        compare_value(value, expected, open);
        if ((~expected.known().raw() & ~open) == 0) return;
        ++adopted_;
        const bool loaded = decoded.loads_data || !m_.tags_learnt.empty();
        if (!loaded && !decoded.store_exclusive && decoded.rt == value.id.number()) operand_not_known_ = true;
        return;
    }
    if (value.id == RegisterId::sp()) {
        const auto& pstate = before.PSTATE;
        if (!pstate.SP.all_known() || !pstate.EL.all_known()) return;
        const bool own = pstate.SP.value().raw() != 0;
        compare_value(value, state.sp[own ? pstate.EL.value().raw() : 0U], open);
        return;
    }
    if (value.id == RegisterId::sp_el3()) {
        compare_value(value, state.sp[model::EL3], open);
        return;
    }
    if (value.id == RegisterId::pstate() || value.id == RegisterId::nzcv()) {
        // At the exception the record may mean PSTATE before or after it.
        if (end == RunEnd::exception) return;
        const std::uint64_t mask = value.id == RegisterId::nzcv() ? kNZCV : kComparedPSTATE;
        compare_value(value, pstate_of(m_), open | ~mask);
        return;
    }
    if (value.id.reg() == spec::Reg::TCO) {
        compare_value(value, pstate_of(m_), ~spec::mask::PSTATE_TCO);
        return;
    }
    if (const Value* expected = system_register(state, value.id.reg())) compare_value(value, *expected, open);
}

void Comparison::compare_unwritten(const TraceRecord& record, const model::ProcState<TraceMachine>& before) {
    for (unsigned n = 0; n < m_.state.x.size(); ++n) {
        const Value now = m_.state.x[n];
        const Value then = before.x[n];
        const std::uint64_t differ =
            (raw(now) ^ raw(then)) & now.known().raw() & then.known().raw() & ~left_open(RegisterId::x(n));
        if (differ == 0 || find(record.after, RegisterId::x(n)) != nullptr) continue;
        differences_.push_back({.kind = StepDifference::Kind::not_written,
                                .id = RegisterId::x(n),
                                .expected = raw(now),
                                .got = raw(then),
                                .mask = differ});
    }
}

void Comparison::compare_memory(const TraceRecord& record) {
    for (const DataWrite& write : m_.data_writes) {
        for (const MemoryAccess& access : record.accesses) {
            if (!access.write) continue;
            const std::uint64_t start = m_.location_of(access.va);
            for (unsigned i = 0; i < write.size; ++i) {
                const std::uint64_t at = write.location + i - start;
                if (at >= access.size || (access.known >> at & 1U) == 0) continue;
                const auto expected = static_cast<std::uint8_t>(write.value.value().wide() >> (8 * i));
                const auto known = static_cast<std::uint8_t>(write.value.known().wide() >> (8 * i));
                ++compared_;
                const auto differ = static_cast<std::uint8_t>((expected ^ access.data[at]) & known);
                if (differ == 0) continue;
                differences_.push_back({.kind = StepDifference::Kind::memory,
                                        .address = access.va + at,
                                        .expected = expected,
                                        .got = access.data[at],
                                        .mask = differ});
                return; // one byte tells of all
            }
        }
    }
}

std::string Comparison::reason() const {
    if (!m_.hangs_on_decision) return "an address or an operand is not known";
    const spec::DecisionInfo& decision = spec::info(m_.last_decision);
    return std::string(decision.function) + ": " + std::string(decision.condition) + " is not known";
}

std::string kind_of(const StepDifference& difference) {
    const auto kind = std::to_string(static_cast<unsigned>(difference.kind));
    const bool named = difference.id.is_system() || difference.id == RegisterId::pstate();
    return named ? kind + difference.id.name() : kind;
}

TraceDifference text_of(const StepDifference& difference) {
    const std::string expected = hex_text(difference.expected);
    const std::string got = hex_text(difference.got);
    switch (difference.kind) {
    case StepDifference::Kind::register_value: return {difference.id.name(), expected, got};
    case StepDifference::Kind::not_written: return {difference.id.name(), expected, got + ", not written"};
    case StepDifference::Kind::memory: return {"memory at " + hex_text(difference.address), expected, got};
    case StepDifference::Kind::exception_missing: return {"exception", "one with ESR " + expected, "none"};
    case StepDifference::Kind::exception:
        return {"exception", "none", difference.got == 0 ? "one" : "one with ESR " + got};
    case StepDifference::Kind::exception_level:
        return {"level of the exception", "EL" + std::to_string(difference.expected),
                "EL" + std::to_string(difference.got)};
    }
    return {};
}

} // namespace mtecheck::difftest
