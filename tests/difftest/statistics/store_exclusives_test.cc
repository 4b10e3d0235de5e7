// SPDX-License-Identifier: Apache-2.0
#include "difftest/statistics/store_exclusives.h"

#include <catch2/catch_test_macros.hpp>
#include <nlohmann/json.hpp>

#include "difftest/core/error.h"
#include "difftest/core/json.h"

namespace mtecheck::difftest {
namespace {

TEST_CASE("store-exclusives make no progress where many fail and none passes") {
    CHECK(StoreExclusives{}.make_progress());
    CHECK(StoreExclusives{.passed = 0, .failed = kEnoughExclusives - 1}.make_progress());
    CHECK_FALSE(StoreExclusives{.passed = 0, .failed = kEnoughExclusives}.make_progress());
    CHECK(StoreExclusives{.passed = 1, .failed = 1000 * kEnoughExclusives}.make_progress());
}

TEST_CASE("counts of store-exclusives of the parts of a campaign are added, and read back") {
    StoreExclusives all{.passed = 0, .failed = 40};
    all.add({.passed = 3, .failed = 30});
    const nlohmann::json document = nlohmann::json::parse(dump(counts_json(all)));
    const StoreExclusives back = store_exclusives_from_json(JsonPlace(document, "test"));
    CHECK(back.passed == 3);
    CHECK(back.failed == 70);
    const nlohmann::json more = nlohmann::json::parse(R"({"passed": 1, "failed": 2, "other": 3})");
    CHECK_THROWS_AS(store_exclusives_from_json(JsonPlace(more, "test")), InputError);
}

} // namespace
} // namespace mtecheck::difftest
