// SPDX-License-Identifier: Apache-2.0
//
// What can still be compared of a run whose end cannot: everything that the rest of its code cannot change.
//
// Sound and not more: whatever a machine does from the given point on, even with memory that the case does not define,
// a field that is compared is as it was there. Fields of which that is not certain are not compared.
#pragma once

#include "difftest/core/expectation.h"
#include "difftest/core/outcome.h"
#include "model/run/program.h"

namespace mtecheck::difftest {

/// Whether it is DC ZVA or DC GZVA. (DC GVA stores tags alone.)
bool clears_block_of_data(const model::DecodedInstruction& instruction);

/// Whether a run with the end `got` may have come to the state `before`: it did not end earlier in the code, as far as
/// its PC says that: `loses_pc`, that of an abort of DC ZVA or DC GZVA says nothing.
bool came_as_far(const model::Program& program, const Expectation& before, const Outcome& got, bool loses_pc);

/// Whether `got` may be the end of a run that came to the state `before`: it did not end earlier in the code, as far as
/// its PC says that, and general and SIMD&FP registers, stack pointers, GCR_EL1, RGSR_EL1 and the windows are those of
/// `before` unless an instruction from there on may write them, or any instruction if it may go on from anywhere.
/// PSTATE, TFSR_ELx and what an exception reports are not compared.
bool agrees_so_far(const model::Program& program, const Expectation& before, const Outcome& got, bool loses_pc);

} // namespace mtecheck::difftest
