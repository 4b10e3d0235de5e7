// SPDX-License-Identifier: Apache-2.0
//
// Cases of a Linux process: what the kernel has set up for EL0, and what of an outcome it tells.
//
// Sources: Documentation/arch/arm64/memory-tagging-extension.rst and tagged-address-abi.rst of Linux; arch/arm64, there
// mm/fault.c, kernel/signal.c, kernel/traps.c, kernel/mte.c, and INIT_SCTLR_EL1_MMU_ON in include/asm/sysreg.h.
#pragma once

#include <cstdint>
#include <vector>

#include "difftest/core/case.h"
#include "difftest/core/outcome.h"
#include "difftest/core/target.h"

namespace mtecheck::difftest {

/// SCTLR_EL1.TCF0 as prctl(PR_SET_TAGGED_ADDR_CTRL) sets it. Asymmetric mode cannot be asked for.
enum class TagCheckMode : std::uint8_t { none = 0, sync = 1, async = 2 };

/// EL0 under Linux. A process chooses the mode of tag checks, and PSTATE.TCO.
Configuration process_configuration(const Profile& profile, TagCheckMode mode);
TagCheckMode tag_check_mode(const Configuration& configuration);

/// What a process can neither set nor see.
std::vector<ProfileLimit> process_limits();

/// What VIXL's simulator, which is a process of its own kind, has not or does not show.
std::vector<ProfileLimit> simulator_limits();

/// Signals and their codes, by Linux's numbers.
namespace linux_signal {
inline constexpr std::int32_t kSigill = 4, kSigbus = 7, kSigsegv = 11;
inline constexpr std::int32_t kIllegalOpcode = 1;        // ILL_ILLOPC
inline constexpr std::int32_t kAddressAlignment = 1;     // BUS_ADRALN
inline constexpr std::int32_t kNotMapped = 1;            // SEGV_MAPERR
inline constexpr std::int32_t kNoPermission = 2;         // SEGV_ACCERR
inline constexpr std::int32_t kTagCheck = 9;             // SEGV_MTESERR
inline constexpr std::int32_t kAsynchronousTagCheck = 8; // SEGV_MTEAERR
inline constexpr std::int32_t kIllegalOperand = 2;       // ILL_ILLOPN
inline constexpr std::int32_t kFromKernel = 0x80;        // SI_KERNEL
} // namespace linux_signal

/// What is compared of si_addr: not bits 63:56 (see process_limits()).
constexpr std::uint64_t compared_address(std::uint64_t address) { return address & 0x00ffffffffffffffU; }

/// Whether it is known of a run that ended so if there were asynchronous Tag Check Faults: next to another SIGSEGV
/// theirs may be lost.
bool asynchronous_faults_known(Status status, const SignalRecord& signal);

} // namespace mtecheck::difftest
