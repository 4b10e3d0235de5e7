// SPDX-License-Identifier: Apache-2.0
#include "difftest/bench/bench.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <ctime>
#include <functional>
#include <initializer_list>
#include <stdexcept>

#include "difftest/core/compare.h"
#include "difftest/core/layout.h"
#include "difftest/generate/generator.h"
#include "difftest/judge/features.h"
#include "difftest/judge/judge.h"
#include "difftest/judge/oracle.h"
#include "difftest/qemu/benchmark.h"
#include "model/machine/concrete_machine.h"
#include "spec/encode.h"

namespace mtecheck::difftest {
namespace {

constexpr std::uint64_t kSeed = 1;
constexpr std::size_t kInstructions = 8;
constexpr std::size_t kTests = 512;
constexpr std::uint32_t kModelSteps = 1'000'000;
constexpr double kSlice = 0.25; // seconds, of each of the host's measurements

std::uint32_t word(std::string_view form, std::initializer_list<spec::FieldValue> fields) {
    return spec::encode(*spec::find_encoding(form), std::vector<spec::FieldValue>(fields));
}

/// A loop of tag instructions and checked accesses to one window, with matching tags, at EL1.
Case mte_loop() {
    Case loop;
    loop.sequence.pc = ARENA_CODE_VA;
    Configuration& configuration = loop.sequence.configuration;
    configuration.el = 1;
    configuration.spsel = 1;
    // SCTLR_EL1: M, ATA, TCF synchronous; TCR_EL1: both halves of 39 bits, TBI.
    configuration.sctlr[1] = 1U | std::uint64_t{1} << 43U | std::uint64_t{1} << 40U;
    configuration.tcr[1] = ARENA_TXSZ | std::uint64_t{ARENA_TXSZ} << 16U | std::uint64_t{3} << 37U;
    configuration.hcr_el2 = std::uint64_t{1} << 31U | std::uint64_t{1} << 56U;
    configuration.scr_el3 = 1U | std::uint64_t{1} << 10U | std::uint64_t{1} << 26U;
    loop.sequence.code = {
        word("IRG", {{"Xd", 1}, {"Xn", 0}, {"Xm", 31}}),
        word("ADDG", {{"Xd", 2}, {"Xn", 1}, {"uimm6", 16}, {"uimm4", 1}}),
        word("STG_off", {{"Xt", 1}, {"Xn", 1}, {"imm9", 0}}),
        word("STR_x_imm_unsigned", {{"Rt", 3}, {"Rn", 1}, {"imm12", 8}}),
        word("LDR_x_imm_unsigned", {{"Rt", 4}, {"Rn", 1}, {"imm12", 0}}),
        word("STG_off", {{"Xt", 2}, {"Xn", 2}, {"imm9", 0}}),
        word("LDR_x_imm_unsigned", {{"Rt", 5}, {"Rn", 2}, {"imm12", 0}}),
        word("LDG", {{"Xt", 0}, {"Xn", 1}, {"imm9", 0}}),
        word("SUBP", {{"Xd", 6}, {"Xn", 2}, {"Xm", 1}}),
        word("B", {{"imm26", -36}}),
    };
    loop.state.x[0] = ARENA_TAGGED_VA;
    loop.state.windows.resize(1);
    loop.state.windows[0].pa = ARENA_PA;
    return loop;
}

double cpu_seconds() {
    timespec time{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

/// Processor seconds for one unit of work; `work` returns how many units it did.
double cost_of(double seconds, const std::function<std::uint64_t()>& work) {
    work(); // warm
    const double start = cpu_seconds();
    std::uint64_t units = 0;
    double spent = 0;
    do {
        units += work();
        spent = cpu_seconds() - start;
    } while (spent < seconds);
    return spent / static_cast<double>(units);
}

std::vector<Test> tests_for(const Profile& profile) {
    const auto generator = make_random_generator(profile);
    std::vector<Test> tests;
    Test test;
    for (std::uint64_t index = 0; tests.size() < kTests; ++index) {
        generator->generate(kSeed, 0, index, test);
        if (test.sequence.code.size() == kInstructions) tests.push_back(test);
    }
    return tests;
}

double microseconds(double seconds) { return seconds * 1e6; }

} // namespace

std::vector<BenchRow> bench_model(double seconds) {
    const Case loop = mte_loop();
    Oracle<model::ConcreteMachine> oracle(features_of(model_profile()));
    oracle.load(loop.sequence);
    const double cost = cost_of(seconds, [&]() -> std::uint64_t {
        oracle.install(loop.state);
        oracle.machine().choices.start({});
        const model::RunResult result = model::Run(oracle.machine(), oracle.program(), kModelSteps);
        if (result.status != model::RunStatus::runaway)
            throw std::logic_error("the loop of the benchmark ended by itself");
        return result.steps;
    });
    return {
        {"model", 1e-6 / cost, "M instructions/s", "concrete model, loop of tag instructions and checked accesses"}};
}

std::vector<BenchRow> bench_target(Target& target, double seconds, unsigned processes) {
    const Profile& profile = target.probe();
    const std::vector<Test> tests = tests_for(profile);
    const auto cases = [](const Test& test) { return static_cast<std::uint64_t>(test.states.size()); };

    const auto generator = make_random_generator(profile);
    std::uint64_t index = 0;
    Test scratch;
    const double generate = cost_of(kSlice, [&] {
        generator->generate(kSeed, 1, index++, scratch);
        return cases(scratch);
    });
    Judge judge(profile);
    std::size_t at = 0;
    const double model = cost_of(kSlice, [&] {
        const Test& test = tests[at++ % tests.size()];
        judge.load(test.sequence);
        for (const State& state : test.states) judge.expect(state);
        return cases(test);
    });
    std::vector<std::vector<Expectation>> expected;
    for (const Test& test : tests) {
        judge.load(test.sequence);
        auto& expectations = expected.emplace_back();
        for (const State& state : test.states) expectations.push_back(judge.expect(state));
    }
    at = 0;
    std::uint64_t differ = 0;
    const double compare = cost_of(kSlice, [&] {
        const auto& expectations = expected[at++ % expected.size()];
        for (const Expectation& expectation : expectations)
            differ += agrees(expectation, expectation.outcome) ? 0U : 1U;
        return static_cast<std::uint64_t>(expectations.size());
    });
    if (differ != 0) throw std::logic_error("an expectation does not agree with itself");
    const TargetBenchmark measured = benchmark(target, tests, seconds, processes);
    const double transport = measured.shared_sequences.host_cpu_microseconds_per_case();
    const double host = microseconds(generate + compare) + transport;
    const double target_cpu = measured.shared_sequences.target_cpu_microseconds_per_case();
    const double naive_cpu = measured.process_per_case.target_cpu_microseconds_per_case();
    return {
        {"generate", microseconds(generate), "us/case",
         "host: configuration, code, states, and the model's run that checks them"},
        {"model", microseconds(model), "us/case", "host: the model's run of a case, part of generating it"},
        {"compare", microseconds(compare), "us/case", "host: comparison with an outcome that agrees"},
        {"encode, decode", transport, "us/case", "host: to the target and back"},
        {"host", host, "us/case", "sum of the work of the host"},
        {"target, shared", target_cpu, "us CPU/case", "8 instructions, 16 states a sequence"},
        {"", measured.shared_sequences.cases_per_target_cpu_second(), "cases/CPU s",
         "the same, for each second of the target's processor time"},
        {"", measured.shared_sequences.cases_per_wall_second(), "cases/s", "the same, by the clock"},
        {"target, all new", measured.new_sequences.target_cpu_microseconds_per_case(), "us CPU/case",
         "8 instructions, every sequence new"},
        {"", measured.new_sequences.cases_per_target_cpu_second(), "cases/CPU s",
         "the same, for each second of the target's processor time"},
        {"target, naive", naive_cpu, "us CPU/case", "a process for every case"},
        {"gain", naive_cpu / target_cpu, "times", "shared sequences over a process for every case"},
        {"host / target", host / target_cpu, "ratio", "at most 0.25: a campaign is limited by the target"},
    };
}

std::string to_text(const std::vector<BenchRow>& rows) {
    std::string text;
    for (const BenchRow& row : rows) {
        std::string line = row.name;
        line.resize(18, ' ');
        std::string value = std::to_string(row.value);
        value.resize(value.find('.') + (row.value < 100 ? 3 : 0));
        line.append(value.size() < 12 ? 12 - value.size() : 0, ' ');
        line += value + " " + row.unit;
        line.resize(std::max<std::size_t>(line.size() + 1, 50), ' ');
        text += line + row.what + "\n";
    }
    return text;
}

OrderedJson to_json(const std::vector<BenchRow>& rows) {
    OrderedJson list = OrderedJson::array();
    std::string name;
    for (const BenchRow& row : rows) {
        if (!row.name.empty()) name = row.name;
        list.push_back({{"name", name}, {"value", row.value}, {"unit", row.unit}, {"what", row.what}});
    }
    return {{"schema", kBenchSchema}, {"rows", list}};
}

} // namespace mtecheck::difftest
