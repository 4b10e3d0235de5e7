// SPDX-License-Identifier: Apache-2.0
//
// What mtecheck and an adapter say to each other: one JSON object on each line (docs/adapters.md, mtecheck-pipe/1).
//
// JSON Lines, and no binary frames: tests and outcomes have a published JSON form already; every language reads lines
// and JSON; a session can be typed, logged and replayed by hand; and a byte that somebody else prints is seen at once.
//
// Invariant: whatever an adapter writes, reading it gives a value or an InputError.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "difftest/core/case.h"
#include "difftest/core/outcome.h"
#include "difftest/core/target.h"

namespace mtecheck::difftest {

inline constexpr std::string_view kPipeSchema = "mtecheck-pipe/1";

/// Lines without their ends.
std::string probe_request(std::uint64_t number);
std::string run_request(std::uint64_t number, const Test& test);
/// A request of this kind, with a member that no version has.
std::string strange_request(std::uint64_t number, std::string_view kind);

/// InputError if the line is not the answer to the request of this number.
Profile read_profile_answer(std::string_view line, std::uint64_t number);
/// One for each state, with the state's windows and SIMD&FP registers.
std::vector<Outcome> read_run_answer(std::string_view line, std::uint64_t number, const std::vector<State>& states);
/// What is wrong with the request, as the adapter says.
std::string read_error_answer(std::string_view line, std::uint64_t number);

} // namespace mtecheck::difftest
