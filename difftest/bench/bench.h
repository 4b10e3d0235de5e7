// SPDX-License-Identifier: Apache-2.0
//
// Measures what a campaign costs: the model alone, the work of the host for each case, and the target in three ways
// of using it. Absolute figures depend on the machine and its load; the ratios of figures from one run do not much.
#pragma once

#include <string>
#include <vector>

#include "difftest/core/json_reader.h"
#include "difftest/core/target.h"

namespace mtecheck::difftest {

inline constexpr std::string_view kBenchSchema = "mtecheck-bench/1";

struct BenchRow {
    std::string name;
    double value = 0;
    std::string unit;
    std::string what; // it means, for people
};

/// The concrete model on a loop of tag and checked instructions, one core.
std::vector<BenchRow> bench_model(double seconds);

/// Traces read and judged, one core.
std::vector<BenchRow> bench_traces(double seconds);

/// Cases of 8 instructions from 16 states, made for the target: host work and the target's own.
std::vector<BenchRow> bench_target(Target& target, double seconds, unsigned processes);

std::string to_text(const std::vector<BenchRow>& rows);
OrderedJson to_json(const std::vector<BenchRow>& rows);

} // namespace mtecheck::difftest
