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

/// The counters that the guest keeps in memory shared with it.
struct GuestProgress {
    std::function<std::uint32_t()> state; // index, in the batch waited for, of the state that it runs or ran last
    std::function<std::uint32_t()> begun; // number of the last batch that it began
    std::function<std::uint32_t()> done;  // and of the last one that it finished
};

class Doorbell {
  public:
    /// What the guest inherits: it reads the one and writes the other.
    int bell() const { return bell_.read.get(); }
    int answer() const { return answer_.write.get(); }

    /// Starts the guest. From here on the end of the process is the end of the answers.
    void start(const std::vector<std::string>& command, std::span<const int> inherited);
    /// Waits for its first answer. `obituary` tells of its end, `what` names it.
    void wait_until_ready(const std::string& what, const std::function<std::string()>& obituary);

    /// Rings. False if the process has ended meanwhile.
    bool ring();
    /// Waits until the guest has done batch `command`, the oldest that it has, as long as it makes progress: a case may
    /// take `case_seconds` of CPU time, and more of wall time. Kills a runaway.
    Answer wait(std::uint32_t command, const GuestProgress& progress, double case_seconds);

    Process& process() const { return *process_; }

  private:
    Pipe bell_ = make_pipe();
    Pipe answer_ = make_pipe();
    std::unique_ptr<Process> process_;
};

} // namespace mtecheck::difftest
