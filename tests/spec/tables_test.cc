// SPDX-License-Identifier: Apache-2.0
//
// The lists, and what rows say of each other.

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <set>
#include <string>

#include "spec/gen/decisions.h"
#include "spec/gen/dont_cares.h"
#include "spec/gen/features.h"
#include "spec/gen/isa.h"
#include "spec/gen/isa_classes.h"
#include "spec/gen/mutations.h"
#include "spec/gen/registers.h"
#include "spec/gen/requirements.h"

namespace mtecheck::spec {
namespace {

template <class Rows, class Find>
void check_lookup(const Rows& rows, Find find) {
    std::set<std::string> ids;
    for (const auto& row : rows) {
        const std::string id(row.id);
        CAPTURE(id);
        CHECK(ids.insert(id).second);
        CHECK(find(row.id) == row.value);
        CHECK(&info(row.value) == &row);
    }
    CHECK_FALSE(find("no such id").has_value());
}

TEST_CASE("rows of the lists are found by id") {
    check_lookup(features(), find_feature);
    check_lookup(requirements(), find_requirement);
    check_lookup(dont_cares(), find_dont_care);
    check_lookup(decisions(), find_decision);
    check_lookup(mutations(), find_mutation);
}

TEST_CASE("features imply what the architecture says") {
    const auto implies = [](Feature a, Feature b) {
        const auto closure = info(a).closure;
        return std::find(closure.begin(), closure.end(), b) != closure.end();
    };
    CHECK(implies(Feature::FEAT_MTE2, Feature::FEAT_MTE));
    CHECK(implies(Feature::FEAT_MTE3, Feature::FEAT_MTE_ASYNC));
    CHECK(implies(Feature::FEAT_MTE3, Feature::FEAT_MTE));
    CHECK(implies(Feature::FEAT_MTE4, Feature::FEAT_MTE_STORE_ONLY));
    CHECK_FALSE(implies(Feature::FEAT_MTE2, Feature::FEAT_MTE_ASYNC));
    CHECK_FALSE(implies(Feature::FEAT_MTE4, Feature::FEAT_MTE3));
    for (const FeatureInfo& row : features()) {
        for (const FeatureReport& report : row.reported_by) {
            CAPTURE(row.id, report.reg, report.field);
            CHECK(find_register(report.reg).has_value());
        }
    }
}

TEST_CASE("every instruction says how it touches memory") {
    for (const EncodingInfo& row : encodings()) {
        CAPTURE(row.id);
        const bool memory = row.access != Access::none || row.tag_access != Access::none;
        if (row.tag_checked == TagChecked::none) CHECK_FALSE(memory);
        if (row.tag_checked == TagChecked::base_not_sp || row.tag_checked == TagChecked::always) {
            CHECK(row.access != Access::none);
        }
        // Explicit accesses to Allocation Tags are Tag Unchecked.
        if (row.tag_access != Access::none) CHECK(row.tag_checked == TagChecked::never);
        const bool has_base =
            std::any_of(row.fields.begin(), row.fields.end(), [](const FieldInfo& f) { return f.role == Role::base; });
        if (row.tag_checked == TagChecked::base_not_sp) CHECK(has_base);
    }
}

TEST_CASE("writeback and register offset are checked whatever the base is") {
    for (const EncodingInfo& row : encodings()) {
        CAPTURE(row.id);
        const bool writeback = dispatch(row.encoding, Word{row.value}, [](auto instruction) {
            if constexpr (requires { instruction.wback; }) {
                return instruction.wback;
            } else {
                return false;
            }
        });
        const bool loads_or_stores = row.access != Access::none && row.tag_access == Access::none;
        if (writeback && loads_or_stores) CHECK(row.tag_checked == TagChecked::always);
        const bool index =
            std::any_of(row.fields.begin(), row.fields.end(), [](const FieldInfo& f) { return f.name == "option"; });
        if (index && loads_or_stores) CHECK(row.tag_checked == TagChecked::always);
    }
}

TEST_CASE("requirements cover the areas of the architecture") {
    CHECK(requirements().size() == 290);
    std::set<std::string> areas;
    for (const RequirementInfo& row : requirements()) {
        areas.insert(std::string(row.id.substr(4, row.id.rfind('-') - 4)));
        CHECK_FALSE(row.statement.empty());
    }
    for (const char* area : {"FEAT", "ENC", "TRAP", "CHK", "SO", "CAN", "ABI"}) {
        CAPTURE(area);
        CHECK(areas.count(area) == 1);
    }
}

} // namespace
} // namespace mtecheck::spec
