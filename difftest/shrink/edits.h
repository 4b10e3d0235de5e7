// SPDX-License-Identifier: Apache-2.0
//
// The ways to make a case simpler. Each is tried on the target and on the model; here nobody asks whether the case
// still shows what it showed.
//
// Invariants: edits are functions of a case and come in a fixed order; a branch of an edited case leads to the
// instruction that it led to before, or to what came after that.
#pragma once

#include <functional>
#include <vector>

#include "difftest/core/case.h"
#include "difftest/core/target.h"
#include "difftest/judge/judge.h"

namespace mtecheck::difftest {

/// Changes a case, or leaves it as it is where there is nothing to do.
using Edit = std::function<void(Case&)>;

/// Of the branches of a case: where they lead to, by instruction; its length stands for the end.
bool branches_lead_forward(const Sequence& sequence);

/// Without `count` instructions from `first` on; branches over them keep their targets.
void drop(Sequence& sequence, std::size_t first, std::size_t count);

/// Drops stretches of `length` instructions, the last first.
std::vector<Edit> drops(const Case& value, std::size_t length);
/// Ends the case earlier, the earliest end first.
std::vector<Edit> earlier_ends(const Case& value);
/// Starts the case later, from the state that the model has there; the latest start first.
std::vector<Edit> later_starts(const Case& value, const Profile& profile);

/// Other Exception levels, whole registers, then their fields.
std::vector<Edit> configuration_edits(const Case& value, const Profile& profile);
/// Without windows; without their contents and tags, as a whole and granule by granule.
std::vector<Edit> memory_edits(const Case& value);
/// Bytes of memory to zero.
std::vector<Edit> byte_edits(const Case& value);
/// Registers to zero.
std::vector<Edit> register_edits(const Case& value);
/// Parts of registers to zero.
std::vector<Edit> bit_edits(const Case& value);
/// Other places for windows, other views of them: for memory and for the registers that point there.
std::vector<Edit> address_edits(const Case& value);
/// Lower tags: in memory and in the registers that point there.
std::vector<Edit> tag_edits(const Case& value);
/// Lower register numbers, and offsets of 0.
std::vector<Edit> operand_edits(const Case& value);

} // namespace mtecheck::difftest
