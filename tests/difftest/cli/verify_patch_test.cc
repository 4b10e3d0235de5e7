// SPDX-License-Identifier: Apache-2.0
//
// `mtecheck verify-patch` as a process: exit status, files, and two real versions of QEMU.
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
        const Ended probe = mtecheck({"targets", target});
        if (probe.status != 0) SKIP(probe.err);
        if (target == std::string("qemu-system") && probe.out.find("version 7.2.") == std::string::npos) {
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
    CHECK(verdict["counts"]["not_testable"] == 0);
}

} // namespace
} // namespace mtecheck::difftest
