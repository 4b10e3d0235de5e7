// SPDX-License-Identifier: Apache-2.0
//
// The ways in which the tool, as opposed to an implementation under test, can fail.
#pragma once

#include <stdexcept>
#include <string>

#include "spec/input_error.h"

namespace mtecheck::difftest {

/// The user's input (a file, an option) is wrong. One line: file, place in it, what is wrong and how to mend it.
/// The command line turns it into exit status 2.
using mtecheck::InputError;

/// The tool or a target's process could not do its work (not installed, cannot start, disk full).
class ToolError : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

/// A target cannot be started or talked to at all.
class TargetError : public ToolError {
  public:
    using ToolError::ToolError;
};

} // namespace mtecheck::difftest
