// SPDX-License-Identifier: Apache-2.0
//
// Results of ABI programs for people, and as mtecheck-abi-report/1.
#pragma once

#include <string>

#include "difftest/abi/abi_check.h"

namespace mtecheck::difftest {

inline constexpr std::string_view kAbiReportSchema = "mtecheck-abi-report/1";

std::string to_text(const AbiResult& result);
OrderedJson to_json(const AbiResult& result);

} // namespace mtecheck::difftest
