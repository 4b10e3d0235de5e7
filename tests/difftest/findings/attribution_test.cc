// SPDX-License-Identifier: Apache-2.0
#include "difftest/findings/attribution.h"

#include <catch2/catch_test_macros.hpp>

namespace mtecheck::difftest {
namespace {

using Items = std::vector<std::size_t>;
using Result = std::vector<std::pair<std::string, Items>>;

constexpr auto one_each = [](std::size_t) { return std::uint64_t{1}; };

TEST_CASE("what a frequent cause accounts for is put down to no other") {
    CHECK(attribute<std::size_t>({{"a", {1, 2}}, {"b", {1, 2, 3}}, {"c", {3, 4}}}, one_each) ==
          Result{{"b", {1, 2, 3}}, {"c", {4}}});
}

TEST_CASE("among causes of equal weight the first by name is taken") {
    CHECK(attribute<std::size_t>({{"b", {1, 2}}, {"a", {1, 2}}}, one_each) == Result{{"a", {1, 2}}});
}

TEST_CASE("a weighty item outweighs many") {
    const auto weight = [](std::size_t item) -> std::uint64_t { return item == 9 ? 100 : 1; };
    CHECK(attribute<std::size_t>({{"a", {1, 2, 3}}, {"b", {3, 9}}}, weight) == Result{{"b", {3, 9}}, {"a", {1, 2}}});
}

TEST_CASE("items without weight are put down to nothing") {
    CHECK(attribute<std::size_t>({{"a", {1}}}, [](std::size_t) { return std::uint64_t{0}; }).empty());
}

} // namespace
} // namespace mtecheck::difftest
