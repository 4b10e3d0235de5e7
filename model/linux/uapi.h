// SPDX-License-Identifier: Apache-2.0
//
// Numbers of Linux's user space ABI on arm64 (include/uapi), and those of the kernel's that its functions speak of.
// The names are the kernel's with a namespace for their prefix: the C library has macros of the whole names.
#pragma once

#include <cstdint>

namespace mtecheck::model::linux_abi {

/// PR_...: the control word of prctl(PR_SET_TAGGED_ADDR_CTRL).
namespace pr {
inline constexpr std::uint64_t TAGGED_ADDR_ENABLE = 1;
inline constexpr std::uint64_t MTE_TCF_SYNC = 1U << 1U;
inline constexpr std::uint64_t MTE_TCF_ASYNC = 1U << 2U;
inline constexpr unsigned MTE_TAG_SHIFT = 3;
inline constexpr std::uint64_t MTE_TAG_MASK = std::uint64_t{0xffff} << MTE_TAG_SHIFT;
inline constexpr std::uint64_t MTE_STORE_ONLY = 1U << 19U;
} // namespace pr

/// MTE_CTRL_...: thread.mte_ctrl.
namespace mte_ctrl {
inline constexpr std::uint64_t GCR_USER_EXCL_MASK = 0xffff;
inline constexpr std::uint64_t TCF_SYNC = 1U << 16U;
inline constexpr std::uint64_t TCF_ASYNC = 1U << 17U;
inline constexpr std::uint64_t TCF_ASYMM = 1U << 18U;
inline constexpr std::uint64_t STORE_ONLY = 1U << 19U;
} // namespace mte_ctrl

/// SCTLR_EL1.TCF0
namespace tcf0 {
inline constexpr unsigned NONE = 0, SYNC = 1, ASYNC = 2, ASYMM = 3;
} // namespace tcf0

namespace prot {
inline constexpr std::uint64_t READ = 1, WRITE = 2, EXEC = 4, SEM = 8, BTI = 0x10, MTE = 0x20;
} // namespace prot

namespace madv {
inline constexpr std::uint64_t DONTNEED = 4, FREE = 8, DONTDUMP = 16, WIPEONFORK = 18, KEEPONFORK = 19;
} // namespace madv

/// Error numbers, as system calls return them.
namespace err {
inline constexpr std::int64_t PERM = -1, IO = -5, NOMEM = -12, ACCES = -13, FAULT = -14, INVAL = -22, NOSYS = -38;
inline constexpr std::int64_t RESTARTNOINTR = -513; ///< the kernel's own: user space never sees it
} // namespace err

/// si_code of SIGSEGV.
namespace segv {
inline constexpr std::int32_t MAPERR = 1, ACCERR = 2, MTEAERR = 8, MTESERR = 9;
} // namespace segv

inline constexpr std::int32_t kSegmentationFault = 11; ///< SIGSEGV
inline constexpr std::int32_t kAlarm = 14;             ///< SIGALRM: what ends a program that goes on for too long

} // namespace mtecheck::model::linux_abi
