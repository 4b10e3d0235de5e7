// SPDX-License-Identifier: Apache-2.0
#include "difftest/qemu/benchmark.h"

#include <chrono>
#include <ctime>
#include <stdexcept>
#include <vector>

namespace mtecheck::difftest {

namespace {

double own_cpu_seconds() {
    timespec time{};
    ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

/// From its construction to each call of now().
class Meter {
  public:
    explicit Meter(const Target& target) : target_(target) {}

    Measurement now() const {
        const TargetStatistics statistics = target_.statistics();
        return {.cases = statistics.cases - before_.cases,
                .wall_seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - wall_).count(),
                .target_cpu_seconds = statistics.cpu_seconds - before_.cpu_seconds,
                .host_cpu_seconds = own_cpu_seconds() - cpu_};
    }

  private:
    const Target& target_;
    TargetStatistics before_ = target_.statistics();
    std::chrono::steady_clock::time_point wall_ = std::chrono::steady_clock::now();
    double cpu_ = own_cpu_seconds();
};

struct Forget final : OutcomeSink {
    void take(std::size_t, std::size_t, const OutcomeView&) override {}
};

} // namespace

Measurement measure(Target& target, double seconds, const std::function<void()>& run) {
    const Meter meter(target);
    Measurement measurement;
    do {
        run();
        measurement = meter.now();
    } while (measurement.wall_seconds < seconds);
    return measurement;
}

TargetBenchmark benchmark(Target& target, std::span<const Test> tests, double seconds, unsigned processes) {
    std::vector<Test> first_states;
    for (const Test& test : tests) {
        if (test.states.empty()) throw std::invalid_argument("a test without states cannot be measured");
        first_states.push_back({test.sequence, {test.states.front()}});
    }
    TargetBenchmark result;
    Forget forget;
    target.stream(tests, forget); // first touch of memory, translation of the monitor
    result.shared_sequences = measure(target, seconds, [&] { target.stream(tests, forget); });
    result.new_sequences = measure(target, seconds, [&] { target.stream(first_states, forget); });

    const Meter meter(target);
    for (unsigned i = 0; i < processes; ++i) {
        target.reset();
        target.stream(std::span(first_states).subspan(i % first_states.size(), 1), forget);
    }
    result.process_per_case = meter.now();
    return result;
}

} // namespace mtecheck::difftest
