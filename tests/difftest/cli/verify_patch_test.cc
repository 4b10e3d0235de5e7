// SPDX-License-Identifier: Apache-2.0
//
// `mtecheck verify-patch` as a process: exit status, files, and two real versions of QEMU.
#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <fstream>

#include "difftest/core/json.h"
#include "spec/schema_validator.h"
#include "tests/difftest/cli/child_process.h"
#include "tests/difftest/schemas.h"
#include "tests/difftest/scratch.h"

namespace mtecheck::difftest {
namespace {

const std::string kFault = "model:subps_flags_carry_wrong";

Ended verify(const std::filesystem::path& directory, const std::vector<std::string>& sides,
             const std::string& cases = "4096") {
    std::vector<std::string> arguments = {"verify-patch", "--paths",    "none", "--output",
                                          directory,      "--progress", "none"};
    if (!cases.empty()) arguments.insert(arguments.end(), {"--cases", cases});
    arguments.insert(arguments.end(), sides.begin(), sides.end());
    return mtecheck(arguments);
}

nlohmann::json verdict_of(const std::filesystem::path& directory) {
    nlohmann::json verdict = nlohmann::json::parse(read_file(directory / "verdict.json"));
    CHECK(spec::validate(published_schema("mtecheck-patch/1"), verdict).empty());
    return verdict;
}

TEST_CASE("verify-patch says by its exit status whether something is introduced") {
    const auto fix = scratch_path("verify-fix");
    const Ended fixed = verify(fix, {"--before", kFault, "--after", "model"});
    CHECK(fixed.status == 0);
    CHECK(fixed.out == read_file(fix / "verdict.md"));
    CHECK(fixed.out.starts_with("**mtecheck: nothing is introduced** (0 introduced, 0 changed, 0 still there, "));
    CHECK(verdict_of(fix)["verdict"] == "not worse");

    const auto broken = scratch_path("verify-break");
    CHECK(verify(broken, {"--before", "model", "--after", kFault}).status == 1);
    const nlohmann::json verdict = verdict_of(broken);
    CHECK(verdict["verdict"] == "worse");
    // A row names the file of its finding, which replay takes.
    const std::string finding = verdict["rows"][0]["file"];
    CHECK(mtecheck({"replay", finding, "--target", kFault}).status == 1);
    CHECK(mtecheck({"replay", finding, "--target", "model"}).status == 0);

    const std::string baseline = (fix / "before").string();
    CHECK(mtecheck({"campaign", "--target", "model", "--cases", "4096", "--paths", "none", "--output",
                    scratch_path("verify-baseline").string()})
              .status == 0);
    const std::string report = (scratch_place("verify-baseline") / "report.json").string();
    const auto stored = scratch_path("verify-stored");
    CHECK(verify(stored, {"--baseline", report, "--after", kFault}, "").status == 1);
    CHECK(verdict_of(stored)["counts"]["introduced"] == verdict["counts"]["introduced"]);
}

/// Runs a campaign; its report.
std::filesystem::path baseline(const std::string& name, const std::vector<std::string>& more) {
    const auto directory = scratch_path(name);
    std::vector<std::string> arguments = {"campaign", "--target", kFault,    "--output", directory,
                                          "--seed",   "7",        "--paths", "none",     "--progress",
                                          "none",     "-j",       "1",       "--cases",  "20000"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const Ended ended = mtecheck(arguments);
    INFO(ended.err);
    REQUIRE(ended.status == 1);
    return directory / "report.json";
}

TEST_CASE("verify-patch runs the cases of the baseline, whatever campaign it was") {
    const auto runs_again = [](const std::filesystem::path& report) {
        const auto directory = scratch_path("verify-again");
        const Ended ended = verify(directory, {"--baseline", report, "--after", kFault}, "");
        INFO(ended.err);
        CHECK(ended.status == 0);
        CHECK(verdict_of(directory)["counts"]["still_there"] != 0);
        const nlohmann::json before = nlohmann::json::parse(read_file(report));
        const nlohmann::json after = nlohmann::json::parse(read_file(directory / "after" / "checkpoint.json"))["tally"];
        CHECK(after["counts"] == before["counts"]);
        CHECK(after["units"] == before["campaign"]["units"]);
        CHECK(after["sources"][2]["cases"] == before["sources"][2]["cases"]);
    };
    runs_again(baseline("verify-random", {"--no-guided"}));
    runs_again(baseline("verify-guided", {"--max-groups", "3"}));
    runs_again(baseline("verify-part", {"--shards", "0-1,7/64"}));
}

TEST_CASE("verify-patch refuses a baseline whose cases it cannot run, in one line") {
    const nlohmann::json good = nlohmann::json::parse(read_file(baseline("verify-good", {})));
    const auto refuses = [&](const std::string& pointer, const nlohmann::json& value, const std::string& part) {
        nlohmann::json report = good;
        report[nlohmann::json::json_pointer(pointer)] = value;
        const auto file = scratch_path("verify-refused.json");
        std::ofstream(file) << report;
        const auto directory = scratch_path("verify-refused");
        const Ended ended = verify(directory, {"--baseline", file, "--after", "model"}, "");
        INFO(ended.err);
        CHECK(ended.status == 2);
        CHECK(std::count(ended.err.begin(), ended.err.end(), '\n') == 1);
        CHECK(ended.err.find(part) != std::string::npos);
        CHECK_FALSE(std::filesystem::exists(directory));
    };
    refuses("/mtecheck/version", "0.0.1", "would not draw the same cases");
    refuses("/mtecheck/tables", "0x1", "would not draw the same cases");
    refuses("/mtecheck/stream", "0x1-0x2", "would not draw the same cases");
    refuses("/campaign/generator", "other", "would not draw the same cases");
    refuses("/campaign/guided", "yes", "guided");
    refuses("/campaign/missing_units", 3, "not complete");
    refuses("/campaign/ended_apart", true, "ended by time");
    refuses("/campaign/only", "0-99/64", "set of shards");
    refuses("/paths", {{"cases", "0x0123456789abcdef"}}, "name the one that the baseline ran with --paths");
    refuses("/counts/cases", 0, "nothing to compare with");
    refuses("/schema", "mtecheck-report/2", "schema");
}

TEST_CASE("verify-patch that cannot run says so in one line") {
    const auto complains = [](const std::vector<std::string>& sides, const std::string& part) {
        const Ended ended = verify(scratch_path("verify-wrong"), sides);
        INFO(ended.err);
        CHECK(ended.status == 2);
        CHECK(ended.out.empty());
        CHECK(ended.err.find(part) != std::string::npos);
    };
    complains({"--before", "model"}, "--after");
    complains({"--after", "model"}, "--baseline");
    complains({"--after", "model", "--before", "model", "--baseline", "x"}, "either");
    complains({"--after", "model", "--baseline", "x"}, "--cases");
    complains({"--before", "model", "--after", "qemu-system:/no/such/qemu"}, "/no/such/qemu");
    const Ended missing = verify(scratch_path("verify-wrong"), {"--after", "model", "--baseline", "/no/such"}, "");
    CHECK(missing.status == 2);
    CHECK(missing.err.find("/no/such") != std::string::npos);
}

TEST_CASE("from QEMU 7.2 to 10.0 defects are fixed, and others introduced", "[slow]") {
    for (const char* target : {"qemu-system", "qemu-system:10.0"}) {
        const std::string probe = probe_or_skip(target);
        if (target == std::string("qemu-system") && probe.find("version 7.2.") == std::string::npos) {
            SKIP("the QEMU of the system is not of version 7.2");
        }
    }
    const auto directory = scratch_path("verify-qemu");
    const Ended ended = verify(directory, {"--before", "qemu-system", "--after", "qemu-system:10.0"}, "60000");
    INFO(ended.err << ended.out);
    CHECK(ended.status == 1);
    const nlohmann::json verdict = verdict_of(directory);
    bool page_tags_fixed = false;
    bool still_unchecked = false;
    for (const auto& row : verdict["rows"]) {
        const auto& before = row["before"];
        if (row["change"] == "fixed" && before.contains("explained_by")) {
            for (const auto& id : before["explained_by"])
                page_tags_fixed = page_tags_fixed || id == "qemu-7.2-page-tags";
        }
        if (row["change"] == "still there") {
            for (const auto& id : before["explained_by"]) {
                still_unchecked = still_unchecked || id == "qemu-ldapur-unchecked";
            }
        }
    }
    CHECK(page_tags_fixed);
    CHECK(still_unchecked);
    // Few, and each says why: a case whose open choices lead out of its windows on one side is no witness.
    CHECK(verdict["counts"]["not_testable"] <= 3);
    for (const auto& row : verdict["rows"]) {
        if (row["change"] == "not testable") CHECK((row["before"].contains("note") || row["after"].contains("note")));
    }
}

} // namespace
} // namespace mtecheck::difftest
