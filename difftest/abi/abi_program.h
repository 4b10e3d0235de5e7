// SPDX-License-Identifier: Apache-2.0
//
// Programs of ABI steps (model/linux/steps.h) as text and JSON.
//
// Invariant: a program that this room handles is well formed: known steps, arguments in range, at most one of fork,
// thread and exec. Reading what was written gives the same program.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "difftest/core/json_reader.h"
#include "model/linux/steps.h"

namespace mtecheck::difftest {

inline constexpr std::string_view kAbiProgramSchema = "mtecheck-abi-program/1";

using AbiStep = model::linux_abi::abi_step;
using AbiProgram = std::vector<AbiStep>;

AbiStep abi_step_of(std::uint32_t op, const std::array<std::uint64_t, ABI_ARGS>& arguments);

/// "mprotect"
std::string_view abi_step_name(const AbiStep& step);
/// "mprotect page=1 count=1 prot=0x23 top=0x0"
std::string to_text(const AbiStep& step);

OrderedJson to_json(const AbiProgram& program);
AbiProgram abi_program_from_json(const JsonPlace& place);
AbiProgram read_abi_program(const std::string& file);

} // namespace mtecheck::difftest
