// SPDX-License-Identifier: Apache-2.0
//
// How fast traces are read and judged: a loop of a process, in which four of five instructions are of MTE.
#include <memory>
#include <stdexcept>

#include "difftest/bench/bench.h"
#include "difftest/bench/cpu_clock.h"
#include "difftest/core/json_reader.h"
#include "difftest/trace/json_lines.h"
#include "difftest/trace/report.h"
#include "difftest/trace/tarmac.h"

namespace mtecheck::difftest {
namespace {

constexpr std::uint64_t kPc = 0x1000;
constexpr unsigned kRecords = 100000;

/// One instruction, in both formats, and what it reads and writes.
struct Sample {
    std::uint32_t opcode;
    const char* json;
    const char* tarmac;
};

constexpr Sample kLoop[] = {
    {0xd9200821, "", ""}, // stg x1, [x1]
    {0xd9600022, R"(,"after":{"x2":"0x500000000000000"})", "R X2 0500000000000000\n"},
    {0xf9400023,
     R"(,"after":{"x3":"0x77"},"memory":[{"op":"read","va":"0x500000000100000","data":"7700000000000000"}])",
     "MR8 0500000000100000:000000100000 00000000_00000077\n1 clk R X3 0000000000000077\n"},
    {0x91801401, R"(,"after":{"x1":"0x500000000100000"})", "R X1 0500000000100000\n"}, // addg x1, x0, #0, #5
    {0x8b020063, R"(,"after":{"x3":"0x78"})", "R X3 0000000000000078\n"},              // add x3, x3, x2
};

std::string json_lines() {
    std::string text = R"({"schema":"mtecheck-trace/1","complete":true})"
                       "\n";
    for (unsigned i = 0; i < kRecords; ++i) {
        const Sample& sample = kLoop[i % std::size(kLoop)];
        text += "{\"pc\":\"" + hex_text(kPc + 4 * i) + "\",\"op\":\"" + hex_text(sample.opcode) + "\"" + sample.json +
                "}\n";
    }
    return text;
}

std::string tarmac() {
    std::string text;
    for (unsigned i = 0; i < kRecords; ++i) {
        const Sample& sample = kLoop[i % std::size(kLoop)];
        text += "1 clk IT (1) " + hex_text(kPc + 4 * i, 16).substr(2) + " " + hex_text(sample.opcode, 8).substr(2) +
                " O EL0t_n : text\n";
        if (*sample.tarmac != '\0') text += std::string("1 clk ") + sample.tarmac;
    }
    return text;
}

LockstepSettings settings() {
    LockstepSettings result;
    for (const spec::Feature feature : {spec::Feature::FEAT_MTE, spec::Feature::FEAT_MTE2})
        result.features.add(feature);
    result.memory = MemoryIs::tagged;
    const auto set = [&](const char* name, std::uint64_t value) {
        result.registers.push_back({RegisterId::named(name).value(), value});
    };
    // M, C, ATA0, synchronous; 48 bits, TBI.
    set("SCTLR_EL1", 0x44000000005);
    set("TCR_EL1", 0x6000100010);
    set("GCR_EL1", 0);
    set("pstate", 0);
    set("x0", 0x100000);
    set("x1", 0x500000000100000);
    set("x2", 0);
    return result;
}

template <class Reader>
BenchRow row(const std::string& text, double seconds, const char* what) {
    const double start = cpu_seconds();
    std::uint64_t records = 0;
    double spent = 0;
    do {
        Reader reader(std::make_unique<LineReader>("bench", text));
        const TraceResult result = judge_trace(reader, settings());
        if (result.judged.agreed == 0) throw std::logic_error("the trace of the benchmark does not agree");
        records += result.records;
        spent = cpu_seconds() - start;
    } while (spent < seconds);
    return {"trace", static_cast<double>(records) / spent / 1e6, "M records/s", what};
}

} // namespace

std::vector<BenchRow> bench_traces(double seconds) {
    return {
        row<JsonLinesReader>(json_lines(), seconds, "JSON Lines read and judged, 4 of 5 instructions of MTE, one core"),
        row<TarmacReader>(tarmac(), seconds, "the same as Tarmac")};
}

} // namespace mtecheck::difftest
