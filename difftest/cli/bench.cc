// SPDX-License-Identifier: Apache-2.0
//
// mtecheck bench.
#include <iostream>
#include <nlohmann/json.hpp>

#include "difftest/bench/bench.h"
#include "difftest/cli/verbs.h"
#include "difftest/core/json.h"

namespace mtecheck::difftest {
namespace {

constexpr unsigned kProcesses = 10;

} // namespace

int run_bench(std::span<char* const> arguments) {
    Options options(
        "bench", "[OPTION...]",
        "Measures the model, reading and judging traces, the work of the host for each case, and the target: "
        "sequences\n"
        "run from 16 states each, all-new sequences, and the naive way of a process for every case. Figures\n"
        "depend on what else the machine does; the ratios do not much. Microseconds are of processor time.\n");
    declare_target(options, "qemu-system");
    options.value("for", "TIME", "how long each measurement of the target takes", "3s");
    options.flag("json", "print JSON (mtecheck-bench/1) instead of a table");
    options.flag("model-only", "measure the model and traces, without a target");
    if (!options.parse(arguments)) return kAgree;
    const auto seconds = static_cast<double>(options.seconds("for"));
    std::vector<BenchRow> rows = bench_model(1.0);
    for (BenchRow& row : bench_traces(1.0)) rows.push_back(std::move(row));
    if (!options.given("model-only")) {
        const auto target = make_target(options.get("target"));
        for (BenchRow& row : bench_target(*target, seconds, kProcesses)) rows.push_back(std::move(row));
    }
    std::cout << (options.given("json") ? dump(to_json(rows)) : to_text(rows));
    return kAgree;
}

} // namespace mtecheck::difftest
