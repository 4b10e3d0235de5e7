// SPDX-License-Identifier: Apache-2.0
#include "difftest/bench/bench.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <functional>
#include <initializer_list>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "difftest/bench/cpu_clock.h"
#include "difftest/core/compare.h"
#include "difftest/core/fetch_ahead.h"
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
constexpr std::size_t kTests = 256; // as many as a unit of a campaign
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

/// Sequences of the length that is measured.
std::vector<Test> tests_for(Generator& generator) {
    std::vector<Test> tests(kTests);
    for (std::uint64_t i = 0, index = 0; i < kTests; ++index) {
        generator.generate(kSeed, 0, index, tests[i]);
        if (tests[i].sequence.code.size() == kInstructions) ++i;
    }
    return tests;
}

/// What a worker of a campaign does: while the target runs one part of the tests, the next one is generated, with what
/// is expected of it; then the outcomes are compared. Sequences of other lengths are generated, too, and not run.
class Worker final : public TestSource, public OutcomeSink {
  public:
    explicit Worker(Generator& generator) : generator_(generator) {}

    std::span<const Test> next() override {
        if (number_ * kPartSequences == kTests) return {};
        const bool timed = ++asked_ % kTimed == 0;
        const double start = timed ? cpu_seconds() : 0;
        const std::uint64_t before = generated_;
        const Part& last = parts_[(number_ + kKept - 1) % kKept];
        Part& part = parts_[number_ % kKept];
        part.first = number_++ == 0 ? 0 : last.first + last.size;
        part.size = 0;
        while (part.size == 0) generate(part);
        if (timed) {
            seconds_ += cpu_seconds() - start;
            timed_ += generated_ - before;
        }
        return std::span(part.tests).first(part.size);
    }
    void take(std::size_t test, std::size_t state, const OutcomeView& outcome) override {
        std::size_t number = number_ - 1;
        while (test < parts_[number % kKept].first) --number;
        const Part& part = parts_[number % kKept];
        const std::vector<Expectation>& expectations = part.expectations[test - part.first];
        if (state + 2 < expectations.size()) fetch_ahead<Use::read>(expectations[state + 2]);
        differ_ += agrees(expectations[state], outcome) ? 0U : 1U;
    }

    void run(Target& target) {
        number_ = 0;
        target.stream(*this, *this);
    }
    /// Starts to count anew.
    void forget() {
        generated_ = 0;
        timed_ = 0;
        seconds_ = 0;
    }
    double seconds_per_case() const { return seconds_ / static_cast<double>(timed_); }
    double seconds() const { return seconds_per_case() * static_cast<double>(generated_); }

  private:
    struct Part {
        std::vector<Test> tests{kPartSequences};
        std::vector<std::vector<Expectation>> expectations{kPartSequences};
        std::size_t first = 0; // number of its first test in the stream
        std::size_t size = 0;  // tests that are run
    };

    void generate(Part& part) {
        generator_.generate(kSeed, 0, index_, part.tests, part.expectations);
        index_ += kPartSequences;
        for (std::size_t i = 0; i < kPartSequences; ++i) {
            generated_ += part.tests[i].states.size();
            if (part.tests[i].sequence.code.size() != kInstructions) continue;
            std::swap(part.tests[i], part.tests[part.size]);
            std::swap(part.expectations[i], part.expectations[part.size++]);
        }
    }

    Generator& generator_;
    std::uint64_t index_ = 0;
    Part parts_[kKept]; // the last ones, by turns
    std::size_t number_ = 0;
    /// One part in so many is timed: to ask for processor time takes system calls. Over several streams that is each
    /// part of a batch and of a stream as often as the others; they find other things in the caches.
    static constexpr std::size_t kTimed = 5;
    static_assert(kTests / kPartSequences % kTimed != 0 && kKept / 2 % kTimed != 0);
    std::uint64_t asked_ = 0; // parts, of all streams
    std::uint64_t generated_ = 0;
    std::uint64_t timed_ = 0;  // of them
    double seconds_ = 0;       // of generating these
    std::uint64_t differ_ = 0; // so that comparing is not in vain
};

double microseconds(double seconds) { return seconds * 1e6; }

} // namespace

std::vector<BenchRow> bench_model(double seconds) {
    const Case loop = mte_loop();
    Oracle<model::ConcreteMachine> oracle(model_profile());
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
    const auto generator = make_random_generator(profile);
    const std::vector<Test> tests = tests_for(*generator);
    Worker worker(*generator);
    worker.run(target); // first touch of memory, translation of the monitor
    worker.forget();
    const Measurement shared = measure(target, seconds, [&] { worker.run(target); });
    const double generating = microseconds(worker.seconds_per_case());
    const double exchange =
        microseconds((shared.host_cpu_seconds - worker.seconds()) / static_cast<double>(shared.cases));
    const double host = generating + exchange;

    Judge judge(profile);
    std::vector<Expectation> expectations(kStatesPerSequence);
    const double model = cost_of(kSlice, [&] {
        std::uint64_t cases = 0;
        for (const Test& test : tests) {
            judge.load(test.sequence);
            judge.expect(test.states, expectations);
            cases += test.states.size();
        }
        return cases;
    });
    Outcome outcome;
    const double compare = cost_of(kSlice, [&] {
        for (const Expectation& expectation : expectations) {
            outcome = expectation.outcome;
            if (!agrees(expectation, outcome)) throw std::logic_error("an expectation does not agree with itself");
        }
        return expectations.size();
    });
    const TargetBenchmark measured = benchmark(target, tests, seconds, processes);
    const double target_cpu = shared.target_cpu_microseconds_per_case();
    const double naive_cpu = measured.process_per_case.target_cpu_microseconds_per_case();
    return {
        {"generate", generating, "us/case", "host: configuration, code, states, and what the model expects of them"},
        {"model", microseconds(model), "us/case", "host: the model's run of a case, part of generating it"},
        {"exchange", exchange, "us/case", "host: to the target, back, and comparison with what is expected"},
        {"compare", microseconds(compare), "us/case", "host: a copy of an outcome and its comparison, part of that"},
        {"host", host, "us/case", "sum of the work of the host, but for sequences that are not run"},
        {"target, shared", target_cpu, "us CPU/case", "8 instructions, 16 states a sequence"},
        {"", shared.cases_per_target_cpu_second(), "cases/CPU s",
         "the same, for each second of the target's processor time"},
        {"", shared.cases_per_wall_second(), "cases/s", "the same, by the clock"},
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
