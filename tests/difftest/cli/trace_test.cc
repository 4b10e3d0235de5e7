// SPDX-License-Identifier: Apache-2.0
//
// mtecheck trace: exit statuses, and what is on which stream.
#include <catch2/catch_test_macros.hpp>
#include <fstream>
#include <nlohmann/json.hpp>

#include "spec/schema_validator.h"
#include "tests/difftest/cli/child_process.h"
#include "tests/difftest/schemas.h"
#include "tests/difftest/scratch.h"
#include "tests/places.h"

namespace mtecheck::difftest {
namespace {

TEST_CASE("a trace is judged, and the exit status says how") {
    const std::string example = mtecheck::places::source() + "/docs/examples/process.jsonl";
    Ended ended = mtecheck({"trace", example});
    CHECK(ended.status == 1);
    CHECK(ended.out.find("process.jsonl:7: 0x1014") != std::string::npos);

    ended = mtecheck({"trace", "--json", "--memory", "tagged", example});
    CHECK(ended.status == 1);
    const auto report = nlohmann::json::parse(ended.out);
    for (const auto& error : spec::validate(published_schema("mtecheck-trace-report/1"), report))
        FAIL_CHECK(error.place << ": " << error.problem);
    CHECK(report.at("judged").at("diverged") == 1);
    CHECK(report.at("findings").at(0).at("line") == 7);

    // Without the divergence.
    const auto directory = scratch_directory("trace");
    std::ifstream in(example);
    std::ofstream shorter(directory / "shorter.jsonl");
    std::ofstream header(directory / "header.jsonl");
    std::string line;
    for (unsigned number = 1; number <= 6 && std::getline(in, line); ++number) {
        shorter << line << "\n";
        if (number == 1) header << line << "\n";
    }
    shorter.close();
    header.close();
    CHECK(mtecheck({"trace", (directory / "shorter.jsonl").string()}).status == 0);
    CHECK(mtecheck({"trace", (directory / "header.jsonl").string()}).status == 125);
}

TEST_CASE("what is no trace is one line and exit status 2") {
    const auto complains = [](const std::vector<std::string>& arguments, const std::string& part) {
        const Ended ended = mtecheck(arguments);
        INFO(ended.err);
        CHECK(ended.status == 2);
        CHECK(ended.out.empty());
        CHECK(ended.err.find('\n') == ended.err.size() - 1);
        CHECK(ended.err.find(part) != std::string::npos);
    };
    complains({"trace"}, "argument");
    complains({"trace", "/no/such/file"}, "/no/such/file");
    complains({"trace", mtecheck::places::source() + "/README.md"}, "README.md");
    complains({"trace", "--features", "FEAT_NOTHING", "x"}, "FEAT_NOTHING");
    complains({"trace", "--registers", "X1", "x"}, "X1");
}

} // namespace
} // namespace mtecheck::difftest
