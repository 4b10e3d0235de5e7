// SPDX-License-Identifier: Apache-2.0
//
// mtecheck shrink: findings and cases, reduced to what matters.
#include <filesystem>
#include <iostream>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>

#include "difftest/cli/verbs.h"
#include "difftest/core/error.h"
#include "difftest/core/json.h"
#include "difftest/findings/files.h"
#include "difftest/shrink/shrink_file.h"

namespace mtecheck::difftest {
namespace {

constexpr const char* kText =
    "Reduces the case of each finding as long as it diverges for the same cause: drops instructions, then brings\n"
    "configuration, memory, tags, registers, addresses and operands towards a plain default, each step run on the\n"
    "target and on the model. The finding keeps its original case, and gets the reduced one as its shortest.\n\n"
    "Ctrl-C keeps the best so far. FINDING.shrink beside the file says how far it is; run again, it goes on there,\n"
    "also after kill -9.\n\n"
    "exit status: 0 each finding was reduced as far as it goes; 1 one does not show alone on this target, or --runs\n"
    "was too few; 2 could not run; 130 interrupted\n";

struct Bench {
    Bench(const std::string& name, const std::vector<Defect>& defects)
        : target(make_target(name)), examiner(target->probe(), defects_of(defects, target->probe())) {}
    std::unique_ptr<Target> target;
    Examiner examiner;
};

std::string size_text(const Case& value) {
    const std::size_t size = value.sequence.code.size();
    return std::to_string(size) + (size == 1 ? " instruction" : " instructions");
}

} // namespace

int run_shrink(std::span<char* const> arguments) {
    Options options("shrink", "FINDING... [OPTION...]", kText);
    options.value("target", "TARGET", "what to run on (default: the target of each finding)");
    options.value("output", "DIRECTORY", "where reduced findings go (default: they replace the old ones)");
    options.value("runs", "N", "give the target at most about so many cases for each finding",
                  std::to_string(kShrinkRuns));
    options.flag("quiet", "do not print the reduced findings");
    declare_defects(options);
    options.positional(1, 100000);
    if (!options.parse(arguments)) return kAgree;

    ShrinkSetup setup;
    setup.runs = options.number("runs", 1, std::uint64_t{1} << 40U);
    const std::atomic<bool>& interrupted = interrupted_by_signals();
    setup.interrupt = &interrupted;
    const std::vector<Defect> defects = known_defects(options);
    std::map<std::string, std::unique_ptr<Bench>> benches;
    if (options.given("output")) make_directory(options.get("output"));
    int status = kAgree;
    for (const std::string& name : options.arguments()) {
        const std::filesystem::path from(name);
        Finding finding = read_finding(from);
        const std::filesystem::path to =
            options.given("output") ? std::filesystem::path(options.get("output")) / from.filename() : from;
        const std::string before_target = finding.target;
        if (options.given("target")) finding.target = options.get("target");
        auto& bench = benches[finding.target];
        if (!bench) bench = std::make_unique<Bench>(finding.target, defects);
        const std::string version = bench->target->probe().version;
        const bool other_target = before_target != finding.target || version != finding.version;
        finding.version = version;
        if (finding.shrunk && finding.shrunk->minimal && !other_target && !std::filesystem::exists(progress_file(to))) {
            write_durably(to, dump(to_json(finding)));
            std::cout << to.string() << ": nothing more can be left out\n";
            continue;
        }
        const Case before = finding.shown();
        const ShrinkEnd end = shrink_to_file(finding, to, bench->examiner, *bench->target, setup);
        const std::uint64_t runs = finding.shrunk ? finding.shrunk->runs : 0;
        std::cout << to.string() << ": ";
        switch (end) {
        case ShrinkEnd::minimal:
            std::cout << size_text(before) << " to " << size_text(finding.shown()) << " in " << runs << " runs\n";
            break;
        case ShrinkEnd::out_of_runs:
            std::cout << size_text(before) << " to " << size_text(finding.shown()) << ", then out of runs\n";
            status = kDiverge;
            break;
        case ShrinkEnd::interrupted:
            std::cout << size_text(before) << " to " << size_text(finding.shown())
                      << ", then interrupted: run it again to go on\n";
            return kInterrupted;
        case ShrinkEnd::not_reproduced:
            std::cout << "does not show alone on " << finding.target << "; left as it was\n";
            status = kDiverge;
            continue;
        }
        if (!options.given("quiet")) std::cout << describe(finding, to.string());
    }
    return status;
}

} // namespace mtecheck::difftest
