// SPDX-License-Identifier: Apache-2.0
//
// mtecheck reproduce: findings and cases as assembly files that need nothing of this project.
#include <filesystem>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>

#include "difftest/cli/verbs.h"
#include "difftest/core/error.h"
#include "difftest/core/json.h"
#include "difftest/findings/files.h"
#include "difftest/reproduce/reproduce.h"

namespace mtecheck::difftest {
namespace {

constexpr const char* kText =
    "Turns the shortest case of a finding, or a case, into one assembly file: start code, translation tables, "
    "vectors,\n"
    "the code, and a comparison with what Arm's pseudocode says, for bare metal; of a Linux process (qemu-user) a "
    "static\n"
    "program with its own system calls and signal handler. Its comments have the commands to assemble and to run it.\n"
    "Run, it ends with exit status 0 if what the architecture says was seen, and with 1 if not: then it prints what\n"
    "differs; with 2 if it could not be set up, or took an exception that is not the code's. Reduce a finding first\n"
    "(`mtecheck shrink`).\n\n"
    "exit status: 0 written; 2 could not: it cannot be set up so, or nothing certain can be checked\n";

} // namespace

int run_reproduce(std::span<char* const> arguments) {
    Options options("reproduce", "FILE... [OPTION...]", kText);
    options.value(
        "target", "TARGET",
        "whose features are expected (default: the target of the finding; of a case qemu-system or qemu-user)");
    options.value("output", "DIRECTORY", "where the files go (default: standard output)");
    declare_defects(options);
    options.positional(1, 100000);
    if (!options.parse(arguments)) return kAgree;
    const std::vector<Defect> defects = known_defects(options);
    std::map<std::string, Profile> profiles;
    if (options.given("output")) make_directory(options.get("output"));
    for (const std::string& file : options.arguments()) {
        const nlohmann::json document = parse_json(read_file(file), file);
        const JsonPlace place(document, file);
        const bool observed = is_finding(place.member("schema").text());
        Finding finding;
        if (observed) {
            finding = finding_from_json(place);
        } else {
            finding.original = case_from_json(place);
            const bool process = finding.original.sequence.layout == LayoutId::process;
            finding.target = process ? "qemu-user" : "qemu-system";
        }
        if (options.given("target")) finding.target = options.get("target");
        auto profile = profiles.find(finding.target);
        if (profile == profiles.end())
            profile = profiles.emplace(finding.target, make_target(finding.target)->probe()).first;
        const std::string name = std::filesystem::path(file).stem().string();
        const std::string text = reproducer(finding, name, observed, profile->second, defects);
        if (!options.given("output")) {
            std::cout << text;
            continue;
        }
        const std::filesystem::path path = std::filesystem::path(options.get("output")) / (name + ".s");
        write_durably(path, text);
        std::cout << path.string() << "\n";
    }
    return kAgree;
}

} // namespace mtecheck::difftest
