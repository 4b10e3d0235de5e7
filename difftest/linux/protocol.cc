// SPDX-License-Identifier: Apache-2.0
#include "difftest/linux/protocol.h"

#include <algorithm>
#include <new>

#include "difftest/batch/record_view.h"
#include "difftest/core/arena.h"
#include "difftest/core/error.h"
#include "difftest/core/process.h"
#include "difftest/qemu/profile.h"
#include "spec/gen/registers.h"

namespace mtecheck::difftest {

namespace {

static_assert(kMaxCode == AGENT_MAX_CODE);
static_assert(offsetof(agent_state, pstate) == sizeof(Registers) &&
                  offsetof(Registers, sp) == offsetof(agent_state, sp) &&
                  offsetof(Registers, gcr_el1) == offsetof(agent_state, gcr_el1) &&
                  offsetof(Registers, tfsre0_el1) == offsetof(agent_state, tfsre0_el1) &&
                  offsetof(Registers, tfsr) == offsetof(agent_state, tfsr),
              "a record begins with the registers");
static_assert(sizeof(agent_state) % alignof(Window) == 0);

namespace spsr = spec::field::SPSR_ELx;

constexpr std::uint64_t kNzcv = std::uint64_t{0xf} << kNzcvShift;
constexpr std::uint32_t kPage = 4096;

} // namespace

Profile read_hello(const agent_hello& hello) {
    if (hello.magic != WIRE_MAGIC) throw TargetError("the agent answers nonsense");
    if (hello.failed != 0) {
        throw TargetError("the agent cannot set itself up: system call " + std::to_string(hello.failed_at) +
                          " failed with error " + std::to_string(hello.failed));
    }
    if (hello.page_bytes != kPage)
        throw TargetError("the agent needs pages of 4096 bytes; here they have " + std::to_string(hello.page_bytes));
    Profile profile = read_profile(hello.id);
    profile.process = true;
    profile.limits = process_limits();
    // What the kernel does not offer is not there for a process, whatever the ID registers show.
    if (hello.mte == 0 && profile.mte >= 2) {
        profile.mte = 1;
        profile.mte_async = false;
        std::erase_if(profile.features, [](const std::string& feature) {
            return feature.starts_with("FEAT_MTE") && feature != "FEAT_MTE";
        });
        profile.registers["ID_AA64PFR1_EL1"] &= ~spec::field::ID_AA64PFR1_EL1::MTE.mask();
        profile.registers["ID_AA64PFR1_EL1"] |= spec::field::ID_AA64PFR1_EL1::MTE.place(1);
    }
    profile.gmid_el1 = Configuration{}.gmid_el1; // cannot be read, nor used
    profile.el2 = false;
    profile.el3 = false;
    profile.registers["AT_HWCAP"] = hello.hwcap;
    profile.registers["AT_HWCAP2"] = hello.hwcap2;
    return profile;
}

std::optional<std::string> refuse_process(const Sequence& sequence, const Profile& profile) {
    if (!profile.simulator && sequence.layout != LayoutId::process) return "not a case of a Linux process";
    if (profile.simulator && sequence.layout != LayoutId::simulator) return "not a case of a simulator of processes";
    if (sequence.code.empty()) return "no code";
    if (sequence.pc % 64 != 0 || sequence.pc - ARENA_CODE_VA >= ARENA_CODE_BYTES)
        return "the code is not in the code area";
    Configuration own = process_configuration(profile, tag_check_mode(sequence.configuration));
    own.tco = sequence.configuration.tco;
    if (own != sequence.configuration) return "a process cannot have this configuration: the kernel's is another";
    if (profile.mte < 2 && (own.tco != 0 || tag_check_mode(own) != TagCheckMode::none))
        return "tag checks and PSTATE.TCO need FEAT_MTE2";
    if (profile.simulator && (own.tco != 0 || tag_check_mode(own) == TagCheckMode::async))
        return "the simulator has no PSTATE.TCO and no asynchronous tag checks";
    if (static_cast<unsigned>(tag_check_mode(own)) > AGENT_TCF_ASYNC) return "a process cannot ask for asymmetric mode";
    return std::nullopt;
}

const char* refuse_process(const State& state, const Profile& profile) {
    if (const char* const why = refuse_shape(state)) return why;
    for (const Window& window : state.windows) {
        if (!kArenaPages[(window.pa - ARENA_PA) / ARENA_PAGE_BYTES].mapped)
            return "a window in a page that is not mapped";
    }
    if (state.rgsr_el1 != 0 || state.tfsre0_el1 != 0 || state.tfsr != decltype(state.tfsr){})
        return "RGSR_EL1 and TFSR_ELx cannot be set by a process";
    if (profile.simulator && (state.gcr_el1 & 0xffff) != 0) return "the simulator excludes no tags: it has no GCR_EL1";
    return nullptr;
}

std::size_t agent_record_bytes(RecordShape shape) { return record_bytes(sizeof(agent_state), shape); }

agent_sequence encode_agent(const Sequence& sequence) {
    agent_sequence header{};
    header.magic = WIRE_MAGIC;
    header.tcf = static_cast<std::uint32_t>(tag_check_mode(sequence.configuration));
    header.instructions = static_cast<std::uint32_t>(sequence.code.size());
    std::copy(sequence.code.begin(), sequence.code.end(), header.code);
    return header;
}

void encode_agent(const State& state, bool tco, std::span<std::uint8_t> record) {
    auto& wire = *new (record.data()) agent_state;
    encode_state(state, sizeof(wire), record);
    wire.pstate = (std::uint64_t{state.nzcv} << kNzcvShift) | (tco ? spsr::TCO.mask() : 0);
    wire.pc = wire.si_addr = 0;
    wire.signal = wire.si_code = 0;
    wire.window_count = static_cast<std::uint32_t>(state.windows.size());
    wire.has_vectors = state.v.empty() ? 0 : 1;
    wire.signature = 0;
}

Decoded decode_agent(const Sequence& sequence, const agent_sequence& header, RecordShape shape,
                     std::span<const std::uint8_t> record, std::uint64_t wanted) {
    const auto& wire = *reinterpret_cast<const agent_state*>(record.data());
    const std::uint64_t end_offset = sequence.code.size() * 4;
    if (wire.signature != wanted || wire.window_count != shape.windows || wire.has_vectors != (shape.vectors ? 1 : 0) ||
        header.code_va - ARENA_CODE_VA >= ARENA_CODE_BYTES || wire.signal < AGENT_SIGNAL_UNSUPPORTED)
        return DecodeError::garbled;

    OutcomeView outcome = view_of(record, sizeof(wire), shape);
    if (wire.signal == AGENT_SIGNAL_UNSUPPORTED) {
        outcome.status = Status::unsupported;
        outcome.note = "the implementation does not have what the code does";
        return outcome;
    }
    const auto rebase = [&](std::uint64_t address) {
        return address - header.code_va <= end_offset ? address - header.code_va + sequence.pc : address;
    };
    outcome.pstate = wire.pstate & (kNzcv | spsr::TCO.mask());
    if (wire.signal == 0) {
        outcome.pc = sequence.pc + end_offset;
    } else {
        outcome.status = Status::signal;
        outcome.pc = rebase(wire.pc);
        outcome.signal = {
            .number = wire.signal, .code = wire.si_code, .address = compared_address(rebase(wire.si_addr))};
    }
    return outcome;
}

} // namespace mtecheck::difftest
