// SPDX-License-Identifier: Apache-2.0
//
// mtecheck trace: judges what an implementation was recorded doing.
#include <algorithm>
#include <array>
#include <iostream>
#include <nlohmann/json.hpp>

#include "difftest/cli/verbs.h"
#include "difftest/core/error.h"
#include "difftest/core/json.h"
#include "difftest/judge/features.h"
#include "difftest/judge/judge.h"
#include "difftest/trace/json_lines.h"
#include "difftest/trace/report.h"
#include "difftest/trace/tarmac.h"

namespace mtecheck::difftest {
namespace {

constexpr const char* kText =
    "Reads a trace of executed instructions, runs those of MTE on the model from the recorded state, and compares.\n"
    "Everything else is adopted. What the trace does not tell (a register that was not seen yet, which memory is\n"
    "Tagged) makes an item unknown, never a pass; tags are learnt from what it does tell.\n\n"
    "  mtecheck trace run.jsonl\n"
    "  mtecheck trace --registers TCO=0x0 fvp.tarmac\n"
    "  mtecheck trace --memory tagged --json run.jsonl > report.json\n\n"
    "FILE may be - for standard input. Lines that cannot be read are skipped and counted.\n\n"
    "exit status: 0 all that was judged agrees or is unknown; 1 something diverges; 2 could not run, or this is no\n"
    "trace; 125 nothing in the trace could be judged\n";
constexpr std::array<std::string_view, 3> kFormats{"auto", "jsonl", "tarmac"};
constexpr std::array<std::string_view, 3> kMemory{"learn", "tagged", "untagged"};
constexpr std::uint64_t kMostPages = std::uint64_t{1} << 32;
constexpr std::uint64_t kMostFaults = 100000;

std::vector<std::string> words(const std::string& list) {
    std::vector<std::string> result;
    for (std::size_t at = 0; at < list.size();) {
        const std::size_t end = std::min(list.find(',', at), list.size());
        result.push_back(list.substr(at, end - at));
        at = end + 1;
    }
    return result;
}

model::FeatureSet features_listed(const std::string& list) {
    model::FeatureSet result;
    const auto all = spec::features();
    for (const std::string& name : words(list)) {
        const auto found =
            std::find_if(all.begin(), all.end(), [&](const spec::FeatureInfo& info) { return info.id == name; });
        if (found == all.end()) throw UsageError("mtecheck trace: --features: the model knows no feature " + name);
        result.add(found->value);
        for (const spec::Feature implied : found->closure) result.add(implied);
    }
    return result;
}

/// "SCTLR_EL1=0x1,..."
std::vector<RegisterValue> registers_listed(const std::string& list) {
    std::vector<RegisterValue> result;
    for (const std::string& item : words(list)) {
        const std::size_t equals = item.find('=');
        const auto id = RegisterId::named(item.substr(0, equals));
        std::size_t used = 0;
        std::uint64_t value = 0;
        try {
            if (equals != std::string::npos) value = std::stoull(item.substr(equals + 1), &used, 0);
        } catch (const std::exception&) {
            used = 0;
        }
        if (!id || equals == std::string::npos || used == 0 || equals + 1 + used != item.size())
            throw UsageError("mtecheck trace: --registers: '" + item + "' is not REGISTER=VALUE");
        result.push_back({*id, value});
    }
    return result;
}

std::vector<std::string> names(const model::FeatureSet& features) {
    std::vector<std::string> result;
    for (const spec::FeatureInfo& info : spec::features()) {
        if (features.has(info.value)) result.emplace_back(info.id);
    }
    return result;
}

} // namespace

int run_trace(std::span<char* const> arguments) {
    Options options("trace", "[OPTION...] FILE", kText);
    options.value("format", "FORMAT", "jsonl (mtecheck-trace/1), tarmac, or auto: by how the file begins", "auto");
    options.value("features", "LIST",
                  "what the implementation has, as FEAT_ names with commas; default: what the "
                  "trace says, or else all that the model knows");
    options.value("registers", "LIST", "what registers hold at the beginning: NAME=VALUE,...");
    options.value(
        "memory", "WHAT",
        "tagged or untagged: all of it, where the trace does not show otherwise; learn: not known until shown",
        "learn");
    options.value("tag-pages", "N", "of how many pages tags are kept; beyond that all are forgotten", "262144");
    options.value("faults", "N", "explain the first N Tag Check Faults that the model agrees with: tags, and decisions",
                  "0");
    options.flag("json", "print JSON (mtecheck-trace-report/1)");
    options.positional(1, 1);
    if (!options.parse(arguments)) return kAgree;

    std::optional<model::FeatureSet> features;
    if (options.given("features")) features = features_listed(options.get("features"));
    const std::vector<RegisterValue> registers = registers_listed(options.get("registers"));

    TraceReport report;
    report.trace = options.arguments().front();
    report.format = options.choice("format", kFormats);
    report.memory = options.choice("memory", kMemory);
    auto lines = std::make_unique<LineReader>(report.trace);
    const LineReader& file = *lines;
    if (report.format == "auto") report.format = lines->peek() == '{' ? "jsonl" : "tarmac";
    std::unique_ptr<TraceReader> reader;
    if (report.format == "tarmac") {
        reader = std::make_unique<TarmacReader>(std::move(lines));
    } else {
        reader = std::make_unique<JsonLinesReader>(std::move(lines));
    }

    const TraceHeader& header = reader->header();
    LockstepSettings settings;
    settings.features = features ? *features : header.features.value_or(features_of(model_profile()));
    settings.complete = header.complete;
    settings.only_user = header.only_user;
    settings.registers = header.registers;
    settings.registers.insert(settings.registers.end(), registers.begin(), registers.end());
    settings.memory = report.memory == "tagged"     ? MemoryIs::tagged
                      : report.memory == "untagged" ? MemoryIs::untagged
                                                    : MemoryIs::not_known;
    settings.most_pages = options.number("tag-pages", 1, kMostPages);
    settings.most_faults = options.number("faults", 0, kMostFaults);

    report.producer = header.producer;
    report.features = names(settings.features);
    report.result = judge_trace(*reader, settings);
    report.lines_skipped = reader->skipped();
    report.first_skipped = reader->first_skipped();
    report.cut = file.unterminated();
    std::cout << (options.given("json") ? dump(to_json(report)) : to_text(report));
    if (report.result.judged.diverged != 0) return kDiverge;
    return report.result.judged.agreed == 0 ? kUntestable : kAgree;
}

} // namespace mtecheck::difftest
