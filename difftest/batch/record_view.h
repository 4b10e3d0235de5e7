// SPDX-License-Identifier: Apache-2.0
//
// Records of guest programs (difftest/core/record.h) as difftest has them: a record begins with the registers of a
// State, and has its windows and SIMD&FP registers behind.
#pragma once

#include <cstdint>
#include <span>

#include "difftest/batch/batch_target.h"
#include "difftest/core/case.h"
#include "difftest/core/outcome.h"
#include "difftest/core/record.h"

namespace mtecheck::difftest {

inline constexpr unsigned kNzcvShift = 28; // of the flags in PSTATE

/// Of a record whose guest program has `own` bytes before the windows.
std::size_t record_bytes(std::size_t own, RecordShape shape);
/// Writes registers, windows and vectors of a state; what the guest program has otherwise stays.
void encode_state(const State& state, std::size_t own, std::span<std::uint8_t> record);
/// Registers, windows and vectors where they lie; the rest of the outcome is the guest program's.
OutcomeView view_of(std::span<const std::uint8_t> record, std::size_t own, RecordShape shape);

/// Why no guest program can install the state; null if it can.
const char* refuse_shape(const State& state);

} // namespace mtecheck::difftest
