// SPDX-License-Identifier: Apache-2.0
//
// One adapter process and the lines to and from it. What it prints on standard error is kept for complaints.
//
// Invariants: an exchange ends within its time, whatever the adapter does; after one that failed the session is of no
// use any more, so that no answer is taken for that of another request.
#pragma once

#include <string>
#include <variant>

#include "difftest/batch/command_pipe.h"

namespace mtecheck::difftest {

class AdapterSession {
  public:
    enum class Failure : std::uint8_t { too_late, ended, too_long };

    /// Starts `command`, for /bin/sh.
    explicit AdapterSession(const std::string& command);

    /// Sends a line, and waits for one; `seconds` for both.
    std::variant<std::string, Failure> exchange(const std::string& line, double seconds);
    /// Closes its standard input. Whether it ends within this time.
    bool finish(double seconds);

    double cpu_seconds() const { return pipe_.process().cpu_seconds(); }
    /// How it ended, if it has, and the end of what it printed.
    std::string obituary() { return pipe_.obituary(); }

  private:
    CommandPipe pipe_;
    std::string pending_; // of an answer
};

std::string_view to_string(AdapterSession::Failure failure);

} // namespace mtecheck::difftest
