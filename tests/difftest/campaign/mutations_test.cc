// SPDX-License-Identifier: Apache-2.0
//
// The campaign finds every deliberate fault of the model, with the default seed and within its default time.
#include <catch2/catch_test_macros.hpp>
#include <chrono>

#include "difftest/campaign/campaign.h"
#include "difftest/judge/model_target.h"
#include "spec/gen/mutations.h"
#include "tests/difftest/scratch.h"

namespace mtecheck::difftest {
namespace {

constexpr std::uint64_t kSeconds = 60;

TEST_CASE("every mutation is found by the default campaign", "[slow]") {
    const std::atomic<bool> never = false;
    for (const auto& mutation : spec::mutations()) {
        // Generators make no instruction of a feature that the profile lacks; an invariant finds this one.
        if (mutation.value == spec::Mutation::absent_features_ignored) continue;
        const std::string name = "model:" + std::string(mutation.id);
        INFO(name);
        Settings settings;
        settings.target = name;
        settings.seconds = kSeconds;
        settings.stop_at_first = true;
        const auto start = std::chrono::steady_clock::now();
        const auto campaign =
            Campaign::start(settings, scratch_path("mutation"), {[&] { return make_model_target(name); }, {}});
        Progress progress(ProgressStyle::none);
        campaign->run(2, never, progress);
        const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - start;
        CHECK(campaign->tally().counts.unexplained > 0);
        CHECK(spent.count() < kSeconds);
        bool recognised = false;
        for (const Finding& finding : campaign->findings()) {
            for (const std::string& like : finding.behaves_like) recognised = recognised || like == mutation.id;
        }
        CHECK(recognised);
    }
}

} // namespace
} // namespace mtecheck::difftest
