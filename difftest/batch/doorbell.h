// SPDX-License-Identifier: Apache-2.0
//
// How the host and a guest program in a child process wait for each other: a byte through a pipe each way, and limits
// on how long a case may take.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "difftest/batch/file_descriptor.h"
#include "difftest/batch/process.h"
#include "difftest/core/error.h"
#include "difftest/core/record.h"

namespace mtecheck::difftest {

/// The guest was killed or stopped by a signal before it was ready: it may be worth another try.
class LostAtBoot : public TargetError {
  public:
    using TargetError::TargetError;
};

enum class Answer {
    done,
    died,    // the process ended
    runaway, // no progress within the limits
    lost,    // the connection ended, or the process before it began with the batch: it may be nobody's fault
};

/// Index of the state of batch `command` that the guest runs or ran last; 0 if it was not begun.
std::uint32_t progress_of(const volatile wire_queue& queue, std::uint32_t command);

class Doorbell {
  public:
    /// What the guest inherits: it reads the one and writes the other.
    int bell() const { return bell_.read.get(); }
    int answer() const { return answer_.write.get(); }

    /// Starts the guest. From here on the end of the process is the end of the answers.
    void start(const std::vector<std::string>& command, std::span<const int> inherited);
    /// Waits for its first answer. `obituary` tells of its end, `what` names it.
    void wait_until_ready(const std::string& what, const std::function<std::string()>& obituary);

    /// Gives the guest a batch, behind one that may be running. False if the process has ended meanwhile.
    bool post(volatile wire_queue& queue, std::uint64_t at, std::size_t bytes);
    /// Number of the batch posted last.
    std::uint32_t command() const { return command_; }
    /// Waits until the guest has done batch `command`, the oldest that it has, as long as it makes progress: a case may
    /// take `case_seconds` of CPU time, and more of wall time. Kills a runaway.
    Answer wait(const volatile wire_queue& queue, std::uint32_t command, double case_seconds);

    Process& process() const { return *process_; }

  private:
    Pipe bell_ = make_pipe();
    Pipe answer_ = make_pipe();
    std::unique_ptr<Process> process_;
    std::uint32_t command_ = 0;
};

} // namespace mtecheck::difftest
