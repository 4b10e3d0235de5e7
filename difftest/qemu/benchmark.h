// SPDX-License-Identifier: Apache-2.0
//
// How fast a target that can be reset runs tests: three ways to use it, measured in the same run.
#pragma once

#include <cstdint>
#include <functional>
#include <span>

#include "difftest/core/target.h"

namespace mtecheck::difftest {

struct Measurement {
    std::uint64_t cases = 0;
    double wall_seconds = 0;
    double target_cpu_seconds = 0; // of the target's processes
    double host_cpu_seconds = 0;   // of ours: encoding, decoding, waiting, whatever the tests and outcomes cost

    double cases_per_target_cpu_second() const { return static_cast<double>(cases) / target_cpu_seconds; }
    double cases_per_wall_second() const { return static_cast<double>(cases) / wall_seconds; }
    double target_cpu_microseconds_per_case() const { return target_cpu_seconds / static_cast<double>(cases) * 1e6; }
    double host_cpu_microseconds_per_case() const { return host_cpu_seconds / static_cast<double>(cases) * 1e6; }
};

struct TargetBenchmark {
    Measurement shared_sequences; // all states of every test
    Measurement new_sequences;    // the first state of every test: each case is code never seen before
    Measurement process_per_case; // the naive way: a fresh start for every case
};

/// `tests` choose the setting: instructions a sequence, states a test. Each of the first two measurements takes about
/// `seconds` of wall time, the third as long as `processes` starts take.
TargetBenchmark benchmark(Target& target, std::span<const Test> tests, double seconds, unsigned processes);

/// What running tests costs: `run` does it again and again, for about `seconds` of wall time. What else it does is the
/// host's work, too.
Measurement measure(Target& target, double seconds, const std::function<void()>& run);

} // namespace mtecheck::difftest
