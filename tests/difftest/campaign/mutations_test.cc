// SPDX-License-Identifier: Apache-2.0
//
// The campaign finds every deliberate fault of the model, with the default seed and within its default time.
#include <catch2/catch_test_macros.hpp>

#include "difftest/campaign/selftest.h"
#include "difftest/core/error.h"
#include "spec/schema_validator.h"
#include "tests/difftest/interrupt.h"
#include "tests/difftest/schemas.h"
#include "tests/difftest/scratch.h"

namespace mtecheck::difftest {
namespace {

SelftestSettings settings_for(std::vector<spec::Mutation> mutations) {
    SelftestSettings settings;
    settings.mutations = std::move(mutations);
    settings.directory = scratch_directory("selftest");
    settings.workers = 2;
    return settings;
}

TEST_CASE("every mutation is found by the default campaign", "[slow]") {
    for (const FaultScore& score : run_selftest(settings_for(select_mutations({})), kNever)) {
        INFO(to_text(score));
        CHECK(score.found);
        CHECK(score.recognised);
    }
}

TEST_CASE("every family of requirements that can be tested has a mutation") {
    const auto families = requirement_families();
    CHECK(families.size() > 10);
    for (const RequirementFamily& family : families) {
        INFO(family.name);
        CHECK(family.covered());
    }
}

TEST_CASE("a self-test says what it found, and fails when it did not find something") {
    SelftestResult result;
    result.settings = settings_for(select_mutations({"subps_flags_carry*", "tco_not_set_on_exception"}));
    REQUIRE(result.settings.mutations.size() == 2);
    result.scores = run_selftest(result.settings, kNever);
    result.families = requirement_families();
    CHECK(result.passed());
    CHECK(result.found() == 2);
    for (const FaultScore& score : result.scores) {
        CHECK(score.generator == "random");
        CHECK(score.recognised);
    }
    const std::string text = to_json(result).dump();
    CHECK(spec::validate(published_schema("mtecheck-selftest/1"), nlohmann::json::parse(text)).empty());
    result.scores[0].found = false;
    CHECK_FALSE(result.passed());
    CHECK(to_text(result.scores[0]).starts_with("MISSED"));
    const std::string missed = to_json(result).dump();
    CHECK(spec::validate(published_schema("mtecheck-selftest/1"), nlohmann::json::parse(missed)).empty());

    CHECK_THROWS_AS(select_mutations({"no_such_fault"}), InputError);
    const std::atomic<bool> at_once = true;
    CHECK(run_selftest(result.settings, at_once).empty());
}

} // namespace
} // namespace mtecheck::difftest
