// SPDX-License-Identifier: Apache-2.0
//
// Adapters that do well, and all kinds that do not: no trouble of theirs is lost, blamed on others, or the end.
#include <catch2/catch_test_macros.hpp>
#include <fstream>
#include <functional>
#include <nlohmann/json.hpp>

#include "difftest/campaign/campaign.h"
#include "difftest/campaign/profile_file.h"
#include "difftest/core/error.h"
#include "difftest/core/json.h"
#include "difftest/generate/generator.h"
#include "difftest/judge/model_target.h"
#include "difftest/pipe/check.h"
#include "difftest/pipe/protocol.h"
#include "difftest/pipe/target.h"
#include "difftest/report/report.h"
#include "tests/difftest/broken_pipes.h"
#include "tests/difftest/interrupt.h"
#include "tests/difftest/scratch.h"

namespace mtecheck::difftest {
namespace {

const std::string kAdapter = MTECHECK_ADAPTER;

std::vector<Test> some_tests(std::size_t count, std::size_t states) {
    const Profile profile = make_model_target("model")->probe();
    const auto generator = make_random_generator(profile, states);
    std::vector<Test> tests(count);
    for (std::size_t i = 0; i < count; ++i) generator->generate(5, 0, i, tests[i]);
    return tests;
}

void write(const std::filesystem::path& path, const std::string& text) { std::ofstream(path) << text; }

/// The command of an adapter that answers probes as the model does, and runs with a piece of shell; $n is the number of
/// the request.
std::string shell_adapter(const std::string& name, const std::string& runs) {
    const auto directory = scratch_directory(name);
    OrderedJson probe{{"schema", kPipeSchema}, {"number", "NUMBER"}};
    probe["profile"] = to_json(make_model_target("model")->probe());
    std::string line = probe.dump();
    line.replace(line.find("\"NUMBER\""), 8, "NUMBER");
    write(directory / "probe", line + "\n");
    write(directory / "adapter.sh", "while read -r line; do\n"
                                    "  n=$(printf '%s' \"$line\" | sed 's/.*\"number\":\\([0-9]*\\).*/\\1/;q')\n"
                                    "  case \"$line\" in\n"
                                    "  *'\"request\":\"probe\"'*) sed \"s/NUMBER/$n/\" '" +
                                        (directory / "probe").string() + "' ;;\n  *) " + runs + " ;;\n  esac\ndone\n");
    return "sh " + (directory / "adapter.sh").string();
}

TEST_CASE("an adapter around the model is the model") {
    const auto pipe = make_pipe_target("pipe:" + kAdapter);
    const auto model = make_model_target("model");
    CHECK(pipe->probe().features == model->probe().features);
    CHECK_FALSE(pipe->probe().chooses_tags);
    CHECK(pipe->probe().target == "pipe:" + kAdapter);
    const auto tests = some_tests(8, 4);
    std::vector<std::vector<Outcome>> got;
    std::vector<std::vector<Outcome>> expected;
    pipe->run(tests, got);
    model->run(tests, expected);
    for (std::size_t i = 0; i < tests.size(); ++i) {
        for (std::size_t j = 0; j < tests[i].states.size(); ++j) CHECK(to_json(got[i][j]) == to_json(expected[i][j]));
    }
    CHECK(pipe->statistics().cases == 32);
    CHECK(pipe->statistics().restarts == 0);
}

TEST_CASE("what an adapter does wrong is the outcome of its case, and the next one gets a new adapter") {
    struct Wrong {
        const char* name;
        const char* runs;
        Status status;
        const char* note;
    };
    for (const Wrong& wrong :
         {Wrong{"pipe-dies", "kill -9 $$", Status::crashed, "signal 9"},
          Wrong{"pipe-exits", "echo sorry >&2; exit 3", Status::crashed, "sorry"},
          Wrong{"pipe-hangs", "sleep 60", Status::runaway, "no answer in time"},
          Wrong{"pipe-garbage", "echo 'Segmentation fault'", Status::garbled, "answer"},
          Wrong{"pipe-cut", "printf '{\"schema\":\"mtecheck-'; exit 0", Status::crashed, "ended"},
          Wrong{"pipe-other", "echo '{\"schema\":\"mtecheck-pipe/1\",\"number\":1,\"outcomes\":[]}'", Status::garbled,
                "number"},
          Wrong{"pipe-error", "echo '{\"schema\":\"mtecheck-pipe/1\",\"number\":'$n',\"error\":\"no\"}'",
                Status::garbled, "it says: no"},
          Wrong{"pipe-none", "echo '{\"schema\":\"mtecheck-pipe/1\",\"number\":'$n',\"outcomes\":[]}'", Status::garbled,
                "outcomes"}}) {
        CAPTURE(wrong.name);
        const bool hangs = wrong.status == Status::runaway;
        const auto target = make_pipe_target(std::string("pipe,timeout=") + (hangs ? "1" : "60") + ":" +
                                             shell_adapter(wrong.name, wrong.runs));
        const auto tests = some_tests(1, hangs ? 1 : 2);
        std::vector<std::vector<Outcome>> got;
        target->run(tests, got);
        REQUIRE(got.front().size() == tests.front().states.size());
        for (const Outcome& outcome : got.front()) {
            CHECK(outcome.status == wrong.status);
            CHECK(outcome.note.find(wrong.note) != std::string::npos);
        }
        CHECK(target->statistics().restarts > 0);
    }
}

TEST_CASE("an adapter that cannot be started is trouble of the tool") {
    CHECK_THROWS_AS(make_pipe_target("pipe:/no/such/adapter")->probe(), TargetError);
    CHECK_THROWS_AS(make_pipe_target("pipe:echo hello")->probe(), TargetError);
    for (const char* spec : {"pipe", "pipe:", "pipe,timeout=x:true", "pipe,timeout=0:true", "pipe,other=1:true"})
        CHECK_THROWS_AS(make_pipe_target(spec), InputError);
}

/// The report of a campaign, without the name of its target, and times.
std::string report_of(const std::string& name, const std::string& target,
                      const std::function<std::unique_ptr<Target>()>& make) {
    Settings settings;
    settings.target = target;
    settings.cases = 4096;
    settings.shrink = false;
    const auto campaign = Campaign::start(settings, scratch_path(name), {make, {}});
    Progress progress(ProgressStyle::none);
    REQUIRE(campaign->run(1, kNever, progress) == CampaignEnd::complete);
    const auto findings = campaign->findings();
    CHECK_FALSE(findings.empty());
    if (target.starts_with("pipe")) CHECK(campaign->tally().times.target_restarts > 10);
    std::string text =
        report_text({campaign->file(), campaign->profile(), campaign->tally(), campaign->defects(), findings});
    for (std::size_t at = 0; (at = text.find(target, at)) != std::string::npos;) text.erase(at, target.size());
    return text.substr(0, text.rfind("\n  \"times\": {"));
}

TEST_CASE("a connection that is cut at random, within answers, too, changes nothing of the report") {
    const std::string model = "model:subps_flags_carry_wrong";
    const auto counter = scratch_path("pipe-counter");
    write(counter, "0");
    const std::string cut =
        "pipe:" + std::string(MTECHECK_UNSTEADY) + " " + counter.string() + " 20000 " + kAdapter + " " + model;
    CHECK((report_of("pipe-cut-campaign", cut, [&] { return make_pipe_target(cut); }) ==
           report_of("pipe-no-pipe", model, [&] { return make_model_target(model); })));
}

std::vector<AdapterCheck> failed(const std::vector<AdapterCheck>& checks) {
    std::vector<AdapterCheck> result;
    for (const AdapterCheck& check : checks) {
        if (!check.passed) result.push_back(check);
    }
    return result;
}

TEST_CASE("the check of adapters passes one that keeps the rules, and says which another breaks") {
    const auto good = check_adapter("pipe:" + kAdapter);
    CHECK(failed(good).empty());
    CHECK(good.back().what.find("agree with the model") != std::string::npos);
    // A fault of the implementation is none of the adapter.
    CHECK(failed(check_adapter("pipe:" + kAdapter + " model:subps_flags_carry_wrong")).empty());

    const auto silent = failed(check_adapter("pipe:true"));
    REQUIRE(silent.size() == 1);
    CHECK(silent.front().what == "it says what it is");
    const auto garbage = failed(check_adapter("pipe:" + shell_adapter("check-garbage", "echo nonsense")));
    REQUIRE_FALSE(garbage.empty());
    CHECK(garbage.front().what == "a request that it does not know is answered with an error");
}

TEST_CASE("answers are read strictly") {
    const std::vector<State> states(1);
    CHECK_THROWS_AS(read_run_answer("", 1, states), InputError);
    CHECK_THROWS_AS(read_run_answer(R"({"schema":"mtecheck-pipe/2","number":1,"outcomes":[]})", 1, states), InputError);
    const std::string one = R"({"schema":"mtecheck-outcome/1","status":"completed"})";
    const std::string head = R"({"schema":"mtecheck-pipe/1","number":1,"outcomes":[)";
    CHECK(read_run_answer(head + one + "]}", 1, states).size() == 1);
    CHECK_THROWS_AS(read_run_answer(head + one + "," + one + "]}", 1, states), InputError);
    CHECK_THROWS_AS(read_run_answer(head + one + "]}", 2, states), InputError);
    std::vector<State> with_window(1);
    with_window.front().windows.push_back(Window{});
    CHECK_THROWS_AS(read_run_answer(head + one + "]}", 1, with_window), InputError);
}

} // namespace
} // namespace mtecheck::difftest
