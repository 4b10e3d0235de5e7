// SPDX-License-Identifier: Apache-2.0
//
// Branches and exception returns of a case's code, which lead from instruction to instruction of it.
#pragma once

#include <cstdint>

#include "difftest/core/case.h"
#include "spec/gen/isa.h"

namespace mtecheck::difftest {

/// The field of a branch that says how far it goes, in bytes; none of other instructions.
const spec::FieldInfo* branch_offset(spec::Encoding encoding);
const spec::FieldInfo* branch_offset(std::uint32_t word);

/// ERET, which leads to where the ELR_ELx of the configuration says.
bool is_exception_return(std::uint32_t word);
bool has_exception_return(const Sequence& sequence);

/// Whether every branch, and ELR_ELx, leads into the code or to its end. What is beyond is no part of a case: a target
/// that takes a branch which the model does not take would run whatever happens to be there.
bool branches_stay(const Sequence& sequence);

} // namespace mtecheck::difftest
