// SPDX-License-Identifier: Apache-2.0
//
// What the assembly files of bare metal and of Linux have in common.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "difftest/core/case.h"
#include "difftest/reproduce/checks.h"

namespace mtecheck::difftest::assembly {

std::string hex(std::uint64_t value, unsigned digits = 16);
std::string line(const std::string& text);
std::string quad(std::uint64_t value);
/// By the macro `set` of bare metal: a system register.
std::string set(const std::string& name, std::uint64_t value);

/// Instructions as words, with what they are.
std::string code(const Sequence& sequence);

/// What the code begins with: the labels `registers`, `vectors` if there are any, and data_0, data_1... for the windows
/// that are not all zero.
std::string state(const State& state);

/// The table between the labels `checks` and `checks_end`, and the texts that print what differs.
std::string checks(const std::vector<Check>& checks);

/// Compares, prints what differs, and goes to `exit` with the status in x1. `print` writes the text at x1.
extern const char* const kComparison;
extern const char* const kPrintNumber;
/// `store_data`: 256 bytes from x1 to x0.
extern const char* const kStoreData;

} // namespace mtecheck::difftest::assembly
