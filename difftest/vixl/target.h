// SPDX-License-Identifier: Apache-2.0
//
// Target `vixl`: VIXL's simulator of AArch64 user code, as installed, or `vixl:TREE`, of a source tree. Options:
// `,timeout=SECONDS` for an answer, then `,absent=any`.
//
// Invariant: what VIXL does not have is not put to the test: encodings that it turns out not to execute
// (presence.h) are neither drawn nor run, and are part of the profile. One that it was known to have is a TargetError,
// unless `absent=any` says that it may be missing.
#pragma once

#include <memory>
#include <string>

#include "difftest/core/target.h"

namespace mtecheck::difftest {

/// Throws InputError for a malformed name, ToolError if VIXL is not installed.
std::unique_ptr<Target> make_vixl_target(const std::string& spec);

} // namespace mtecheck::difftest
