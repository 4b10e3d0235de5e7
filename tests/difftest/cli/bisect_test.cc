// SPDX-License-Identifier: Apache-2.0
//
// `mtecheck replay` under `git bisect run`, in a repository whose commits are versions of an implementation.
#include <catch2/catch_test_macros.hpp>
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>

#include "difftest/core/json.h"
#include "tests/difftest/cli/child_process.h"
#include "tests/difftest/scratch.h"
#include "tests/places.h"

namespace mtecheck::difftest {
namespace {

constexpr const char* kFault = "model:tco_not_set_on_exception";

/// The first finding of a campaign on the model with a fault.
std::string some_finding(const std::string& name) {
    const auto directory = scratch_path(name);
    const Ended campaign = mtecheck({"campaign", "--target", kFault, "--cases", "4096", "--paths", "none",
                                     "--max-groups", "4", "--output", directory.string()});
    REQUIRE(campaign.status == 1);
    return std::filesystem::directory_iterator(directory / "findings")->path().string();
}

TEST_CASE("replay says what git bisect run wants to know") {
    const std::string finding = some_finding("replay-status");
    CHECK(mtecheck({"replay", finding, "--target", "model"}).status == 0);
    CHECK(mtecheck({"replay", finding, "--target", kFault}).status == 1);

    // Another fault at the same place: neither good nor bad.
    const nlohmann::json document = nlohmann::json::parse(read_file(finding));
    nlohmann::json other = document;
    other["differences"][0]["field"] = "x30";
    const auto file = scratch_directory("replay-otherwise") / "finding.json";
    std::ofstream(file) << other.dump();
    const Ended otherwise = mtecheck({"replay", file.string(), "--target", kFault});
    CHECK(otherwise.status == 125);
    CHECK(otherwise.out.find("not as the finding says") != std::string::npos);

    const Ended absent = mtecheck({"replay", finding, "--target", "qemu-system:/no/such/qemu"});
    CHECK(absent.status == 125);
    CHECK(absent.err.find("cannot be tested: /no/such/qemu") != std::string::npos);
    // It starts, and is no QEMU.
    CHECK(mtecheck({"replay", finding, "--target", "qemu-system:/bin/false"}).status == 125);
    // A mistake in the command is no statement about a commit.
    CHECK(mtecheck({"replay", finding, "--target", "toaster"}).status == 2);
    CHECK(mtecheck({"replay", "/no/such/finding", "--target", "model"}).status == 2);
}

TEST_CASE("git bisect run finds the commit that broke the target, around one that cannot be tested") {
    if (std::system("git --version > /dev/null 2>&1") != 0) SKIP("there is no git");
    const std::string finding = some_finding("bisect-finding");
    const auto repository = scratch_directory("bisect");
    const auto script = repository.string() + ".sh";
    std::ofstream(script) << "set -e\n"
                          << "cd '" << repository.string() << "'\n"
                          << "export GIT_CONFIG_GLOBAL=/dev/null GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@b.invalid "
                             "GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@b.invalid\n"
                          << "git init -q .\n"
                          << "add() { echo \"$2\" > target; git add target; git commit -q --allow-empty -m \"$1\"; }\n"
                          << "add one model\nadd two model\nadd three model\n"
                          << "add unbuildable qemu-system:/no/such/qemu\n"
                          << "add culprit '" << kFault << "'\n"
                          << "add six '" << kFault << "'\nadd seven '" << kFault << "'\n"
                          << "git bisect start HEAD HEAD~6 > log 2>&1\n"
                          << "git bisect run sh -c '" << mtecheck::places::build() << "/mtecheck replay " << finding
                          << " --target \"$(cat target)\"' >> log 2>&1 || true\n"
                          << "git bisect log >> log\n";
    REQUIRE(std::system(("sh '" + script + "'").c_str()) == 0);
    const std::string log = read_file(repository / "log");
    INFO(log);
    // The one that cannot be tested comes right before the culprit: git names both as what is left.
    CHECK(log.find("# bad: ") != std::string::npos);
    CHECK(log.find("# skip: ") != std::string::npos);
    CHECK(log.find("] culprit") != std::string::npos);
    CHECK(log.find("possible first bad commit: ") != std::string::npos);
    CHECK(log.find("# good: ") != std::string::npos);
    CHECK(log.find("] three") != std::string::npos);
}

} // namespace
} // namespace mtecheck::difftest
