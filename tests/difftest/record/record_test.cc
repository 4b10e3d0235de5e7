// SPDX-License-Identifier: Apache-2.0
//
// A record gives back what the target did, and comes to the same report; what is cut off is lost and nothing else.
#include <catch2/catch_test_macros.hpp>
#include <nlohmann/json.hpp>

#include "difftest/campaign/campaign.h"
#include "difftest/campaign/identity.h"
#include "difftest/core/error.h"
#include "difftest/findings/files.h"
#include "difftest/generate/generator.h"
#include "difftest/judge/model_target.h"
#include "difftest/record/targets.h"
#include "difftest/report/report.h"
#include "tests/difftest/interrupt.h"
#include "tests/difftest/scratch.h"

namespace mtecheck::difftest {
namespace {

/// A report without its times and directories.
nlohmann::json report_of(const Campaign& campaign) {
    const std::vector<Finding> findings = campaign.findings();
    nlohmann::json report = nlohmann::json::parse(report_text({.file = campaign.file(),
                                                               .profile = campaign.profile(),
                                                               .tally = campaign.tally(),
                                                               .defects = campaign.defects(),
                                                               .findings = findings,
                                                               .paths = campaign.paths()}));
    report.erase("times");
    // The record is another target by name.
    report.at("target").erase("name");
    for (auto& finding : report.at("findings")) finding.erase("target");
    return report;
}

struct Recorded {
    std::string file;
    nlohmann::json report;
};

/// A campaign on a model with a deliberate fault.
Recorded record(const std::string& name) {
    Settings settings;
    settings.target = "model:stg_zeroes_data";
    settings.cases = 4000;
    Recorded result;
    result.file = scratch_path(name + ".record").string();
    const auto shared = std::make_shared<SharedRecord>(result.file, settings);
    const auto campaign =
        Campaign::start(settings, scratch_path(name + "-live"),
                        {[&] { return make_recording_target(make_model_target(settings.target), shared); }, {}});
    Progress progress(ProgressStyle::none);
    REQUIRE(campaign->run(2, kNever, progress) == CampaignEnd::complete);
    shared->finish();
    CHECK(shared->tests() > 200);
    result.report = report_of(*campaign);
    return result;
}

nlohmann::json judge(const std::string& file, const std::string& name) {
    Settings settings = RecordReader(read_file(file), file).campaign().settings;
    settings.target = "record:" + file;
    const auto campaign =
        Campaign::start(settings, scratch_path(name), {[&] { return make_record_target(settings.target); }, {}});
    Progress progress(ProgressStyle::none);
    REQUIRE(campaign->run(2, kNever, progress) == CampaignEnd::complete);
    return report_of(*campaign);
}

} // namespace

TEST_CASE("a record comes to the same report as the campaign that it is of") {
    const Recorded live = record("record-same");
    CHECK(live.report.at("counts").at("unexplained") != 0);
    CHECK(judge(live.file, "record-same-judged") == live.report);
    const RecordReader reader(read_file(live.file), live.file);
    CHECK(reader.lost_bytes() == 0);
    CHECK(reader.campaign().stream == stream_version());
    CHECK(reader.campaign().settings.seed == kDefaultSeed);
    CHECK(reader.profile().version == model_profile().version + " with stg_zeroes_data");
}

TEST_CASE("a record that is cut off is good up to its last whole block") {
    Settings settings;
    const Profile profile = model_profile();
    const auto target = make_model_target("model");
    const auto generator = make_random_generator(profile);
    const std::string file = scratch_path("record-cut.record").string();
    std::vector<Test> tests(600);
    std::vector<std::vector<Outcome>> outcomes;
    for (std::size_t i = 0; i < tests.size(); ++i) generator->generate(1, 0, i, tests[i]);
    target->run(tests, outcomes);
    {
        SharedRecord record(file, settings);
        record.begin(profile);
        for (std::size_t first = 0; first < tests.size(); first += 100) {
            record.add(std::span(tests).subspan(first, 100),
                       {outcomes.begin() + static_cast<std::ptrdiff_t>(first),
                        outcomes.begin() + static_cast<std::ptrdiff_t>(first + 100)});
            record.finish();
        }
    }
    const std::string whole = read_file(file);
    CHECK(RecordReader(whole, file).tests() == tests.size());
    std::uint64_t before = tests.size();
    for (std::size_t bytes = whole.size(); bytes > whole.size() / 2; bytes -= whole.size() / 20) {
        RecordReader reader(std::string_view(whole).substr(0, bytes), file);
        CHECK(reader.tests() <= before);
        CHECK(reader.tests() % 100 == 0);
        before = reader.tests();
        std::vector<Outcome> found;
        std::size_t there = 0;
        for (std::size_t i = 0; i < tests.size(); ++i) {
            if (!reader.find(tests[i], found)) continue;
            ++there;
            for (std::size_t k = 0; k < found.size(); ++k) {
                CHECK(found[k].status == outcomes[i][k].status);
                CHECK(found[k].windows == outcomes[i][k].windows);
                CHECK(found[k].x == outcomes[i][k].x);
                CHECK(found[k].v == outcomes[i][k].v);
                CHECK(found[k].exception == outcomes[i][k].exception);
            }
        }
        CHECK(there >= before);
    }
    CHECK(before < tests.size());
    std::string damaged = whole;
    damaged[whole.size() / 2] = static_cast<char>(damaged[whole.size() / 2] ^ 1);
    RecordReader reader(damaged, file);
    CHECK(reader.tests() < tests.size());
    CHECK(reader.lost_bytes() != 0);
}

TEST_CASE("what is no record is told apart, and what is not in one is not supported") {
    CHECK_THROWS_AS(RecordReader("", "empty"), InputError);
    CHECK_THROWS_AS(RecordReader("MTEREC01", "short"), InputError);
    CHECK_THROWS_AS(RecordReader("MTEREC02 something", "other"), InputError);
    const std::string file = scratch_path("record-empty.record").string();
    SharedRecord record(file, Settings());
    record.begin(model_profile());
    record.finish();
    const auto target = make_record_target("record:" + file);
    Test test;
    test.states.resize(3);
    std::vector<std::vector<Outcome>> outcomes;
    target->run({&test, 1}, outcomes);
    REQUIRE(outcomes.at(0).size() == 3);
    CHECK(outcomes[0][2].status == Status::unsupported);
    CHECK_THROWS_AS(make_record_target("record"), InputError);
    for (const std::string_view answers : {"", "x", "\x03", "\x01\x02\x03\x04"}) {
        RecordReader reader(record_of_answers(answers, name_of(test)), "short");
        std::vector<Outcome> found;
        CHECK_THROWS_AS(reader.find(test, found), InputError);
    }
}

} // namespace mtecheck::difftest
