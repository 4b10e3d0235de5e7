// SPDX-License-Identifier: Apache-2.0
//
// The tally of a campaign: adding units, and the checkpoint's JSON.
#include "difftest/campaign/tally.h"

#include <catch2/catch_test_macros.hpp>

#include "difftest/core/error.h"

namespace mtecheck::difftest {
namespace {

constexpr TableSizes kSizes{2, 3, 4};

UnitResult unit() {
    UnitResult result;
    result.counts.cases = 10;
    result.counts.agreed = 9;
    result.counts.led_astray = 1;
    result.requirements = {{5, 1}, {0, 0}};
    result.encodings = {1, 2, 3};
    result.coverage = {0, 1, 0, 2};
    result.choices["DC"] = 1;
    result.unsupported["why"] = 2;
    result.groups[{{"defect"}, true, {"STG", "completed", "crashed", ""}}].cases = 1;
    return result;
}

Tally parse(const OrderedJson& document) {
    const nlohmann::json plain = nlohmann::json::parse(document.dump());
    const std::string file = "checkpoint.json";
    return tally_from_json(JsonPlace(plain, file), kSizes);
}

TEST_CASE("units add up, and a tally that is written is read back") {
    Tally tally(kSizes);
    tally.add(unit());
    tally.add(unit());
    CHECK(tally.units == 2);
    CHECK(tally.counts.cases == 20);
    CHECK(tally.requirements[0].exercised == 10);
    CHECK(tally.covered() == 2);
    CHECK(tally.groups.begin()->second.cases == 2);
    tally.groups.begin()->second.examples = {"random/1/2/3/4"};
    tally.times.elapsed_seconds = 1.5;
    CHECK(to_json(parse(to_json(tally))).dump() == to_json(tally).dump());
}

TEST_CASE("groups beyond the limit are counted in one") {
    Tally tally(kSizes);
    for (std::size_t i = 0; i < kMaxGroups + 50; ++i) {
        UnitResult result;
        result.groups[{{}, false, {std::to_string(i), "", "", ""}}].cases = 1;
        tally.add(result);
    }
    CHECK(tally.groups.size() == kMaxGroups + 1);
    std::uint64_t cases = 0;
    for (const auto& [key, group] : tally.groups) cases += group.cases;
    CHECK(cases == kMaxGroups + 50);
}

TEST_CASE("a tally over other tables, or with a value of another kind, is refused") {
    Tally tally(kSizes);
    tally.add(unit());
    const OrderedJson good = to_json(tally);
    for (const auto& [key, value] : good.items()) {
        OrderedJson changed = good;
        changed[key] = "text";
        CHECK_THROWS_AS(parse(changed), InputError);
        changed.erase(key);
        CHECK_THROWS_AS(parse(changed), InputError);
    }
    OrderedJson longer = good;
    longer["encodings"].push_back(1);
    CHECK_THROWS_AS(parse(longer), InputError);
}

} // namespace
} // namespace mtecheck::difftest
