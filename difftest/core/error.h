// SPDX-License-Identifier: Apache-2.0
//
// The two ways in which the tool, as opposed to an implementation under test, can fail.
#pragma once

#include <stdexcept>
#include <string>

namespace mtecheck::difftest {

/// The user's input (a file, an option) is wrong. One line: file, place in it, what is wrong and how to mend it.
/// The command line turns it into exit status 2.
class InputError : public std::runtime_error {
  public:
    InputError(const std::string& file, const std::string& place, const std::string& mend)
        : std::runtime_error(file + (place.empty() ? "" : ": " + place) + ": " + mend) {}
};

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
