// SPDX-License-Identifier: Apache-2.0
//
// A command of the user's, for /bin/sh, with pipes to its standard input and from its standard output.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "difftest/batch/file_descriptor.h"
#include "difftest/batch/process.h"
#include "difftest/batch/timed_io.h"

namespace mtecheck::difftest {

/// `KIND:COMMAND` or `KIND,timeout=SECONDS:COMMAND`.
struct CommandOptions {
    std::string spec;    // as the user wrote it
    std::string command; // for /bin/sh
    double seconds = 60; // for one answer
};

/// The limit of time that an option names, from 10 ms to a day; nothing for other text.
std::optional<double> limit_in_seconds(const std::string& text);

/// Throws InputError for a malformed spec.
CommandOptions parse_command_options(const std::string& spec, const std::string& kind);

class CommandPipe {
  public:
    /// Both pipes do not block.
    explicit CommandPipe(const std::string& command);
    /// A program with its arguments instead, which inherits these descriptors, too.
    CommandPipe(const std::vector<std::string>& program, std::span<const int> inherited);

    /// From its standard output, as read_fully() does. The end of the command is the end of what it says, even if it
    /// left a process behind that has its pipes, as the first `adb` does with its server.
    Transferred read(void* to, std::size_t bytes, double seconds);

    int to() const { return to_.get(); }
    int from() const { return from_.get(); }
    void close_input() { to_.reset(); }
    Process& process() const { return *process_; }
    /// How it ended, if it has or does within a second, and the end of what it printed as errors.
    std::string obituary();

  private:
    void start(const std::string& script, const std::vector<std::string>& words, std::span<const int> inherited);

    FileDescriptor to_;
    FileDescriptor from_;
    std::unique_ptr<Process> process_;
};

} // namespace mtecheck::difftest
