// SPDX-License-Identifier: Apache-2.0
//
// Store-exclusives of a process may fail, each of them: campaigns tell of one that never passes all the same.
#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>

#include "difftest/campaign/campaign.h"
#include "difftest/judge/judge.h"
#include "difftest/report/report.h"
#include "tests/difftest/interrupt.h"
#include "tests/difftest/scratch.h"

namespace mtecheck::difftest {
namespace {

/// The model as a Linux process, which clears its monitors where `clears` says so, of the cases that it ran.
class ProcessTarget final : public Target {
  public:
    using Clears = std::function<bool(std::uint64_t number)>;

    explicit ProcessTarget(Clears clears) : profile_(process_profile()), clears_(std::move(clears)) {
        reading_ = make_reading(profile_);
    }

    const Profile& probe() override { return profile_; }
    void run(std::span<const Test> tests, std::vector<std::vector<Outcome>>& outcomes) override {
        outcomes.resize(tests.size());
        for (std::size_t i = 0; i < tests.size(); ++i) {
            reading_->load(tests[i].sequence);
            outcomes[i].clear();
            for (const State& state : tests[i].states) outcomes[i].push_back(outcome_of(state));
        }
    }
    void reset() override {}
    TargetStatistics statistics() const override { return {}; }

  private:
    static Profile process_profile() {
        Profile profile = model_profile();
        profile.process = true;
        profile.chooses_tags = false;
        profile.el2 = false;
        profile.el3 = false;
        return profile;
    }

    /// Every store-exclusive of the case that fits fails, or none.
    Outcome outcome_of(const State& state) {
        const bool clears = clears_(number_++);
        Answers answers;
        for (;;) {
            reading_->run(state, answers, reading_->other);
            const Choices& choices = reading_->other.choices;
            const auto next = std::find_if(choices.begin(), choices.end(), [](const ChoiceTaken& choice) {
                return choice.reason == spec::DontCare::InterruptedExclusive && choice.taken == 0;
            });
            if (!clears || next == choices.end()) return reading_->other.outcome;
            answers.clear();
            for (auto choice = choices.begin(); choice != next; ++choice)
                answers.push_back(static_cast<std::uint8_t>(choice->taken));
            answers.push_back(1);
        }
    }

    Profile profile_;
    Clears clears_;
    std::unique_ptr<Reading> reading_;
    std::uint64_t number_ = 0;
};

struct Counted {
    StoreExclusives exclusives;
    nlohmann::json report;
    std::string text;
};

Counted run(const std::string& name, const ProcessTarget::Clears& clears) {
    Settings settings;
    settings.target = "process";
    settings.cases = 8000;
    settings.shrink = false;
    const auto campaign = Campaign::start(settings, scratch_path(name),
                                          {[clears] { return std::make_unique<ProcessTarget>(clears); }, {}});
    Progress progress(ProgressStyle::none);
    REQUIRE(campaign->run(1, kNever, progress) == CampaignEnd::complete);
    CHECK(campaign->tally().counts.unexplained == 0);
    const ReportInput input{.file = campaign->file(),
                            .profile = campaign->profile(),
                            .tally = campaign->tally(),
                            .defects = campaign->defects(),
                            .findings = campaign->findings()};
    return {campaign->tally().store_exclusives, nlohmann::json::parse(report_text(input)),
            render_report(input, "findings")};
}

TEST_CASE("a process whose store-exclusives never pass makes no progress, and the report says so") {
    const Counted counted = run("never", [](std::uint64_t) { return true; });
    CHECK(counted.exclusives.passed == 0);
    CHECK(counted.exclusives.failed >= kEnoughExclusives);
    CHECK_FALSE(counted.exclusives.make_progress());
    CHECK(counted.report["store_exclusives"]["make_progress"] == false);
    CHECK(counted.report["store_exclusives"]["rule"] == "DC-69");
    CHECK(counted.text.find("NO PROGRESS") != std::string::npos);
}

TEST_CASE("a process whose store-exclusives fail now and then makes progress") {
    const Counted always = run("always", [](std::uint64_t) { return false; });
    CHECK(always.exclusives.failed == 0);
    CHECK(always.exclusives.passed >= kEnoughExclusives);
    CHECK(always.text.find("NO PROGRESS") == std::string::npos);
    const Counted sometimes = run("sometimes", [](std::uint64_t number) { return number % 4 != 0; });
    CHECK(sometimes.exclusives.failed > sometimes.exclusives.passed);
    CHECK(sometimes.exclusives.make_progress());
    CHECK(sometimes.report["store_exclusives"]["make_progress"] == true);
}

} // namespace
} // namespace mtecheck::difftest
