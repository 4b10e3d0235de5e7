// SPDX-License-Identifier: Apache-2.0
// The ratio that justifies the design, with a wide margin for loaded machines; `mtecheck bench` has the figures.
#include <catch2/catch_test_macros.hpp>

#include "difftest/qemu/benchmark.h"
#include "tests/difftest/qemu/qemu_fixture.h"

using namespace mtecheck::difftest;
using namespace mtecheck::difftest::qemu_tests;

TEST_CASE("cases that share a process and a sequence are thousands of times cheaper than a process each") {
    const auto target = target_or_skip();
    std::vector<Test> tests;
    for (unsigned i = 0; i < 64; ++i) {
        tests.push_back(make_test(target->probe(), 0, 0,
                                  {movz(9, i), kStrX0X3, kLdrX5X6, kLdgX7X3, kAddX0X1X2, kStgX3X3, kStrX0X3, kNop}));
        tests.back().states[0].x[3] = tests.back().states[0].x[6] = tagged(ARENA_VA, 5);
        repeat_state(tests.back(), 16);
    }
    const TargetBenchmark result = benchmark(*target, tests, 0.5, 5);
    CHECK(result.shared_sequences.cases >= 64 * 16);
    CHECK(result.new_sequences.cases >= 64);
    CHECK(result.process_per_case.cases == 5);
    const double shared = result.shared_sequences.target_cpu_microseconds_per_case();
    const double fresh = result.new_sequences.target_cpu_microseconds_per_case();
    const double naive = result.process_per_case.target_cpu_microseconds_per_case();
    INFO("microseconds of QEMU's CPU time per case: shared " << shared << ", new " << fresh << ", naive " << naive);
    CHECK(naive > 1000 * shared);
    CHECK(fresh > shared);
}
