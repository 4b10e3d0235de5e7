// SPDX-License-Identifier: Apache-2.0
//
// The statistics of IRG, on implementations that choose well and badly.
#include "difftest/statistics/random_tags.h"

#include <catch2/catch_test_macros.hpp>
#include <functional>
#include <nlohmann/json.hpp>

#include "difftest/generate/random.h"
#include "difftest/judge/judge.h"
#include "spec/gen/registers.h"

namespace mtecheck::difftest {
namespace {

/// Chooses a tag as `choose` says, of a random number and the set of excluded tags.
class Chooser final : public Target {
  public:
    using Choose = std::function<unsigned(Random&, unsigned)>;
    explicit Chooser(Choose choose) : choose_(std::move(choose)), profile_(model_profile()) {
        profile_.chooses_tags = true;
    }
    const Profile& probe() override { return profile_; }
    void run(std::span<const Test> tests, std::vector<std::vector<Outcome>>& outcomes) override {
        outcomes.assign(1, {});
        for (const State& state : tests[0].states) {
            const auto exclude = static_cast<unsigned>(spec::field::GCR_EL1::Exclude.extract(state.gcr_el1));
            Outcome& outcome = outcomes[0].emplace_back();
            outcome.x[0] = std::uint64_t{choose_(random_, exclude)} << 56U;
        }
    }
    void reset() override {}
    TargetStatistics statistics() const override { return {}; }

  private:
    Choose choose_;
    Profile profile_;
    Random random_{7, 0, 0};
};

unsigned uniform(Random& random, unsigned exclude) {
    if (exclude == 0xffff) return 0;
    for (;;) {
        const unsigned tag = random.below(16);
        if ((exclude >> tag & 1U) == 0) return tag;
    }
}

TEST_CASE("an implementation that chooses every allowed tag alike passes") {
    Chooser target(uniform);
    const RandomTagStatistics statistics = measure_random_tags(target);
    REQUIRE(statistics.applicable());
    CHECK(statistics.passed());
    CHECK(to_json(statistics)["passed"] == true);
    const nlohmann::json kept = {{"sets", measured_json(statistics)}};
    const RandomTagStatistics again = random_tags_from_json(JsonPlace(kept, "kept"));
    CHECK(to_json(again) == to_json(statistics));
    CHECK(measured_json(again) == measured_json(statistics));
    unsigned distributions = 0;
    for (const TagDraws& set : statistics.draws) distributions += set.uniform_expected ? 1U : 0U;
    CHECK(distributions == 5);
}

TEST_CASE("an excluded tag that is drawn once in a thousand times is seen") {
    Chooser target([](Random& random, unsigned exclude) {
        return random.chance(1) ? random.below(16) : uniform(random, exclude);
    });
    CHECK_FALSE(measure_random_tags(target).passed());
}

TEST_CASE("tags that are not drawn alike are seen") {
    SECTION("one of them half as often again") {
        Chooser target([](Random& random, unsigned exclude) {
            const unsigned tag = uniform(random, exclude);
            return tag < 2 || random.chance(667) ? tag : uniform(random, exclude);
        });
        CHECK_FALSE(measure_random_tags(target).passed());
    }
    SECTION("always the first") {
        Chooser target([](Random&, unsigned exclude) {
            unsigned tag = 0;
            while (tag < 15 && (exclude >> tag & 1U) != 0) ++tag;
            return exclude == 0xffff ? 0 : tag;
        });
        CHECK_FALSE(measure_random_tags(target).passed());
    }
    SECTION("never the last") {
        Chooser target([](Random& random, unsigned exclude) {
            const unsigned last = exclude == 0 ? 0x8000U : 0U;
            return uniform(random, exclude | last);
        });
        CHECK_FALSE(measure_random_tags(target).passed());
    }
}

TEST_CASE("where there is nothing to test the reason is told") {
    class Poor final : public Target {
      public:
        explicit Poor(unsigned mte, bool chooses) : profile_(model_profile()) {
            profile_.mte = static_cast<std::uint8_t>(mte);
            profile_.chooses_tags = chooses;
        }
        const Profile& probe() override { return profile_; }
        void run(std::span<const Test> tests, std::vector<std::vector<Outcome>>& outcomes) override {
            outcomes.assign(1, std::vector<Outcome>(tests[0].states.size()));
            for (Outcome& outcome : outcomes[0]) outcome.status = Status::crashed;
        }
        void reset() override {}
        TargetStatistics statistics() const override { return {}; }

      private:
        Profile profile_;
    };
    Poor without(1, true);
    CHECK(measure_random_tags(without).why == "the target has no IRG");
    Poor reading(3, false);
    CHECK_FALSE(measure_random_tags(reading).applicable());
    Poor crashing(3, true);
    const RandomTagStatistics crashed = measure_random_tags(crashing);
    CHECK(crashed.why == "the target did not complete an IRG");
    CHECK(to_json(crashed)["why_not"] == crashed.why);
    CHECK(random_tags_from_json(JsonPlace(nlohmann::json{{"why_not", crashed.why}}, "kept")).why == crashed.why);
}

} // namespace
} // namespace mtecheck::difftest
