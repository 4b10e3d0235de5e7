// SPDX-License-Identifier: Apache-2.0
//
// A machine set up for unit tests: EL1, stage 1 on, tags accessible and checked synchronously at EL0 and EL1, both
// halves with TBI, and a small address map with one page of each kind.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "model/machine/concrete_machine.h"
#include "model/memory/memory.h"

namespace mtecheck::model::testing {

// Offsets in either half of the address space; physical addresses are kPhysical above them.
inline constexpr std::uint64_t kUpper = 0xffffff8000000000;
inline constexpr std::uint64_t kPhysical = 0x40000000;
inline constexpr std::uint64_t kTagged = 0x10000; // four pages
inline constexpr std::uint64_t kUntagged = 0x14000;
inline constexpr std::uint64_t kReadOnly = 0x15000; // Tagged
inline constexpr std::uint64_t kDevice = 0x16000;
inline constexpr std::uint64_t kPrivileged = 0x17000; // Tagged
inline constexpr std::uint64_t kUnmapped = 0x18000;
inline constexpr std::uint64_t kReserved = 0x19000;
inline constexpr std::uint64_t kCode = 0x20000;

inline const AddressSpace& address_space() {
    static const AddressSpace space(
        {
            {.start = kTagged, .end = kUntagged, .pa = kPhysical + kTagged},
            {.start = kUntagged, .end = kReadOnly, .pa = kPhysical + kUntagged, .memory = MemoryKind::write_back},
            {.start = kReadOnly, .end = kDevice, .pa = kPhysical + kReadOnly, .ap = 3},
            {.start = kDevice, .end = kPrivileged, .pa = kPhysical + kDevice, .memory = MemoryKind::device},
            {.start = kPrivileged, .end = kUnmapped, .pa = kPhysical + kPrivileged, .ap = 0},
            {.start = kReserved, .end = kReserved + 0x1000, .pa = kPhysical + kReserved, .reserved = true},
        },
        3, 48);
    return space;
}

constexpr std::uint64_t bit(unsigned position) { return std::uint64_t{1} << position; }

/// The bits of SCTLR_ELx with the given TCF and TCF0: M, C, ATA, ATA0.
constexpr std::uint64_t sctlr(unsigned tcf, unsigned tcf0) {
    using namespace spec::field::SCTLR_EL1;
    return M.place(1) | C.place(1) | ATA.place(1) | ATA0.place(1) | TCF.place(tcf) | TCF0.place(tcf0);
}

template <class M>
void set_up(M& m) {
    m.set_address_space(address_space());
    m.features = {};
    for (const spec::FeatureInfo& feature : spec::features()) {
        m.features.add(feature.value);
    }
    for (const spec::Feature absent :
         {spec::Feature::FEAT_MTE4, spec::Feature::FEAT_MTE_CANONICAL_TAGS, spec::Feature::FEAT_MTE_NO_ADDRESS_TAGS,
          spec::Feature::FEAT_MTE_PERM, spec::Feature::FEAT_MTE_STORE_ONLY, spec::Feature::FEAT_MTE_TAGGED_FAR}) {
        m.features.remove(absent);
    }
    m.state = {};
    m.reset();
    m.state.pc = kCode;
    m.state.PSTATE.EL = EL1;
    m.state.PSTATE.SP = 1;
    m.state.SCTLR_EL1 = sctlr(1, 1);
    m.state.SCTLR_EL2 = sctlr(1, 1);
    m.state.SCTLR_EL3 = sctlr(1, 0);
    {
        using namespace spec::field::TCR_EL1;
        m.state.TCR_EL1 = T0SZ.place(25) | T1SZ.place(25) | TBI0.place(1) | TBI1.place(1);
    }
    {
        using namespace spec::field::TCR_EL2;
        m.state.TCR_EL2 = T0SZ.place(25) | TBI.place(1);
        m.state.TCR_EL3 = T0SZ.place(25) | TBI.place(1);
    }
    m.state.HCR_EL2 = spec::field::HCR_EL2::RW.place(1) | spec::field::HCR_EL2::ATA.place(1);
    m.state.SCR_EL3 =
        spec::field::SCR_EL3::NS.place(1) | spec::field::SCR_EL3::RW.place(1) | spec::field::SCR_EL3::ATA.place(1);
    m.state.VBAR_EL1 = 0x80000;
    m.state.VBAR_EL2 = 0x90000;
    m.state.VBAR_EL3 = 0xa0000;
    m.state.CPACR_EL1 = spec::field::CPACR_EL1::FPEN.place(3);
}

/// An address with a Logical Address Tag.
constexpr std::uint64_t tagged(std::uint64_t address, unsigned tag) {
    return (address & ~(std::uint64_t{0xf} << 56)) | std::uint64_t{tag} << 56;
}

/// The window at `offset` (256-byte aligned): bytes 0, 1, 2, ... and the tags given, granule 0 in the low nibble.
template <class M>
void give_window(M& m, std::uint64_t offset, std::uint64_t tags) {
    std::array<std::uint8_t, PhysicalMemory::window_bytes> data{};
    for (std::size_t i = 0; i < data.size(); ++i) {
        data[i] = static_cast<std::uint8_t>(i);
    }
    m.memory().initialise_window(kPhysical + offset, data.data(), tags);
}

/// Runs code at the current PC.
template <class M>
RunResult run(M& m, const std::vector<std::uint32_t>& opcodes, std::uint32_t step_limit = 100) {
    const Program program(kCode, opcodes);
    return Run(m, program, step_limit);
}

} // namespace mtecheck::model::testing
