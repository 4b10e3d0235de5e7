// SPDX-License-Identifier: Apache-2.0
//
// Waivers from the command line: written by `mtecheck waive`, heeded by campaign and report.
#include <catch2/catch_test_macros.hpp>
#include <fstream>

#include "difftest/core/json.h"
#include "spec/schema_validator.h"
#include "tests/difftest/cli/child_process.h"
#include "tests/difftest/schemas.h"
#include "tests/difftest/scratch.h"

namespace mtecheck::difftest {
namespace {

Ended campaign(const std::filesystem::path& directory, const std::string& waivers = {}) {
    std::vector<std::string> arguments = {"campaign", "--target", "model:subps_flags_carry_wrong",
                                          "--cases",  "4096",     "--paths",
                                          "none",     "--output", directory.string()};
    if (!waivers.empty()) arguments.insert(arguments.end(), {"--waivers", waivers});
    return mtecheck(arguments);
}

void replace(const std::filesystem::path& file, const std::string& what, const std::string& by) {
    std::string text = read_file(file);
    REQUIRE(text.find(what) != std::string::npos);
    text.replace(text.find(what), what.size(), by);
    std::ofstream(file) << text;
}

TEST_CASE("what is waived is shown, marked, and not counted by the exit status") {
    const auto directory = scratch_path("waived");
    REQUIRE(campaign(directory).status == 1);
    const auto file = scratch_directory("waivers") / "waivers.json";
    for (const auto& finding : std::filesystem::directory_iterator(directory / "findings")) {
        CHECK(mtecheck({"waive", finding.path().string(), "--reason", "a mutant", "--link", "https://example.invalid/1",
                        "--expires", "2999-12-31", "--file", file.string()})
                  .status == 0);
    }
    const nlohmann::json written = nlohmann::json::parse(read_file(file));
    CHECK(spec::validate(published_schema("mtecheck-waivers/1"), written).empty());

    const auto again = scratch_path("waived-again");
    const Ended waived = campaign(again, file.string());
    CHECK(waived.status == 0);
    CHECK(waived.out.find("UNEXPLAINED DIVERGENCES") != std::string::npos);
    CHECK(waived.out.find("\n  waived\n") != std::string::npos);
    CHECK(waived.out.find("a mutant (https://example.invalid/1)\n  until 2999-12-31") != std::string::npos);
    const nlohmann::json report = nlohmann::json::parse(read_file(again / "report.json"));
    CHECK(report["waivers"]["cases"] == report["counts"]["unexplained"]);
    CHECK(spec::validate(published_schema("mtecheck-report/1"), report).empty());

    // The same of a stored report that knows of no waivers.
    const Ended shown = mtecheck({"report", directory.string(), "--waivers", file.string()});
    CHECK(shown.status == 0);
    CHECK(shown.out.find("\nWAIVERS\n") != std::string::npos);

    // One that expired waives nothing; one that is not met is told.
    for (std::size_t i = 0; i < written["waivers"].size(); ++i) replace(file, "2999-12-31", "2020-12-31");
    const Ended expired = campaign(scratch_path("waived-expired"), file.string());
    CHECK(expired.status == 1);
    CHECK(expired.out.find("EXPIRED on 2020-12-31") != std::string::npos);
    const Ended sound = mtecheck({"campaign", "--target", "model", "--cases", "1000", "--paths", "none", "--output",
                                  scratch_path("waived-sound").string(), "--waivers", file.string()});
    CHECK(sound.status == 0);
    CHECK(sound.out.find("DOES NOT OCCUR") != std::string::npos);
}

TEST_CASE("a file of waivers that is wrong is one line, before anything is run") {
    const auto file = scratch_directory("waivers-wrong") / "waivers.json";
    std::ofstream(file) << R"({"schema": "mtecheck-waivers/1", "waivers": [{"defect": "a", "target": "*"}]})";
    const Ended ended = campaign(scratch_path("waived-wrong"), file.string());
    CHECK(ended.status == 2);
    CHECK(ended.out.empty());
    CHECK(ended.err.find("waivers.json") != std::string::npos);
    CHECK(ended.err.find("/waivers/0") != std::string::npos);
    const Ended no_reason = mtecheck({"waive", "finding.json", "--file", file.string()});
    CHECK(no_reason.status == 2);
    CHECK(no_reason.err.find("--reason") != std::string::npos);
}

} // namespace
} // namespace mtecheck::difftest
