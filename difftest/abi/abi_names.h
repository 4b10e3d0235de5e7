// SPDX-License-Identifier: Apache-2.0
//
// Results of ABI steps, signals and ends of processes in words.
#pragma once

#include <cstdint>
#include <string>

#include "difftest/abi/abi_program.h"

namespace mtecheck::difftest {

/// "SEGV_MTESERR"
std::string signal_code_name(std::int32_t code);
/// Whether a result is an error number.
constexpr bool is_error(std::int64_t value) { return value < 0 && value > -4096; }
/// ERESTARTSYS and its like, which are the kernel's own.
constexpr bool is_internal_error(std::int64_t value) { return value <= -512 && value > -531; }
/// "EINVAL", "0", "0x7fff9"
std::string value_name(const AbiStep& step, std::int64_t value);
/// What wait4() says, in words: "signal 11", "exit status 0".
std::string status_name(int status);

} // namespace mtecheck::difftest
