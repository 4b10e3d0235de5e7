// SPDX-License-Identifier: Apache-2.0
//
// A campaign in pieces: sets of shards, the order of their units, and joining what they leave behind.
#include "difftest/campaign/shards.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <set>

#include "difftest/campaign/identity.h"
#include "difftest/campaign/merge.h"
#include "difftest/campaign/profile_file.h"
#include "difftest/campaign/result_files.h"
#include "difftest/core/error.h"
#include "difftest/core/json.h"
#include "difftest/judge/model_target.h"
#include "difftest/report/report.h"
#include "difftest/shrink/shrink_file.h"
#include "spec/schema_validator.h"
#include "tests/difftest/campaign/defects.h"
#include "tests/difftest/campaign/fake_targets.h"
#include "tests/difftest/interrupt.h"
#include "tests/difftest/schemas.h"
#include "tests/difftest/scratch.h"

namespace mtecheck::difftest {
namespace {

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::MessageMatches;

ShardSet set(const char* text) {
    const auto result = ShardSet::parse(text);
    REQUIRE(result);
    return *result;
}

TEST_CASE("sets of shards are read as they are written") {
    CHECK(set("0-63/64").all());
    CHECK(set("0-63/64") == ShardSet());
    CHECK(set("3/64").count() == 1);
    CHECK(set("3,1-2,60/64").text() == "1-3,60/64");
    CHECK(set("0-15/64").others()->text() == "16-63/64");
    CHECK_FALSE(ShardSet().others());
    CHECK((set("0-15/64") | set("16-63/64")).all());
    CHECK(set("0-15/64").overlaps(set("15-20/64")));
    CHECK_FALSE(set("0-15/64").overlaps(set("16-20/64")));
    for (const char* text :
         {"", "/64", "0-15", "0-15/32", "64/64", "5-4/64", "1,/64", "-3/64", "1-/64", "x/64", "1/64 "}) {
        INFO(text);
        CHECK_FALSE(ShardSet::parse(text));
    }
}

TEST_CASE("every unit belongs to one set of a partition, in the order of the whole campaign") {
    for (const std::uint64_t path_units : {0U, 1U, 63U, 64U, 65U, 200U}) {
        for (const std::uint64_t planned : {0U, 1U, 64U, 100U, 265U, 1000U}) {
            std::set<std::uint64_t> all;
            for (const char* text : {"0-15/64", "16/64", "17-40,50/64", "41-49,51-63/64"}) {
                const UnitPlan plan(set(text), path_units);
                const std::uint64_t places = plan.places_below(planned);
                for (std::uint64_t place = 0; place < places; ++place) {
                    CHECK(plan.unit_at(place) < planned);
                    CHECK(plan.unit_at(place) < plan.unit_at(place + 1));
                    all.insert(plan.unit_at(place));
                }
                CHECK(plan.unit_at(places) >= planned);
            }
            CHECK(all.size() == planned);
        }
    }
    const UnitPlan whole(ShardSet(), 70);
    for (std::uint64_t place = 0; place < 300; ++place) CHECK(whole.unit_at(place) == place);
}

/// Campaigns of one target on some shards each.
class Pieces {
  public:
    Pieces(std::string name, std::uint64_t cases, Factories factories, std::string target,
           std::uint64_t max_groups = kMaxGroups)
        : name_(std::move(name)), factories_(std::move(factories)) {
        settings_.target = std::move(target);
        settings_.cases = cases;
        settings_.max_groups = max_groups;
        settings_.distil = true;
    }

    std::filesystem::path place(const std::string& piece) const { return scratch_place(name_ + piece); }

    /// Runs a piece as far as `interrupt` lets it.
    std::filesystem::path run(const std::string& piece, const std::string& shards,
                              const std::atomic<bool>& interrupt = kNever) const {
        Settings settings = settings_;
        settings.shards = shards;
        const auto directory = scratch_path(name_ + piece);
        Progress progress(ProgressStyle::none);
        Campaign::start(settings, directory, factories_)->run(2, interrupt, progress);
        return directory;
    }

    /// The report of all in one, without its times.
    std::string whole() const {
        const auto directory = run("whole", "");
        auto campaign = Campaign::resume(directory, factories_);
        const auto findings = campaign->findings();
        return without_times({campaign->file(), campaign->profile(), campaign->tally(), campaign->defects(), findings});
    }

    std::string merged(const std::vector<std::filesystem::path>& results, const std::string& piece = "merged") const {
        const MergedCampaign joined = merge_campaigns(results, scratch_path(name_ + piece), "");
        const auto defects = defects_of(factories_.defects, joined.profile);
        return without_times({joined.file, joined.profile, joined.tally, defects, joined.findings});
    }

    const Factories& factories() const { return factories_; }

  private:
    static std::string without_times(const ReportInput& input) {
        const std::string text = report_text(input);
        return text.substr(0, text.rfind("\n  \"times\": {"));
    }

    std::string name_;
    Factories factories_;
    Settings settings_;
};

Pieces faulty(const std::string& name, std::uint64_t cases) {
    const std::string target = "model:tco_not_set_on_exception+subps_flags_carry_wrong";
    const Defect defect = model_defect("tco", "tco_not_set_on_exception");
    return {name, cases, {[target] { return make_model_target(target); }, {defect}}, target};
}

TEST_CASE("pieces joined in any order give the report of one campaign, byte for byte", "[slow]") {
    const Pieces pieces = faulty("joined-", 40000); // ten units
    const std::string whole = pieces.whole();
    const auto a = pieces.run("a", "0-2,9/64");
    const auto b = pieces.run("b", "3/64");
    const auto c = pieces.run("c", "4-8,10-63/64");
    CHECK(pieces.merged({a, b, c}) == whole);
    CHECK(pieces.merged({c, a, b}) == whole);
    // What is joined can be joined again.
    pieces.merged({c, b}, "bc");
    CHECK(pieces.merged({pieces.place("bc"), a}) == whole);
    // The findings' files, too.
    pieces.merged({a, b, c});
    std::set<std::string> names;
    std::set<std::string> joined;
    for (const auto& entry : std::filesystem::directory_iterator(pieces.place("whole") / "findings")) {
        names.insert(entry.path().filename());
        CHECK(read_file(entry.path()) == read_file(pieces.place("merged") / "findings" / entry.path().filename()));
    }
    for (const auto& entry : std::filesystem::directory_iterator(pieces.place("merged") / "findings")) {
        joined.insert(entry.path().filename());
    }
    CHECK(joined == names);
    // And the corpus.
    CHECK(read_case_directory(pieces.place("merged") / kCorpusDirectory).size() > 10);
    CHECK(case_directory_fingerprint(pieces.place("merged") / kCorpusDirectory) ==
          case_directory_fingerprint(pieces.place("whole") / kCorpusDirectory));
    CHECK_FALSE(names.empty());
    CHECK(whole.find("\"shrunk\": {") != std::string::npos);
}

TEST_CASE("examples of pieces that are reduced by half are told, and reduced by whoever goes on", "[slow]") {
    const Pieces pieces = faulty("half-", 20000);
    const std::string whole = pieces.whole();
    const auto a = pieces.run("a", "0-1/64");
    const auto b = pieces.run("b", "2-63/64");
    // As a process leaves it that is killed while it reduces.
    std::size_t undone = 0;
    for (const auto& entry : std::filesystem::directory_iterator(a / kAsFoundDirectory)) {
        const auto file = a / kFindingsDirectory / entry.path().filename();
        if (undone++ == 0) std::filesystem::copy_file(file, progress_file(file));
        if (undone == 2)
            std::filesystem::copy_file(entry.path(), file, std::filesystem::copy_options::overwrite_existing);
    }
    REQUIRE(undone >= 2);
    const auto place = scratch_path("half-joined");
    const MergedCampaign joined = merge_campaigns({a, b}, place, "");
    REQUIRE(joined.remarks.size() == 1);
    CHECK(joined.remarks[0].find("2 examples are not reduced yet") == 0);
    Progress progress(ProgressStyle::none);
    CHECK(Campaign::resume(place, pieces.factories())->run(1, kNever, progress) == CampaignEnd::complete);
    CHECK(pieces.merged({place}, "again") == whole);
}

TEST_CASE("pieces join to the whole when there are many more groups than are kept, too", "[slow]") {
    constexpr std::uint64_t kFew = 8;
    const std::string target = "model:stg_no_alignment_fault+subps_flags_carry_wrong";
    const Defect defect = model_defect("alignment", "subps_flags_carry_wrong");
    const Pieces pieces("groups-", 40000, {[target] { return make_model_target(target); }, {defect}}, target, kFew);
    const std::string whole = pieces.whole();
    const nlohmann::json report = nlohmann::json::parse(whole + "\"times\": {}}");
    CHECK(report["groups"].size() == kFew + 2);
    CHECK(whole.find("too many groups") != std::string::npos);
    CHECK(report["findings"].size() <= 3 * (kFew + 1));
    CHECK(pieces.merged({pieces.run("b", "2-63/64"), pieces.run("a", "0-1/64")}) == whole);
    // Files of groups that made room are gone.
    std::size_t files = 0;
    for (const auto& entry : std::filesystem::directory_iterator(pieces.place("whole") / "findings"))
        files += entry.path().extension() == ".json" ? 1U : 0U;
    CHECK(files == report["findings"].size());
}

TEST_CASE("pieces of a campaign that goes round the shards more than once", "[slow]") {
    // A fault that shows rarely: what takes time is to judge divergences.
    const std::string target = "model:subps_flags_carry_wrong";
    const Pieces pieces("rounds-", 540000, {[target] { return make_model_target(target); }, {}}, target); // 132 units
    const std::string whole = pieces.whole();
    CHECK(pieces.merged({pieces.run("a", "0-10/64"), pieces.run("b", "11-30,40/64"),
                         pieces.run("c", "31-39,41-63/64")}) == whole);
}

TEST_CASE("what does not show again when run alone is joined in its order, too", "[slow]") {
    // Every case whose X0 is so diverges once, but not when it is run alone.
    const auto factory = [] {
        return make_tampered_target(
            [](const Test& test, std::size_t state, std::uint64_t since_reset, Outcome& outcome) {
                if (test.states.size() > 1 && since_reset > 0 && test.states[state].x[0] % 256 == 0) outcome.x[5] ^= 1;
            });
    };
    const Pieces pieces("flaky-", 40000, {factory, {}}, "model");
    const std::string whole = pieces.whole();
    CHECK(whole.find("not_reproduced\": 8") != std::string::npos);
    CHECK(pieces.merged({pieces.run("b", "2-63/64"), pieces.run("a", "0-1/64")}) == whole);
}

TEST_CASE("pieces that are missing, incomplete or there twice are told") {
    const Pieces pieces = faulty("partial-", 40000);
    const std::string whole = pieces.whole();
    const auto a = pieces.run("a", "0-4/64");
    const std::atomic<bool> now = true;
    const auto begun = pieces.run("begun", "5-63/64", now);
    const auto joined = [&](const std::vector<std::filesystem::path>& results) {
        return merge_campaigns(results, scratch_path("partial-merged"), "");
    };
    const MergedCampaign alone = joined({a});
    CHECK(alone.missing_units == 5);
    REQUIRE(alone.remarks.size() == 1);
    CHECK(alone.remarks[0].find("shards 5-63/64 are missing: 5 units") == 0);
    CHECK(alone.file.settings.shards == "0-4/64");

    const MergedCampaign incomplete = joined({begun, a});
    CHECK(incomplete.missing_units > 0);
    CHECK_FALSE(incomplete.remarks.empty());
    CHECK_FALSE(std::filesystem::exists(scratch_place("partial-merged") / kCheckpointFile));

    const auto b = pieces.run("b", "5-63/64");
    CHECK(pieces.merged({begun, a, b, a}) == whole);
    CHECK(joined({begun, a, b}).missing_units == 0);

    // The one that was begun goes on, and then counts as much.
    Progress progress(ProgressStyle::none);
    CHECK(Campaign::resume(begun, pieces.factories())->run(2, kNever, progress) == CampaignEnd::complete);
    CHECK(pieces.merged({a, begun}) == whole);
}

TEST_CASE("what is not of one campaign is not joined") {
    const Pieces pieces = faulty("refused-", 20000);
    const auto a = pieces.run("a", "0-4/64");
    const auto overlapping = pieces.run("overlapping", "4-63/64");
    const auto refuses = [&](const std::vector<std::filesystem::path>& results, const char* part) {
        CHECK_THROWS_MATCHES(merge_campaigns(results, scratch_path("refused-merged"), ""), InputError,
                             MessageMatches(ContainsSubstring(part)));
    };
    refuses({a, overlapping}, "merge results of the same or of different shards");
    refuses({a, faulty("refused-other-", 24000).run("b", "5-63/64")}, "a setting");
    refuses({a, scratch_directory("refused-empty")}, "holds no campaign");
    const auto older = pieces.run("older", "5-63/64"); // as if by an mtecheck that makes other tests
    std::string text = read_file(older / kSettingsFile);
    const std::string other_stream = "0x0123456789abcdef";
    text.replace(text.find(stream_version()), other_stream.size(), other_stream);
    write_durably(older / kSettingsFile, text);
    refuses({a, older}, "the stream of tests");
    CHECK_THROWS_MATCHES(merge_campaigns({a}, a, ""), InputError,
                         MessageMatches(ContainsSubstring("another directory")));
    std::filesystem::remove(a / kProfileFile);
    refuses({a}, "profile.json");
}

TEST_CASE("a profile is read as it was written, and its schema describes it") {
    Profile profile = model_profile();
    profile.target = "model";
    const std::string text = to_json(profile).dump();
    const nlohmann::json document = nlohmann::json::parse(text);
    const std::string file = "profile.json";
    CHECK(to_json(profile_from_json(JsonPlace(document, file))).dump() == text);
    CHECK(spec::validate(published_schema("mtecheck-profile/1"), document).empty());
}

} // namespace
} // namespace mtecheck::difftest
