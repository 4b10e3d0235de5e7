// SPDX-License-Identifier: Apache-2.0
//
// What earlier runs proved: a file for each job, named by a hash of everything that its outcome depends on (sources of
// spec and model, the file of the statement, the solver, features, the task), so that a change of any of them proves
// again. And how long jobs took, whatever has changed since, so that the longest can go first.
//
// Invariants: files are written whole or not at all; one that cannot be read, or is not what it should be, is as if it
// were absent. Safe for several threads and several processes.
#pragma once

#include <filesystem>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "difftest/prove/job.h"

namespace mtecheck::difftest {

class ProofCache {
  public:
    /// Throws ToolError if the directory cannot be made.
    explicit ProofCache(std::filesystem::path directory);

    std::optional<JobOutcome> find(const Job& job) const;
    /// Throws ToolError if it cannot be written.
    void store(const Job& job, const JobOutcome& outcome);

    /// Of the same job, as it was when it was last run; 0 if it never was.
    double seconds_of(const Job& job) const;
    /// Keeps the times for the next run.
    void write_times();

  private:
    std::filesystem::path directory_;
    std::map<std::string, std::uint64_t> milliseconds_;
    std::mutex lock_; // of milliseconds_
};

/// $XDG_CACHE_HOME/mtecheck/proofs, or ~/.cache/mtecheck/proofs. Nothing if neither is known.
std::optional<std::filesystem::path> default_cache_directory();

} // namespace mtecheck::difftest
