// SPDX-License-Identifier: Apache-2.0
//
// A campaign run in parts by processes of their own, and joined: with the path corpus, and on a real QEMU.
#include <catch2/catch_test_macros.hpp>

#include "spec/schema_validator.h"
#include "tests/difftest/cli/campaign_process.h"
#include "tests/difftest/cli/child_process.h"
#include "tests/difftest/schemas.h"
#include "tests/difftest/scratch.h"

namespace mtecheck::difftest {
namespace {

std::filesystem::path run(const std::string& target, const std::string& cases, const std::string& name,
                          const std::string& shards) {
    const auto directory = scratch_path(name);
    std::vector<std::string> arguments = {"campaign", "--target",   target, "--cases",      cases, "--output",
                                          directory,  "--progress", "none", "--max-groups", "20"};
    if (!shards.empty()) arguments.insert(arguments.end(), {"--shards", shards, "-j", "1"});
    const Ended ended = mtecheck(arguments);
    INFO(ended.err);
    REQUIRE(ended.status <= 1);
    return directory;
}

/// Parts of a campaign joined are the campaign, whose examples are reduced.
void joins(const std::string& target, const std::string& cases, const std::string& name) {
    const auto whole = run(target, cases, name + "-whole", "");
    const auto a = run(target, cases, name + "-a", "0-9,63/64");
    const auto b = run(target, cases, name + "-b", "10-40/64");
    const auto c = run(target, cases, name + "-c", "41-62/64");
    const auto joined = scratch_path(name + "-joined");
    const Ended ended = mtecheck({"merge", c, a, b, a, "--output", joined});
    INFO(ended.err);
    CHECK(ended.status == 1);
    const nlohmann::json report = nlohmann::json::parse(read_file(joined / "report.json"));
    CHECK(spec::validate(published_schema("mtecheck-report/1"), report).empty());
    CHECK(report_of(joined) == report_of(whole));
    CHECK(findings_of(joined) == findings_of(whole));
    // Going on with it finds nothing left to do.
    CHECK(mtecheck({"campaign", "--resume", joined}).status == 1);
    CHECK(report_of(joined) == report_of(whole));

    const auto partial = scratch_path(name + "-partial");
    const Ended missing = mtecheck({"merge", a, c, "--output", partial});
    CHECK(missing.err.find("shards 10-40/64 are missing") != std::string::npos);
    CHECK(missing.out.find("\nINCOMPLETE ") != std::string::npos);
    const nlohmann::json part = nlohmann::json::parse(read_file(partial / "report.json"));
    CHECK(part["campaign"]["only"] == "0-9,41-63/64");
    CHECK(spec::validate(published_schema("mtecheck-report/1"), part).empty());
}

TEST_CASE("parts of a campaign on the model, path corpus and all, join to the whole", "[slow]") {
    joins("model:stg_no_alignment_fault", "130000", "merge-model");
}

TEST_CASE("parts of a campaign on QEMU join to the whole", "[slow]") {
    probe_or_skip("qemu-system");
    joins("qemu-system", "60000", "merge-qemu");
}

TEST_CASE("shards that are none, and merges that cannot be, are one line and exit status 2") {
    const auto complains = [](const std::vector<std::string>& arguments, const std::string& part) {
        const Ended ended = mtecheck(arguments);
        INFO(ended.err);
        CHECK(ended.status == 2);
        CHECK(ended.err.find(part) != std::string::npos);
    };
    complains({"campaign", "--target", "model", "--cases", "1", "--shards", "0-64/64"}, "0-15/64");
    complains({"campaign", "--target", "model", "--cases", "1", "--shards", "0/64", "--stop-at-first"},
              "whole campaign");
    complains({"campaign", "--resume", "x", "--shards", "0/64"}, "--shards");
    complains({"merge", "/no/such/result", "--output", scratch_path("merge-none")}, "/no/such/result");
    complains({"merge", "x"}, "--output");
}

} // namespace
} // namespace mtecheck::difftest
