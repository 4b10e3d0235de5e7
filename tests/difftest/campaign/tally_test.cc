// SPDX-License-Identifier: Apache-2.0
//
// The tally of a campaign: adding units, and the checkpoint's JSON.
#include "difftest/campaign/tally.h"

#include <catch2/catch_test_macros.hpp>
#include <nlohmann/json.hpp>

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
    tally.groups.counted(tally.groups.begin()->first).examples = {"random/1/2/3/4"};
    tally.times.elapsed_seconds = 1.5;
    CHECK(to_json(parse(to_json(tally))).dump() == to_json(tally).dump());
}

/// A unit that met a group of this number once.
UnitResult met(std::size_t number) {
    UnitResult result;
    const std::string name = std::to_string(number);
    GroupKey key{{}, false, {name, "", "", ""}};
    if (number % 3 == 0) key = {{"a" + name}, false, {}};
    if (number % 6 == 0) key = {{"a" + name, "b"}, true, {}};
    result.groups[key].cases = 1;
    result.unsupported["address " + name] = 1;
    return result;
}

TEST_CASE("groups beyond the limit are counted together") {
    Tally tally(kSizes);
    constexpr std::size_t kAll = 5000;
    for (std::size_t i = 0; i < kAll; ++i) tally.add(met(i));
    CHECK(tally.groups.size() == 2 * kMaxGroups + 2);
    std::uint64_t cases = 0;
    std::uint64_t alone = 0; // groups that one defect explains
    for (const auto& [key, group] : tally.groups) {
        cases += group.cases;
        alone += key.explained_by.size() == 1 && !GroupTable::counts_others(key) ? 1U : 0U;
        CHECK((group.cases == 1 || GroupTable::counts_others(key)));
    }
    CHECK(cases == kAll);
    CHECK(alone == kAll / 6); // all of them: they are rather kept than groups of two defects
    std::uint64_t reasons = 0;
    for (const auto& [reason, count] : tally.unsupported) reasons += count;
    CHECK(reasons == kAll);
    CHECK(tally.unsupported.size() < kAll);
}

TEST_CASE("which groups and reasons are kept does not depend on their order, nor on who met them") {
    TableSizes sizes = kSizes;
    sizes.groups = 20;
    constexpr std::size_t kAll = 2000;
    Tally whole(sizes);
    for (std::size_t i = 0; i < kAll; ++i) {
        whole.add(met(i));
        whole.add(met(i / 10));
    }
    std::vector<Tally> parts(7, Tally(sizes));
    for (std::size_t i = kAll; i-- > 0;) {
        parts[i % 5].add(met(i));
        parts[i / 10 % 7].add(met(i / 10));
    }
    Tally forwards(sizes);
    for (const Tally& part : parts) forwards.add(part);
    Tally backwards(sizes);
    for (std::size_t i = parts.size(); i-- > 0;) backwards.add(parts[i]);
    CHECK(to_json(forwards).dump() == to_json(whole).dump());
    CHECK(to_json(backwards).dump() == to_json(whole).dump());
    CHECK(whole.groups.size() == 2 * sizes.groups + 2);
}

TEST_CASE("a group that makes room for another tells which findings nobody needs any more") {
    GroupTable table(1);
    const GroupKey a{{}, false, {"a", "", "", ""}};
    const GroupKey b{{}, false, {"b", "", "", ""}};
    const bool a_stays = GroupRank(a) < GroupRank(b);
    const GroupKey& goes = a_stays ? b : a;
    const GroupKey& stays = a_stays ? a : b;
    CHECK(table.bounds().admit(goes));
    REQUIRE(table.keep(goes) != nullptr);
    table.keep(goes)->examples = {"x/1/2/3/4"};
    table.keep(goes)->suspects = {"x/1/2/3/5"};
    CHECK(table.bounds().admit(stays));
    REQUIRE(table.keep(stays) != nullptr);
    CHECK(table.take_dropped() == std::vector<std::string>{"x/1/2/3/4", "x/1/2/3/5"});
    CHECK_FALSE(table.has_dropped());
    CHECK(table.keep(goes) == nullptr);
    CHECK_FALSE(table.bounds().admit(goes));
    CHECK(table.bounds().admit({{"defect"}, false, {}}));
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
