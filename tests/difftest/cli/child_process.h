// SPDX-License-Identifier: Apache-2.0
//
// Runs the mtecheck program as users do: a process, with its output, its exit status, and signals sent to it.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

namespace mtecheck::difftest {

struct Ended {
    int status = 0; // exit status, or minus the signal that ended it
    std::string out;
    std::string err;
};

class ChildProcess {
  public:
    /// `file_limit`: no file may grow beyond this many bytes; 0: no limit.
    explicit ChildProcess(const std::vector<std::string>& arguments, std::uint64_t file_limit = 0);
    ~ChildProcess();
    ChildProcess(const ChildProcess&) = delete;
    ChildProcess& operator=(const ChildProcess&) = delete;

    void signal(int number) const;
    /// Whether it has not ended yet.
    bool running();
    /// Waits for the end.
    Ended wait();
    pid_t pid() const { return pid_; }

  private:
    void reap(int options);

    pid_t pid_ = -1;
    int status_ = 0;
    int out_ = -1; // unnamed files
    int err_ = -1;
};

/// mtecheck ARGUMENTS...
Ended mtecheck(const std::vector<std::string>& arguments);

/// What mtecheck says of a target; skips the test if it cannot be started.
std::string probe_or_skip(const std::string& target);

} // namespace mtecheck::difftest
