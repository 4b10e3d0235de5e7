// SPDX-License-Identifier: Apache-2.0
//
// mtecheck record, replay of a record, and agent.
#include <catch2/catch_test_macros.hpp>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "tests/difftest/cli/child_process.h"
#include "tests/difftest/scratch.h"

namespace mtecheck::difftest {
namespace {

std::string contents(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    std::ostringstream all;
    all << in.rdbuf();
    return all.str();
}

/// What a report says without its times, and without the name of its target.
nlohmann::json report_in(const std::filesystem::path& directory) {
    nlohmann::json report = nlohmann::json::parse(contents(directory / "report.json"));
    report.erase("times");
    report.at("target").erase("name");
    for (auto& finding : report.at("findings")) finding.erase("target");
    return report;
}

} // namespace

TEST_CASE("a record is judged as the campaign that it is of was") {
    const auto directory = scratch_directory("cli-record");
    const std::string file = (directory / "mutant.record").string();
    const Ended live = mtecheck(
        {"record", "--target", "model:stg_zeroes_data", "--cases", "2000", "--output", file, "--workers", "1"});
    INFO(live.err);
    REQUIRE(live.status == 1);
    CHECK(live.out.find("record: " + file) != std::string::npos);

    const auto before = std::filesystem::current_path();
    std::filesystem::current_path(directory); // the replay's campaign goes to mtecheck-out there
    const Ended judged = mtecheck({"replay", file, "--workers", "1"});
    const std::filesystem::path replayed = directory / "mtecheck-out" / "replay-0001";
    std::filesystem::current_path(before);
    INFO(judged.err);
    CHECK(judged.status == 1);
    CHECK(report_in(replayed) == report_in(file + ".campaign"));

    const std::string whole = contents(file);
    std::ofstream(directory / "cut.record", std::ios::binary) << whole.substr(0, whole.size() - 1);
    std::filesystem::current_path(directory);
    const Ended cut = mtecheck({"replay", "cut.record"});
    std::filesystem::current_path(before);
    CHECK(cut.err.find("cut off or damaged") != std::string::npos);
    std::ofstream(directory / "none.record") << "nothing of the kind";
    CHECK(mtecheck({"replay", (directory / "none.record").string()}).status == 2);
    CHECK(mtecheck({"record", "--target", "model", "--output", (directory / "name").string()}).status == 2);
    CHECK(mtecheck({"record", "--target", "model"}).status == 2);
}

TEST_CASE("the agent is a program for arm64 Linux") {
    const auto directory = scratch_directory("cli-agent");
    const auto file = directory / "mte-agent";
    CHECK(mtecheck({"agent", "--output", file.string()}).status == 0);
    const std::string program = contents(file);
    REQUIRE(program.size() > 64);
    CHECK(program.starts_with("\x7f"
                              "ELF"));
    CHECK(program[18] == static_cast<char>(0xb7)); // EM_AARCH64
    CHECK((std::filesystem::status(file).permissions() & std::filesystem::perms::owner_exec) !=
          std::filesystem::perms::none);
    CHECK(mtecheck({"agent"}).status == 2);
}

} // namespace mtecheck::difftest
