// SPDX-License-Identifier: Apache-2.0
//
// One child process: started, watched, killed; nothing of it outlives the object.
//
// Invariants:
//  - the child is in a process group of its own (Ctrl-C in the terminal is not for it) and is killed by the kernel
//    when the thread that started it ends;
//  - standard input is /dev/null, standard output and error go to one anonymous file that can be read at any time;
//  - it inherits no other descriptor than those named, and leaves no core file.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include <sys/types.h>

#include "difftest/batch/file_descriptor.h"

namespace mtecheck::difftest {

class Process {
  public:
    /// Throws TargetError if it cannot be started. A program that cannot be executed exits with status 127.
    Process(const std::vector<std::string>& arguments, std::span<const int> inherited);
    ~Process();
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;

    bool running();
    /// Kills it if it runs, and waits for its end.
    void kill();
    /// Waits for its end; false if it still runs after `seconds`.
    bool wait(double seconds);
    /// "exit status 1", "signal 6 (Aborted)"; only after its end.
    std::string how_it_ended() const;
    /// Exit status, if it ended by itself.
    std::optional<int> exit_status() const;
    /// User and system time so far.
    double cpu_seconds() const;
    /// The end of what it printed.
    std::string output(std::size_t at_most = 2000) const;
    pid_t pid() const { return pid_; }

  private:
    void reap(int options);

    pid_t pid_ = -1;
    bool ended_ = false;
    int status_ = 0;
    double final_cpu_seconds_ = 0;
    FileDescriptor output_;
};

} // namespace mtecheck::difftest
