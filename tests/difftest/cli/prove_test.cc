// SPDX-License-Identifier: Apache-2.0
//
// mtecheck prove as users run it: statuses, selection, the cache, interruption, and documents that follow their schema.
// The scenarios that are proved here are those that take no time.
#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <csignal>
#include <fstream>

#include "difftest/core/json.h"
#include "spec/schema_validator.h"
#include "tests/difftest/cli/campaign_process.h"
#include "tests/difftest/cli/child_process.h"
#include "tests/difftest/schemas.h"
#include "tests/difftest/scratch.h"

namespace mtecheck::difftest {
namespace {

/// The lines that do not tell how long it took and what was known before.
std::string without_times(const std::string& text) {
    std::string kept;
    std::size_t at = 0;
    while (at < text.size()) {
        const std::size_t end = text.find('\n', at);
        std::string line = text.substr(at, end - at);
        at = end + 1;
        if (line.find(" of processor time in all") != std::string::npos) continue;
        if (line.ends_with(" s")) line.erase(line.rfind(", "));
        kept += line + "\n";
    }
    return kept;
}

std::size_t entries_of(const std::filesystem::path& cache) {
    const auto all = std::filesystem::directory_iterator(cache);
    return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

TEST_CASE("wrong selections and options are one line and exit status 2") {
    for (const std::vector<std::string>& line : {std::vector<std::string>{"prove", "no-such-invariant"},
                                                 {"prove", "tag-mask", "nothing-*"},
                                                 {"prove", "--no-mutations", "--all-mutations"},
                                                 {"prove", "tag-mask", "--no-cache", "--cross-check", "no-such-solver"},
                                                 {"prove", "--timeout", "soon"}}) {
        const Ended ended = mtecheck(line);
        INFO(ended.err);
        CHECK(ended.status == 2);
        CHECK(std::count(ended.err.begin(), ended.err.end(), '\n') == 1);
    }
}

TEST_CASE("invariants are listed with their sentences, by id, by scenario and by pattern") {
    const std::string all = mtecheck({"prove", "--list"}).out;
    const std::string some = mtecheck({"prove", "--list", "gmi-*", "chosen-tag-is-allowed"}).out;
    CHECK(all.find("gmi-sets-the-bit-of-the-tag") != std::string::npos);
    CHECK(all.find("MTE-GMI-001") != std::string::npos);
    CHECK(some.find("gmi-sets-the-bit-of-the-tag") != std::string::npos);
    CHECK(some.find("chosen-tag-is-allowed") != std::string::npos);
    CHECK(some.find("offsets-add-up") == std::string::npos);
    CHECK(mtecheck({"prove", "--list", "tag-mask"}).out.find("gmi-ignores-tag-controls") != std::string::npos);
}

TEST_CASE("proofs agree whatever the number of workers, and come from the cache the second time") {
    const auto cache = scratch_path("proofs");
    const Ended first = mtecheck({"prove", "tag-mask", "random-tags", "--cache", cache.string(), "--workers", "3"});
    INFO(first.out);
    CHECK(first.status == 0);
    CHECK(first.out.find("killed by gmi_wrong_bit") != std::string::npos);
    CHECK(first.out.find(" 0 known before") != std::string::npos);
    const std::size_t entries = entries_of(cache);
    CHECK(entries > 5);

    const Ended second = mtecheck({"prove", "tag-mask", "random-tags", "--cache", cache.string(), "--workers", "1"});
    CHECK(second.status == 0);
    CHECK(second.out.find(" 0 known before") == std::string::npos);
    CHECK(without_times(second.out) == without_times(first.out));
    CHECK(entries_of(cache) == entries);

    // What is damaged is proved again.
    for (const auto& entry : std::filesystem::directory_iterator(cache)) {
        std::ofstream(entry.path(), std::ios::binary) << "{\"schema\": 1";
    }
    const Ended third = mtecheck({"prove", "tag-mask", "random-tags", "--cache", cache.string()});
    CHECK(third.status == 0);
    CHECK(third.out.find(" 0 known before") != std::string::npos);
    CHECK(without_times(third.out) == without_times(first.out));

    const Ended none = mtecheck({"prove", "tag-mask", "random-tags", "--no-cache"});
    CHECK(without_times(none.out) == without_times(first.out));
}

TEST_CASE("the document of proofs follows its schema") {
    const auto directory = scratch_directory("proofs-document");
    const std::string file = (directory / "proofs.json").string();
    REQUIRE(mtecheck({"prove", "tag-mask", "choose-tag", "--no-cache", "--all-mutations", "--json", file}).status == 0);
    const nlohmann::json document = parse_json(read_file(file), file);
    CHECK(spec::validate(published_schema("mtecheck-proofs/1"), document).empty());
    CHECK(document["scenarios"].size() == 2);
    CHECK(document["failures"].empty());
    const auto& invariant = document["scenarios"][1]["invariants"][0];
    CHECK(invariant["verdict"] == "proved");
    CHECK(invariant.contains("witness"));
    CHECK(invariant["faults"][0].contains("counterexample"));

    // Reports cite it.
    const auto campaign = directory / "campaign";
    CHECK(mtecheck({"campaign", "--target", "model", "--cases", "256", "--paths", "none", "--proofs", file, "--output",
                    campaign.string()})
              .status == 0);
    const nlohmann::json report = parse_json(read_file(campaign / "report.json"), "report.json");
    CHECK(spec::validate(published_schema("mtecheck-report/1"), report).empty());
    const auto row = std::find_if(report["requirements"].begin(), report["requirements"].end(),
                                  [](const auto& one) { return one["id"] == "MTE-GMI-001"; });
    REQUIRE(row != report["requirements"].end());
    CHECK((*row)["proved_by"].size() == 3);
    CHECK(mtecheck({"campaign", "--target", "model", "--cases", "256", "--paths", "none", "--proofs",
                    campaign / "report.json"})
              .status == 2);
}

TEST_CASE("what breaks an invariant is shown with the values that matter and what the model did") {
    const Ended ended = mtecheck({"prove", "gmi-sets-the-bit-of-the-tag", "--no-cache", "--counterexamples"});
    INFO(ended.out);
    CHECK(ended.status == 0);
    CHECK(ended.out.find("counterexample to gmi-sets-the-bit-of-the-tag") != std::string::npos);
    CHECK(ended.out.find("gmi x") != std::string::npos);
    CHECK(ended.out.find("V0") == std::string::npos); // has no say in it
}

TEST_CASE("a counterexample is a case that shows the fault") {
    const auto directory = scratch_path("counterexamples");
    const Ended ended = mtecheck({"prove", "tag-mask", "--no-cache", "--output", directory.string()});
    INFO(ended.out);
    REQUIRE(ended.status == 0);
    const std::string file = (directory / "gmi-sets-the-bit-of-the-tag.gmi_wrong_bit.json").string();
    CHECK(mtecheck({"replay", file, "--target", "model"}).status == 0);
    CHECK(mtecheck({"replay", file, "--target", "model:gmi_wrong_bit"}).status == 1);
    CHECK(mtecheck({"explain", file}).status == 0);
}

TEST_CASE("questions to the solver are exported") {
    const auto directory = scratch_path("questions");
    const Ended ended =
        mtecheck({"prove", "tag-mask", "--no-cache", "--no-mutations", "--export-smt2", directory.string()});
    CHECK(ended.status == 0);
    std::size_t files = 0;
    for (const auto& entry : std::filesystem::directory_iterator(directory)) {
        const std::string text = read_file(entry.path().string());
        CHECK(text.starts_with("; answered by Z3: "));
        CHECK(text.find("(check-sat)") != std::string::npos);
        ++files;
    }
    CHECK(files > 10);
}

TEST_CASE("a time that is up makes unknown, not proved") {
    const Ended ended = mtecheck({"prove", "checked-access", "--no-cache", "--no-mutations", "--timeout", "1s"});
    if (ended.out.find("UNKNOWN") != std::string::npos) {
        CHECK(ended.status == 1);
        CHECK(ended.out.find("unknown (time or the solver's budget was up)") != std::string::npos);
    }
}

TEST_CASE("an interrupted run keeps what it has proved") {
    const auto cache = scratch_path("interrupted");
    ChildProcess child({"prove", "tag-mask", "checked-access", "--cache", cache.string(), "--workers", "1"});
    for (unsigned i = 0; i < 300 && (!std::filesystem::exists(cache) || entries_of(cache) < 1); ++i) pause(100);
    child.signal(SIGINT);
    const Ended ended = child.wait();
    INFO(ended.err);
    CHECK(ended.status == 130);
    CHECK(ended.out.find("interrupted") != std::string::npos);
    CHECK(entries_of(cache) >= 1);
    const Ended again = mtecheck({"prove", "tag-mask", "--no-mutations", "--cache", cache.string()});
    CHECK(again.out.find(" 0 known before") == std::string::npos);
}

} // namespace
} // namespace mtecheck::difftest
