// SPDX-License-Identifier: Apache-2.0
#include "difftest/qemu/codec.h"

#include <algorithm>
#include <cstring>
#include <new>

#include "difftest/batch/record_view.h"
#include "difftest/core/branches.h"

namespace mtecheck::difftest {

namespace {

static_assert(offsetof(wire_state, spsr) == sizeof(Registers) && offsetof(Registers, sp) == offsetof(wire_state, sp) &&
                  offsetof(Registers, gcr_el1) == offsetof(wire_state, gcr_el1) &&
                  offsetof(Registers, rgsr_el1) == offsetof(wire_state, rgsr_el1) &&
                  offsetof(Registers, tfsre0_el1) == offsetof(wire_state, tfsre0_el1) &&
                  offsetof(Registers, tfsr) == offsetof(wire_state, tfsr),
              "a record begins with the registers");

constexpr std::size_t kSlotAlignment = 64;
// What Outcome::pstate reports: NZCV, TCO, UAO, PAN, M[3:0].
constexpr std::uint64_t kPstateMask = 0xf2c0000full;

// ESR_ELx.EC of the instructions that carry an immediate.
constexpr unsigned kEcSvc = 0x15;
constexpr unsigned kEcHvc = 0x16;
constexpr unsigned kEcSmc = 0x17;

constexpr std::uint32_t svc(std::uint16_t immediate) { return 0xd4000001u | std::uint32_t{immediate} << 5; }
constexpr std::uint32_t smc(std::uint16_t immediate) { return 0xd4000003u | std::uint32_t{immediate} << 5; }

std::uint32_t marker(const Sequence& sequence, std::uint16_t round) {
    return ends_with_svc(sequence) ? svc(round) : smc(round);
}

std::uint32_t exception_class(std::uint64_t esr) { return static_cast<std::uint32_t>(esr >> 26) & 0x3f; }

/// SVC, HVC or SMC with this immediate, as ESR_ELx describes it.
std::uint32_t described_instruction(std::uint64_t esr) {
    return 0xd4000001u + (exception_class(esr) - kEcSvc) + (static_cast<std::uint32_t>(esr & 0xffff) << 5);
}

} // namespace

bool ends_with_svc(const Sequence& sequence) {
    return sequence.configuration.el == 0 || has_exception_return(sequence);
}

std::size_t CodeRing::slot_bytes(std::size_t instructions) {
    return ((instructions + 1) * 4 + kSlotAlignment - 1) / kSlotAlignment * kSlotAlignment;
}

CodeRing::Place CodeRing::next(std::size_t instructions) {
    const std::size_t bytes = slot_bytes(instructions);
    if (at_ + bytes > bytes_) {
        at_ = 0;
        ++round_;
    }
    const Place place{at_, round_};
    at_ += bytes;
    return place;
}

void write_code(const Sequence& sequence, CodeSlot slot, std::span<std::uint8_t> memory) {
    const std::size_t bytes = sequence.code.size() * 4;
    const std::uint32_t end = marker(sequence, slot.round);
    std::memcpy(memory.data(), sequence.code.data(), bytes);
    std::memcpy(memory.data() + bytes, &end, 4);
    std::memset(memory.data() + bytes + 4, 0, memory.size() - bytes - 4);
}

std::size_t record_bytes(RecordShape shape) { return record_bytes(sizeof(wire_state), shape); }

std::size_t encoded_bytes(const State& state) { return record_bytes(RecordShape(state)); }

void encode(const State& state, std::span<std::uint8_t> record) {
    auto& wire = *new (record.data()) wire_state;
    encode_state(state, sizeof(wire), record);
    wire.spsr = std::uint64_t{state.nzcv} << kNzcvShift;
    wire.window_count = static_cast<std::uint32_t>(state.windows.size());
    wire.has_vectors = state.v.empty() ? 0 : 1;
    // Of what only comes out, the signature must not be that of an old record.
    wire.signature = 0;
}

Decoded decode(const Sequence& sequence, CodeSlot slot, RecordShape shape, std::span<const std::uint8_t> record,
               std::uint64_t wanted) {
    const auto& wire = *reinterpret_cast<const wire_state*>(record.data());
    const std::uint32_t to_el = wire.taken >> 8;
    const std::uint32_t vector = wire.taken & 0xff;
    if (wire.signature != wanted || wire.window_count != shape.windows || wire.has_vectors != (shape.vectors ? 1 : 0) ||
        to_el < 1 || to_el > 3 || vector >= 16 || wire.elr - ARENA_RELAY_VA < ARENA_RELAY_BYTES)
        return DecodeError::garbled;

    const std::uint64_t end_offset = sequence.code.size() * 4;
    const std::uint64_t elr_offset = wire.elr - slot.va;
    const unsigned ec = exception_class(wire.esr);
    bool completed = false;
    if (ec == kEcSvc || ec == kEcHvc || ec == kEcSmc) {
        // These return behind themselves. (A trapped SMC, which returns to itself, is not among them: the monitor
        // sets up no such trap.)
        const std::uint64_t at = elr_offset - 4;
        const std::uint32_t described = described_instruction(wire.esr);
        completed = at == end_offset;
        if (!completed && (at > end_offset || at % 4 != 0)) return DecodeError::stale_code;
        if (described != (completed ? marker(sequence, slot.round) : sequence.code[at / 4]))
            return DecodeError::stale_code;
    }

    OutcomeView outcome = view_of(record, sizeof(wire), shape);
    const auto rebase = [&](std::uint64_t address) {
        return address - slot.va <= end_offset ? address - slot.va + sequence.pc : address;
    };
    if (completed) {
        outcome.pc = sequence.pc + end_offset;
        outcome.pstate = wire.spsr & kPstateMask;
    } else {
        outcome.status = Status::exception;
        outcome.pstate = wire.pstate & kPstateMask;
        outcome.exception = {.to_el = static_cast<std::uint8_t>(to_el),
                             .vector = static_cast<std::uint16_t>(vector * 0x80),
                             .esr = wire.esr,
                             .far = rebase(wire.far),
                             .elr = rebase(wire.elr),
                             .spsr = wire.spsr};
    }
    return outcome;
}

} // namespace mtecheck::difftest
