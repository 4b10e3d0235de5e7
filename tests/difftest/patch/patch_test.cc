// SPDX-License-Identifier: Apache-2.0
//
// Patches between versions of the model: its deliberate faults come and go.
#include "difftest/patch/patch.h"

#include <catch2/catch_test_macros.hpp>

#include "difftest/core/json.h"
#include "difftest/judge/model_target.h"
#include "difftest/report/report.h"
#include "spec/schema_validator.h"
#include "tests/difftest/interrupt.h"
#include "tests/difftest/schemas.h"
#include "tests/difftest/scratch.h"

namespace mtecheck::difftest {
namespace {

constexpr const char* kCarry = "subps_flags_carry_wrong";
constexpr const char* kTco = "tco_not_set_on_exception";

Defect defect(const std::string& id, const std::string& mutation) {
    return {id, "model*", {"*"}, {mutation}, "summary", "function", {}, {}, ""};
}

struct Ran {
    PatchSide side;
    std::string report;
};

Ran run(const std::string& target, const std::string& name, std::vector<Defect> defects = {}) {
    Settings settings;
    settings.target = target;
    settings.cases = 8192;
    const Factories factories{[target] { return make_model_target(target); }, std::move(defects)};
    const auto directory = scratch_path("patch-" + name);
    const auto campaign = Campaign::start(settings, directory, factories);
    Progress progress(ProgressStyle::none);
    campaign->run(2, kNever, progress);
    const auto findings = campaign->findings();
    return {side_of(*campaign, directory, factories),
            report_text({campaign->file(), campaign->profile(), campaign->tally(), campaign->defects(), findings})};
}

PatchVerdict judge(const PatchSide& before, const PatchSide& after, const Waivers& waivers = {}) {
    auto verdict = judge_patch(before, after, waivers, kNever);
    REQUIRE(verdict);
    const std::string json = to_json(*verdict, before, after).dump();
    for (const auto& error : spec::validate(published_schema("mtecheck-patch/1"), nlohmann::json::parse(json))) {
        FAIL_CHECK(error.place << ": " << error.problem);
    }
    return std::move(*verdict);
}

std::string model(const std::string& faults) { return "model:" + faults; }

TEST_CASE("a patch that takes a fault out fixes; the reverse introduces; nothing else changes") {
    const PatchSide faulty = run(model(kCarry), "faulty").side;
    const PatchSide sound = run("model", "sound").side;
    const PatchVerdict fix = judge(faulty, sound);
    CHECK(fix.of(Change::fixed) > 0);
    CHECK(fix.of(Change::fixed) == fix.rows.size());
    CHECK_FALSE(fix.regressed());
    CHECK(to_markdown(fix, faulty, sound).find("**mtecheck: nothing is introduced**") == 0);

    const PatchVerdict break_it = judge(sound, faulty);
    CHECK(break_it.of(Change::introduced) == break_it.rows.size());
    CHECK(break_it.rows.size() == fix.rows.size());
    CHECK(break_it.regressed());
    const std::string text = to_markdown(break_it, sound, faulty);
    CHECK(text.find("the patch breaks something") != std::string::npos);
    CHECK(text.find("subps") != std::string::npos);
    CHECK(text.find("mtecheck replay") != std::string::npos);

    const PatchVerdict none = judge(faulty, faulty);
    CHECK(none.of(Change::still_there) == none.rows.size());
    CHECK_FALSE(none.regressed());
    CHECK(judge(sound, sound).rows.empty());
}

TEST_CASE("a patch that trades one fault for another fixes the one and introduces the other", "[slow]") {
    const PatchSide before = run(model(kCarry), "trade-before").side;
    const PatchSide after = run(model(kTco), "trade-after").side;
    const PatchVerdict verdict = judge(before, after);
    CHECK(verdict.of(Change::fixed) > 0);
    CHECK(verdict.of(Change::introduced) > 0);
    CHECK(verdict.of(Change::still_there) == 0);
    CHECK(verdict.regressed());
}

TEST_CASE("a patch that adds a second fault leaves the first one there") {
    const PatchSide before = run(model(kCarry), "second-before").side;
    const PatchSide after = run(model(std::string(kCarry) + "+" + kTco), "second-after").side;
    const PatchVerdict verdict = judge(before, after);
    CHECK(verdict.of(Change::introduced) > 0);
    CHECK(verdict.of(Change::still_there) > 0);
    CHECK(verdict.of(Change::fixed) == 0);
    CHECK(verdict.regressed());
}

TEST_CASE("a second fault that shows where runs end otherwise than they should anyway is none that was there",
          "[slow]") {
    const std::string undefined = "tco_undefined_at_el0"; // the exception that it takes sets TCO, or does not
    const PatchSide one = run(model(undefined), "undefined").side;
    const PatchSide both = run(model(undefined + "+" + kTco), "undefined-tco").side;
    const PatchVerdict verdict = judge(one, both);
    CHECK(verdict.of(Change::changed) != 0);
    for (const PatchRow& row : verdict.rows) {
        if (row.change != Change::still_there) continue;
        CAPTURE(row.examples.front());
        CHECK(std::find(row.like.begin(), row.like.end(), kTco) == row.like.end());
    }
}

TEST_CASE("a known defect that another one hid is none that a patch introduced") {
    const std::string hiding = "ldapur_stlur_unchecked"; // hides that others check with the wrong tag
    const std::string hidden = "page_tags_aliased";
    const std::vector<Defect> defects = {defect("hiding", hiding), defect("hidden", hidden), defect("tco", kTco)};
    const PatchSide both = run(model(hiding + "+" + hidden + "+" + kTco), "hiding", defects).side;
    const PatchSide one = run(model(hidden + "+" + kTco), "hidden", defects).side;
    const PatchVerdict verdict = judge(both, one);
    CHECK(verdict.of(Change::changed) != 0);
    CHECK(verdict.of(Change::introduced) == 0);
    CHECK_FALSE(verdict.regressed());
    CHECK(judge(one, both).regressed());
}

TEST_CASE("where one of two known defects is mended, what is left is a change for the better") {
    const std::vector<Defect> defects = {defect("a", kTco), defect("b", "wnr_wrong")};
    const std::string both = model(std::string(kTco) + "+wnr_wrong");
    const PatchSide before = run(both, "better-before", defects).side;
    const PatchSide after = run(model("wnr_wrong"), "better-after", defects).side;
    const PatchVerdict better = judge(before, after);
    CHECK(better.of(Change::changed) > 0);
    CHECK(better.of(Change::introduced) == 0);
    CHECK_FALSE(better.regressed());
    const PatchVerdict worse = judge(after, before);
    CHECK(worse.of(Change::changed) > 0);
    CHECK(worse.regressed());
}

TEST_CASE("what a waiver accepts is introduced all the same, but the patch is not worse for it") {
    const PatchSide sound = run("model", "waived-sound").side;
    const PatchSide faulty = run(model(kCarry), "waived-faulty", {defect("carry", kCarry)}).side;
    Waiver waiver;
    waiver.defect = "carry";
    waiver.target = "model*";
    waiver.reason = "known";
    const auto waivers = [&](const char* date) { return Waivers({waiver}, faulty.name, faulty.profile.version, date); };
    const PatchVerdict waived = judge(sound, faulty, waivers("2026-01-01"));
    CHECK(waived.of(Change::introduced) > 0);
    CHECK_FALSE(waived.regressed());
    CHECK(to_markdown(waived, sound, faulty).find(", waived") != std::string::npos);
    waiver.expires = "2025-12-31";
    CHECK(judge(sound, faulty, waivers("2026-01-01")).regressed());
}

TEST_CASE("a stored report stands for the implementation before the patch") {
    const Ran faulty = run(model(kCarry), "stored-faulty");
    const Ran sound = run("model", "stored-sound");
    const auto stored = [](const Ran& ran) {
        const nlohmann::json document = nlohmann::json::parse(ran.report);
        const std::string file = "report.json";
        return side_of(JsonPlace(document, file));
    };
    const PatchVerdict fix = judge(stored(faulty), sound.side);
    CHECK(fix.of(Change::fixed) == fix.rows.size());
    CHECK_FALSE(fix.rows.empty());
    CHECK(judge(stored(sound), faulty.side).regressed());
    const PatchVerdict none = judge(stored(faulty), faulty.side);
    CHECK(none.of(Change::still_there) == none.rows.size());
    // Of a cause that the stored campaign met it may have kept other examples.
    PatchSide others = stored(faulty);
    others.findings.clear();
    const PatchVerdict by_cause = judge(others, faulty.side);
    CHECK(by_cause.of(Change::still_there) == by_cause.rows.size());
    CHECK_FALSE(by_cause.rows.empty());
}

TEST_CASE("what no single case decides is worse, too, if it held before the patch") {
    PatchSide sound = run("model", "over-all-sound").side;
    PatchSide stuck = sound;
    stuck.over_all_cases.store_exclusives = false;
    CHECK_FALSE(judge(sound, sound).regressed());
    CHECK_FALSE(judge(stuck, sound).regressed());
    CHECK_FALSE(judge(stuck, stuck).regressed());
    const PatchVerdict worse = judge(sound, stuck);
    CHECK(worse.regressed());
    CHECK(to_markdown(worse, sound, stuck).find("no store-exclusive passes") != std::string::npos);
    sound.over_all_cases.random_tags = true;
    stuck.over_all_cases = {.random_tags = false};
    CHECK(judge(sound, stuck).broken.size() == 1);
}

TEST_CASE("a verdict that is interrupted is none") {
    const PatchSide faulty = run(model(kCarry), "interrupted-patch").side;
    const std::atomic<bool> now = true;
    CHECK_FALSE(judge_patch(faulty, faulty, {}, now));
}

} // namespace
} // namespace mtecheck::difftest
