// SPDX-License-Identifier: Apache-2.0
//
// A campaign loses nothing and ends with the same report, whatever happens to its process on the way.
#include <catch2/catch_test_macros.hpp>
#include <chrono>
#include <csignal>
#include <thread>

#include "difftest/core/json.h"
#include "difftest/generate/random.h"
#include "tests/difftest/cli/child_process.h"
#include "tests/difftest/scratch.h"

namespace mtecheck::difftest {
namespace {

constexpr const char* kTarget = "model:tco_not_set_on_exception+stg_no_alignment_fault";
constexpr const char* kCases = "60000";

nlohmann::json report_of(const std::filesystem::path& directory) {
    const std::string file = (directory / "report.json").string();
    nlohmann::json report = parse_json(read_file(file), file);
    report.erase("times");
    return report;
}

nlohmann::json undisturbed() {
    static const nlohmann::json report = [] {
        const auto directory = scratch_path("undisturbed");
        REQUIRE(mtecheck({"campaign", "--target", kTarget, "--cases", kCases, "--output", directory.string()}).status ==
                1);
        return report_of(directory);
    }();
    return report;
}

void pause(unsigned milliseconds) { std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds)); }

TEST_CASE("kill -9 at any moment, again and again", "[slow]") {
    const auto directory = scratch_path("killed");
    Random random(1, 0, 0);
    std::vector<std::string> arguments = {"campaign", "--target", kTarget,           "--cases",
                                          kCases,     "--output", directory.string()};
    for (int round = 0; round < 12; ++round) {
        ChildProcess child(arguments);
        pause(random.below(400));
        child.signal(SIGKILL);
        child.wait();
        if (std::filesystem::exists(directory / "campaign.json"))
            arguments = {"campaign", "--resume", directory.string()};
    }
    CHECK(mtecheck(arguments).status == 1);
    CHECK(report_of(directory) == undisturbed());
}

TEST_CASE("Ctrl-C writes a checkpoint and says how to go on", "[slow]") {
    const auto directory = scratch_path("interrupted-process");
    ChildProcess child({"campaign", "--target", kTarget, "--cases", "100000000", "--output", directory.string()});
    while (!std::filesystem::exists(directory / "checkpoint.json")) pause(20);
    child.signal(SIGINT);
    const Ended ended = child.wait();
    CHECK(ended.status == 130);
    CHECK(ended.err.find("--resume " + directory.string()) != std::string::npos);
    ChildProcess resumed({"campaign", "--resume", directory.string()});
    pause(300);
    resumed.signal(SIGINT);
    CHECK(resumed.wait().status == 130);
}

TEST_CASE("a full disk is one clear line, and the campaign can go on", "[slow]") {
    const auto directory = scratch_path("full");
    // Findings still fit; the checkpoint does not.
    const Ended ended =
        ChildProcess({"campaign", "--target", kTarget, "--cases", kCases, "--output", directory.string()}, 12000)
            .wait();
    INFO(ended.err);
    CHECK(ended.status == 2);
    CHECK(ended.err.find("make room") != std::string::npos);
    CHECK(mtecheck({"campaign", "--resume", directory.string()}).status == 1);
    CHECK(report_of(directory) == undisturbed());
}

TEST_CASE("two campaigns do not share a directory") {
    const auto directory = scratch_path("shared");
    ChildProcess child({"campaign", "--target", kTarget, "--cases", "100000000", "--output", directory.string()});
    while (!std::filesystem::exists(directory / "checkpoint.json")) pause(20);
    const Ended second = mtecheck({"campaign", "--resume", directory.string()});
    CHECK(second.status == 2);
    CHECK(second.err.find("another mtecheck") != std::string::npos);
    child.signal(SIGKILL);
    child.wait();
}

} // namespace
} // namespace mtecheck::difftest
