// SPDX-License-Identifier: Apache-2.0
//
// Says on standard error how a campaign is getting on: one line that is rewritten in place on a terminal, JSON lines
// for programs, or nothing. Standard output stays for results.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "difftest/core/terminal_line.h"
#include "difftest/findings/signature.h"

namespace mtecheck::difftest {

enum class ProgressStyle : std::uint8_t { none, line, json };

/// What is shown. Counts are of merged units.
struct ProgressView {
    std::uint64_t cases = 0;
    std::uint64_t cases_wanted = 0; // 0: no limit by count
    double seconds_wanted = 0;      // 0: no limit by time
    double elapsed_seconds = 0;     // of this run and the runs that it resumes
    std::size_t covered = 0;
    std::size_t coverable = 0;
    std::uint64_t explained = 0;
    std::uint64_t led_astray = 0;
    std::uint64_t unexplained = 0;
    std::size_t groups = 0;
    std::uint64_t kept = 0; // cases that guided generation kept, for they met something new
    std::string phase;      // what takes long just now; empty: running cases
};

class Progress {
  public:
    explicit Progress(ProgressStyle style) : style_(style) {}
    ~Progress();
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;

    /// Prints at most a few times a second.
    void show(const ProgressView& view);
    /// Tells of the first finding of a group, above the line.
    void tell(const std::string& id, const GroupKey& group);
    /// Ends the line, so that other text can follow.
    void finish();

  private:
    using Clock = std::chrono::steady_clock;
    ProgressStyle style_;
    Clock::time_point last_{};
    double last_elapsed_ = 0;
    std::uint64_t last_cases_ = 0;
    double rate_ = 0;
    unsigned told_ = 0;
    TerminalLine line_;
};

/// The line, without control characters.
std::string progress_line(const ProgressView& view, double cases_per_second);
std::string news_line(const std::string& id, const GroupKey& group);

} // namespace mtecheck::difftest
