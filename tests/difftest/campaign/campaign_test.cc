// SPDX-License-Identifier: Apache-2.0
//
// Whole campaigns in this process, on the model, on mutants of it, and on targets that misbehave.
#include "difftest/campaign/campaign.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <utility>

#include "difftest/campaign/batch.h"
#include "difftest/campaign/examples.h"
#include "difftest/campaign/identity.h"
#include "difftest/campaign/result_files.h"
#include "difftest/campaign/runner.h"
#include "difftest/core/error.h"
#include "difftest/core/json.h"
#include "difftest/core/layout.h"
#include "difftest/guided/guided_generator.h"
#include "difftest/judge/model_target.h"
#include "difftest/report/report.h"
#include "tests/difftest/campaign/defects.h"
#include "tests/difftest/campaign/fake_targets.h"
#include "tests/difftest/interrupt.h"
#include "tests/difftest/scratch.h"

namespace mtecheck::difftest {
namespace {

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::MessageMatches;

Factories model(const std::string& name, std::vector<Defect> defects = {}) {
    return {[name] { return make_model_target(name); }, std::move(defects)};
}

Settings settings_for(const std::string& target, std::uint64_t cases) {
    Settings settings;
    settings.target = target;
    settings.cases = cases;
    settings.shrink = false; // takes most of the time, and has tests of its own
    return settings;
}

OrderedJson report_of(const Campaign& campaign) {
    const auto findings = campaign.findings();
    OrderedJson report = OrderedJson::parse(
        report_text({campaign.file(), campaign.profile(), campaign.tally(), campaign.defects(), findings}));
    report.erase("times");
    return report;
}

OrderedJson run(Campaign& campaign, unsigned workers) {
    Progress progress(ProgressStyle::none);
    REQUIRE(campaign.run(workers, kNever, progress) == CampaignEnd::complete);
    return report_of(campaign);
}

OrderedJson run_new(const std::string& name, Factories factories, std::uint64_t cases, unsigned workers = 2,
                    const std::string& target = "model") {
    const auto campaign = Campaign::start(settings_for(target, cases), scratch_path(name), std::move(factories));
    return run(*campaign, workers);
}

TEST_CASE("the model agrees with itself") {
    const OrderedJson report = run_new("self", model("model"), 5000);
    CHECK(report["counts"]["unexplained"] == 0);
    CHECK(report["counts"]["agreed"] == report["counts"]["cases"]);
    CHECK(report["groups"].empty());
    CHECK(report["counts"]["cases"] >= 5000);
}

/// Passes on all outcomes but one, in the last part of a unit.
class AllButOne final : public OutcomeSink {
  public:
    explicit AllButOne(OutcomeSink& sink) : sink_(sink) {}
    void take(std::size_t test, std::size_t state, const OutcomeView& outcome) override {
        if (test != kSequencesPerUnit - 1 || state != 1) sink_.take(test, state, outcome);
    }

  private:
    OutcomeSink& sink_;
};

/// Passes on the first tests that a source has.
class FirstOnly final : public TestSource {
  public:
    explicit FirstOnly(TestSource& source) : source_(source) {}
    std::span<const Test> next() override {
        if (std::exchange(asked_, true)) return {};
        return source_.next();
    }

  private:
    TestSource& source_;
    bool asked_ = false;
};

TEST_CASE("a target that does not hand over the outcome of each case is no target that agrees") {
    const auto complaint_of = [](const std::string& name, const StreamThrough& stream) {
        const Factories factories{[stream] { return make_streaming_target(stream); }, {}};
        const auto campaign = Campaign::start(settings_for("model", 4096), scratch_path(name), factories);
        Progress progress(ProgressStyle::none);
        try {
            campaign->run(1, kNever, progress);
        } catch (const std::logic_error& error) {
            return std::string(error.what());
        }
        return std::string();
    };
    CHECK(complaint_of("stream-whole", [](Target& model, TestSource& source, OutcomeSink& sink) {
              model.stream(source, sink);
          }).empty());
    const std::string not_all = "a target did not hand over the outcome of each case";
    CHECK(complaint_of("stream-forgets", [](Target& model, TestSource& source, OutcomeSink& sink) {
              AllButOne most(sink);
              model.stream(source, most);
          }) == not_all);
    CHECK(complaint_of("stream-ends-early", [](Target& model, TestSource& source, OutcomeSink& sink) {
              FirstOnly first(source);
              model.stream(first, sink);
          }) == not_all);
    CHECK(complaint_of("stream-nothing", [](Target&, TestSource&, OutcomeSink&) {}) == not_all);
    // It would get the storage of tests that it has not run.
    CHECK(complaint_of("stream-asks-only", [](Target&, TestSource& source, OutcomeSink&) {
              while (!source.next().empty()) {
              }
          }) == "a target asks for tests before it ran those it has");
}

TEST_CASE("any number of workers gives the same report", "[slow]") {
    const std::string name = "model:tco_not_set_on_exception+stg_no_alignment_fault";
    const std::string one = run_new("one", model(name), 15000, 1, name).dump();
    CHECK(run_new("two", model(name), 15000, 2, name).dump() == one);
    CHECK(run_new("three", model(name), 15000, 3, name).dump() == one);
}

TEST_CASE("a campaign that is interrupted again and again ends with the report of one that never was", "[slow]") {
    const std::string name = "model:tco_not_set_on_exception";
    const std::string straight = run_new("straight", model(name), 20000, 2, name).dump();
    const auto directory = scratch_path("interrupted");
    auto campaign = Campaign::start(settings_for(name, 20000), directory, model(name));
    const std::atomic<bool> now = true;
    Progress progress(ProgressStyle::none);
    for (int i = 0; i < 5 && campaign->run(1, now, progress) == CampaignEnd::interrupted; ++i) {
        campaign.reset();
        campaign = Campaign::resume(directory, model(name));
    }
    CHECK(run(*campaign, 2).dump() == straight);
}

TEST_CASE("a campaign does not go on without what guided generation has kept") {
    const auto directory = scratch_path("guided-lost");
    run(*Campaign::start(settings_for("model", 20000), directory, model("model")), 2);
    const auto journal = directory / "guided.jsonl";
    const std::string text = read_file(journal.string());
    REQUIRE(text.size() > 100);
    SECTION("a whole journal will do, and what is behind it is dropped") {
        std::ofstream(journal, std::ios::app) << R"({"unit":1000,"sha)";
        CHECK_NOTHROW(Campaign::resume(directory, model("model")));
        CHECK(read_file(journal.string()) == text);
    }
    SECTION("lost") {
        std::filesystem::remove(journal);
        CHECK_THROWS_MATCHES(Campaign::resume(directory, model("model")), InputError,
                             MessageMatches(ContainsSubstring("guided.jsonl") && ContainsSubstring("holds 0 of the")));
    }
    SECTION("cut off") {
        std::ofstream(journal) << text.substr(0, text.size() / 2);
        CHECK_THROWS_MATCHES(Campaign::resume(directory, model("model")), InputError,
                             MessageMatches(ContainsSubstring("guided.jsonl")));
    }
    SECTION("changed") {
        std::string changed = text;
        changed.replace(changed.find("\"kept\":[["), 10, "\"kept\":[[9");
        std::ofstream(journal) << changed;
        CHECK_THROWS_MATCHES(Campaign::resume(directory, model("model")), InputError,
                             MessageMatches(ContainsSubstring("is not what this campaign kept")));
    }
}

TEST_CASE("the report says what each source of tests contributed", "[slow]") {
    const std::string name = "model:tco_not_set_on_exception";
    const OrderedJson report = run_new("sources", model(name), 60000, 2, name);
    REQUIRE(report["sources"].size() == 3);
    std::uint64_t cases = 0;
    std::uint64_t diverged = 0;
    for (const auto& source : report["sources"]) {
        cases += source["cases"].get<std::uint64_t>();
        diverged += source["diverged"].get<std::uint64_t>();
    }
    CHECK(cases == report["counts"]["cases"]);
    CHECK(diverged == report["counts"]["unexplained"]);
    CHECK(report["sources"][0]["cases"] == 0); // no path corpus
    CHECK(report["sources"][1]["groups"] > 0);
    CHECK(report["sources"][2]["groups"] > 0);
}

TEST_CASE("a known defect explains what it does, and nothing else is left") {
    const Defect defect = model_defect("the-defect", "tco_not_set_on_exception");
    const std::string name = "model:tco_not_set_on_exception";
    const OrderedJson report = run_new("explained", model(name, {defect}), 5000, 2, name);
    CHECK(report["counts"]["unexplained"] == 0);
    CHECK(report["counts"]["explained"] > 0);
    CHECK(report["defects"][0]["cases"] == report["counts"]["explained"]);
    for (const auto& group : report["groups"]) CHECK(group["explained_by"] == std::vector<std::string>{"the-defect"});
}

TEST_CASE("of two defects that act together each is named") {
    std::vector<Defect> defects(2);
    defects[0] = {"a", "*", {"*"}, {"tco_not_set_on_exception"}, "", "", {}, {}, ""};
    defects[1] = {"b", "*", {"*"}, {"wnr_wrong"}, "", "", {}, {}, ""};
    const std::string name = "model:tco_not_set_on_exception+wnr_wrong";
    const OrderedJson report = run_new("two-defects", model(name, defects), 5000, 2, name);
    CHECK(report["counts"]["unexplained"] == 0);
    bool both = false;
    for (const auto& group : report["groups"])
        both = both || group["explained_by"] == std::vector<std::string>{"a", "b"};
    CHECK(both);
}

TEST_CASE("an unexplained divergence is localised, shortened, and likened to a mutation") {
    const std::string name = "model:subps_flags_carry_wrong";
    Settings settings = settings_for(name, 20000);
    settings.shrink = true;
    const OrderedJson report = run(*Campaign::start(settings, scratch_path("localised"), model(name)), 2);
    REQUIRE(report["groups"].size() >= 1);
    const auto& group = report["groups"][0];
    CHECK(group["signature"]["instruction"] == "SUBPS");
    CHECK(group["behaves_like"] == std::vector<std::string>{"subps_flags_carry_wrong"});
    std::size_t shortened = 0;
    for (const auto& finding : report["findings"]) {
        CHECK(finding["confirmation"] == "confirmed");
        if (finding.contains("shortest") && finding["shortest"]["code"].size() == 1) ++shortened;
    }
    CHECK(shortened >= 1);
}

TEST_CASE("what does not show again when run alone is told, and is no finding") {
    const auto factory = [] {
        return make_tampered_target([](const Test&, std::size_t, std::uint64_t since_reset, Outcome& outcome) {
            if (since_reset == 100) outcome.x[5] ^= 1;
        });
    };
    const OrderedJson report = run_new("contaminated", {factory, {}}, 4000, 1);
    REQUIRE(report["groups"].size() == 1);
    CHECK(report["groups"][0]["examples"].empty());
    CHECK(report["groups"][0]["not_reproduced"] == 1);
    CHECK(report["groups"][0]["suspects"].size() == 1);
    CHECK(report["findings"][0]["confirmation"] == "not_reproduced");
}

TEST_CASE("what shows in its batch only shows again when its batch is run again") {
    // As if an earlier case had left something behind.
    const auto factory = [] {
        return make_tampered_target([](const Test&, std::size_t, std::uint64_t since_reset, Outcome& outcome) {
            if (since_reset == 100) outcome.x[5] ^= 1;
        });
    };
    const auto campaign = Campaign::start(settings_for("model", 4000), scratch_path("batch"), {factory, {}});
    run(*campaign, 1);
    auto findings = campaign->findings();
    REQUIRE(findings.size() == 1);
    Finding& finding = findings[0];
    CHECK(finding.confirmation == Confirmation::not_reproduced);
    REQUIRE(finding.batch);
    CHECK(finding.batch->sequence * 16 + finding.batch->state == 100);
    const auto target = factory();
    Examiner examiner(target->probe(), {});
    CHECK(examiner.replay(finding, *target) == Verdict::Kind::agreed);
    target->reset();
    CHECK(replay_batch(finding, *target, examiner) == Verdict::Kind::diverged);
    REQUIRE(finding.differences.size() == 1);
    CHECK(finding.differences[0].field == "x5");
    finding.original.state.x[1] ^= 1; // as if another version had drawn it
    CHECK_FALSE(replay_batch(finding, *target, examiner));
}

TEST_CASE("a defect that leads runs astray is named, and what it leads astray is counted apart") {
    const Defect defect{"unchecked", "*", {"*"}, {"tco_ignored"}, "s", "f", {}, {}, ""};
    const std::string name = "model:tco_ignored";
    const auto campaign = Campaign::start(settings_for(name, 20000), scratch_path("astray"), model(name, {defect}));
    const OrderedJson report = run(*campaign, 2);
    const auto& counts = report["counts"];
    CHECK(counts["unexplained"] == 0);
    CHECK(counts["agreed"].get<std::uint64_t>() + counts["explained"].get<std::uint64_t>() +
              counts["led_astray"].get<std::uint64_t>() + counts["untestable"].get<std::uint64_t>() ==
          counts["cases"].get<std::uint64_t>());
    CHECK(report["defects"][0]["cases"] == counts["explained"]);
    CHECK(report["defects"][0]["led_astray"] == counts["led_astray"]);
    for (const Finding& finding : campaign->findings()) {
        CHECK_FALSE(finding.batch);
        CHECK(finding.explained_by == std::vector<std::string>{"unchecked"});
    }
}

TEST_CASE("a target that crashes on a case has a finding of it") {
    const auto factory = [] {
        return make_tampered_target([](const Test& test, std::size_t state, std::uint64_t, Outcome& outcome) {
            if (test.states[state].x[0] % 512 == 0) {
                outcome.status = Status::crashed;
                outcome.note = "killed by signal 6";
            }
        });
    };
    const OrderedJson report = run_new("crashing", {factory, {}}, 8000, 2);
    REQUIRE_FALSE(report["groups"].empty());
    for (const auto& group : report["groups"]) CHECK(group["signature"]["got"] == "crashed");
    CHECK(report["findings"][0]["note"] == "killed by signal 6");
}

TEST_CASE("what the target cannot set up is counted apart") {
    const auto factory = [] {
        return make_tampered_target([](const Test&, std::size_t, std::uint64_t, Outcome& outcome) {
            outcome.status = Status::unsupported;
            outcome.note = "no EL3";
        });
    };
    const OrderedJson report = run_new("unsupported", {factory, {}}, 4000, 1);
    CHECK(report["counts"]["unsupported"] == report["counts"]["cases"]);
    CHECK(report["unsupported"]["no EL3"] == report["counts"]["cases"]);
}

TEST_CASE("a finding that an earlier run left behind and that does not show again is told") {
    const auto directory = scratch_path("stray");
    auto campaign = Campaign::start(settings_for("model", 4000), directory, model("model"));
    Finding finding;
    finding.original.id = "random/1/0/3/2";
    finding.original.sequence.pc = ARENA_CODE_VA;
    finding.original.sequence.code = {0xd503201f};
    finding.target = "model";
    finding.signature = {"(any)", "completed", "crashed", ""};
    save(finding, directory / "findings");
    finding.original.id = "random/1/63/100000/0"; // of a unit that the campaign does not come to
    save(finding, directory / "findings");
    const OrderedJson report = run(*campaign, 1);
    REQUIRE(report["groups"].size() == 1);
    CHECK(report["groups"][0]["suspects"] == std::vector<std::string>{"random/1/0/3/2"});
    CHECK(report["findings"].size() == 1);
}

TEST_CASE("a directory is used for one campaign, and resumed by what began it only") {
    const auto directory = scratch_path("twice");
    run(*Campaign::start(settings_for("model", 4000), directory, model("model")), 1);
    CHECK_THROWS_MATCHES(Campaign::start(settings_for("model", 4000), directory, model("model")), InputError,
                         MessageMatches(ContainsSubstring("--resume")));
    CHECK_THROWS_MATCHES(Campaign::settings_of(directory.parent_path()), InputError,
                         MessageMatches(ContainsSubstring("holds no campaign")));
    const auto file = directory / "campaign.json";
    const std::string good = read_file(file);
    std::string text = good;
    text.replace(text.find("0.1.0"), 5, "0.0.1");
    write_durably(file, text);
    CHECK_THROWS_MATCHES(Campaign::resume(directory, model("model")), InputError,
                         MessageMatches(ContainsSubstring("0.0.1")));
    text = good;
    const std::string other_stream = "0x0123456789abcdef";
    text.replace(text.find(stream_version()), other_stream.size(), other_stream);
    write_durably(file, text);
    CHECK_THROWS_MATCHES(Campaign::resume(directory, model("model")), InputError,
                         MessageMatches(ContainsSubstring("the stream of tests was \"" + other_stream) &&
                                        ContainsSubstring("start a new one")));
}

TEST_CASE("a damaged checkpoint is refused with its place") {
    const auto directory = scratch_path("damaged");
    run(*Campaign::start(settings_for("model", 4000), directory, model("model")), 1);
    const auto file = directory / "checkpoint.json";
    const std::string good = read_file(file);
    const auto refuses = [&](const std::string& text) {
        write_durably(file, text);
        CHECK_THROWS_MATCHES(Campaign::resume(directory, model("model")), InputError,
                             MessageMatches(ContainsSubstring("checkpoint.json")));
    };
    refuses(good.substr(0, good.size() / 2));
    refuses("[1]");
    nlohmann::json document = nlohmann::json::parse(good);
    document["tally"]["coverage"].push_back(1);
    refuses(document.dump());
    document = nlohmann::json::parse(good);
    document["tally"]["counts"]["cases"] = -1;
    refuses(document.dump());
    document = nlohmann::json::parse(good);
    document["tally"]["groups"] = nlohmann::json::array({nullptr});
    refuses(document.dump());
    write_durably(file, good);
    CHECK_NOTHROW(Campaign::resume(directory, model("model")));
}

std::map<std::string, std::string> files_of(const std::filesystem::path& directory) {
    std::map<std::string, std::string> files;
    for (const auto& entry : std::filesystem::directory_iterator(directory))
        files[entry.path().filename()] = read_file(entry.path());
    return files;
}

TEST_CASE("what guided generation kept is distilled, and the next campaign goes on from it", "[slow]") {
    Settings settings = settings_for("model", 80000);
    settings.distil = true;
    const auto first = scratch_path("distilled");
    run(*Campaign::start(settings, first, model("model")), 2);
    const auto alone = scratch_path("distilled-alone");
    const auto campaign = Campaign::start(settings, alone, model("model"));
    run(*campaign, 1);
    CHECK(files_of(first / kCorpusDirectory) == files_of(alone / kCorpusDirectory));
    const std::size_t cases = read_case_directory(first / kCorpusDirectory).size();
    CHECK(cases > 50);
    CHECK(cases < campaign->tally().guided_kept);
    // Every case of it runs, and meets what is new to a campaign without it only.
    const CaseCorpus corpus(first / kCorpusDirectory, campaign->profile());
    CHECK(corpus.tests().size() == cases);

    settings.seed = 2;
    settings.corpus = first / kCorpusDirectory;
    const auto second = scratch_path("distilled-second");
    const auto next = Campaign::start(settings, second, model("model"));
    const OrderedJson report = run(*next, 2);
    CHECK(report["campaign"]["corpus"] == corpus.fingerprint());
    CHECK(report["counts"]["agreed"] == report["counts"]["cases"]);
    // What was known stays known.
    FeatureMap known = common_features(next->profile());
    const CaseCorpus grown(second / kCorpusDirectory, next->profile());
    for (std::size_t i = 0; i < grown.tests().size(); ++i) known.add(grown.traits(i));
    for (std::size_t i = 0; i < cases; ++i) CHECK_FALSE(known.add(corpus.traits(i)));
    CHECK(grown.tests().size() > cases);

    // Interrupted and gone on with, it ends the same.
    const auto again = scratch_path("distilled-interrupted");
    const std::atomic<bool> now = true;
    Progress progress(ProgressStyle::none);
    auto resumed = Campaign::start(settings, again, model("model"));
    for (int round = 0; round < 3; ++round) {
        resumed->run(2, now, progress);
        resumed.reset();
        resumed = Campaign::resume(again, model("model"));
    }
    CHECK(run(*resumed, 2).dump() == report.dump());
    CHECK(files_of(again / kCorpusDirectory) == files_of(second / kCorpusDirectory));
    resumed.reset();

    // Another corpus is another campaign.
    write_case_directory(first / kCorpusDirectory, {});
    CHECK_THROWS_MATCHES(Campaign::resume(again, model("model")), InputError,
                         MessageMatches(ContainsSubstring("fingerprint of the corpus")));
}

TEST_CASE("what a campaign leaves on disk is bounded, however much it finds") {
    constexpr std::uint64_t kGroups = 4;
    const std::string name = "model:tco_not_set_on_exception+stg_no_alignment_fault+subps_flags_carry_wrong";
    const Defect defect = model_defect("subps", "subps_flags_carry_wrong");
    Settings settings = settings_for(name, 60000);
    settings.max_groups = kGroups;
    const auto directory = scratch_path("bounded");
    const OrderedJson report = run(*Campaign::start(settings, directory, model(name, {defect})), 2);
    CHECK(report["counts"]["unexplained"] > 1000);
    CHECK(report["groups"].size() <= 2 * (kGroups + 1));
    const auto findings = files_of(directory / kFindingsDirectory);
    CHECK(findings.size() <= 2 * kGroups * 2 * kExamples); // examples and suspects
    CHECK(findings.size() == report["findings"].size());
    for (const auto& [file, text] : findings) CHECK(text.size() < (std::size_t{1} << 17U));
    CHECK(read_file(directory / kCheckpointFile).size() < (std::size_t{1} << 20U));
}

} // namespace
} // namespace mtecheck::difftest
