// SPDX-License-Identifier: Apache-2.0
//
// What ABI programs run on: the agent in a process of an emulator, as init of a kernel or on another machine, or the
// model itself, with deliberate faults or without.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "difftest/abi/abi_program.h"
#include "difftest/linux/abi_wire.h"
#include "model/linux/faults.h"

namespace mtecheck::difftest {

/// What a target says of itself.
struct AbiSystem {
    std::string target;  // the name that the user gave
    std::string version; // "qemu-aarch64 version 7.2.22", "Linux 6.12..."
    std::uint64_t hwcap2 = 0, hwcap3 = 0;
    std::optional<std::uint64_t> preferred; // MTE_CTRL_TCF_*, if it can be read
    bool preferred_writable = false;        // and written

    bool same_kernel(const AbiSystem& other) const {
        return version == other.version && hwcap2 == other.hwcap2 && hwcap3 == other.hwcap3 &&
               preferred == other.preferred && preferred_writable == other.preferred_writable;
    }
    bool has_mte() const { return (hwcap2 >> 18U & 1U) != 0; }       // HWCAP2_MTE
    bool has_mte3() const { return (hwcap2 >> 22U & 1U) != 0; }      // HWCAP2_MTE3
    bool has_mte_far() const { return (hwcap3 & 1U) != 0; }          // HWCAP3_MTE_FAR
    bool has_store_only() const { return (hwcap3 >> 1U & 1U) != 0; } // HWCAP3_MTE_STORE_ONLY
};

class AbiTarget {
  public:
    AbiTarget() = default;
    AbiTarget(const AbiTarget&) = delete;
    AbiTarget& operator=(const AbiTarget&) = delete;
    virtual ~AbiTarget() = default;

    /// Starts it if need be. Throws TargetError if it cannot be started; LostAtBoot (doorbell.h) if that may change.
    virtual const AbiSystem& probe() = 0;
    /// Nothing: the target did not survive the program; it is started anew for the next, with patience. Throws
    /// TargetError if it does not come back.
    virtual std::optional<abi_response> run(const AbiProgram& program) = 0;
    /// How it ended, after it did not survive one.
    virtual std::string obituary() const { return {}; }
};

/// "qemu-user[:WHICH][,...]", "linux:KERNEL[,...]", "agent:COMMAND", "model[:FAULT+...]".
/// Throws InputError for anything else.
std::unique_ptr<AbiTarget> make_abi_target(const std::string& spec);

/// The model as a target.
std::unique_ptr<AbiTarget> make_abi_model_target(const model::linux_abi::AbiFaultSet& faults);

} // namespace mtecheck::difftest
