// SPDX-License-Identifier: Apache-2.0
//
// A guest that has booted, kept in the user's cache, so that the next one starts where it was: memory as a file that
// everybody maps for himself, and the state of the rest as QEMU migrates it.
//
// Invariants: a snapshot is complete or not there; it says what it was made of, and serves nothing else; no two
// processes or threads make one at a time; who uses one that another replaces keeps the one that he has.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "difftest/linux/frames.h"
#include "difftest/linux/guest_machine.h"

namespace mtecheck::difftest {

class GuestSnapshots {
  public:
    /// Of one machine, in a directory of its own below `cache`. `name` is for complaints; `seconds` for one answer of
    /// the agent.
    GuestSnapshots(GuestMachine machine, const std::filesystem::path& cache, std::string name, double seconds);

    /// The agent of a guest that goes on from the snapshot, which is made first if there is none, or none that serves.
    /// Throws TargetError, LostAtBoot if the guest ends, ToolError if it cannot be written.
    AgentFrames start() const;

  private:
    struct Snapshot {
        FileDescriptor memory;
        FileDescriptor state;
        std::string agent;    // hash of what it says
        std::string manifest; // which one was opened
        bool made_now = false;
    };
    Snapshot open_or_make() const;
    std::optional<Snapshot> open() const;
    /// So that it serves nobody any more.
    void forget(const Snapshot& snapshot) const;
    void make() const;
    AgentFrames start(const Snapshot& snapshot) const;

    GuestMachine machine_;
    std::filesystem::path place_;
    std::string name_;
    double seconds_;
    std::string made_of_;
};

/// Whether this QEMU can: it must be able to migrate to a file, as 8.2 and later can.
bool can_snapshot(const std::string& qemu_version);

} // namespace mtecheck::difftest
