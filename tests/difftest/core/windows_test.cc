// SPDX-License-Identifier: Apache-2.0
// Windows is a vector whatever its size, also where it moves from its few places to its many and back.
#include <catch2/catch_test_macros.hpp>

#include "difftest/core/windows.h"

using namespace mtecheck::difftest;

namespace {

Window window(std::uint64_t number) {
    Window result;
    result.pa = number * kWindowBytes;
    result.tags = number;
    result.data.fill(static_cast<std::uint8_t>(number));
    return result;
}

Windows windows(std::size_t count) {
    Windows result;
    for (std::size_t i = 0; i < count; ++i) result.push_back(window(i + 1));
    return result;
}

} // namespace

TEST_CASE("windows keep their order and contents while they grow and shrink") {
    for (std::size_t most = 0; most <= kMaxWindows; ++most) {
        Windows all = windows(most);
        for (std::size_t count = most;; --count) {
            REQUIRE(all.size() == count);
            REQUIRE(all.empty() == (count == 0));
            for (std::size_t i = 0; i < count; ++i) REQUIRE(all[i] == window(i + 1));
            REQUIRE(all == windows(count));
            if (count == 0) break;
            REQUIRE(all.back() == window(count));
            all.pop_back();
        }
    }
}

TEST_CASE("windows are copied, moved and swapped from any number to any other") {
    for (std::size_t from = 0; from <= kMaxWindows; ++from) {
        for (std::size_t to = 0; to <= kMaxWindows; ++to) {
            const Windows original = windows(from);
            Windows copied = windows(to);
            copied = original;
            CHECK(copied == original);
            Windows moved = windows(to);
            moved = std::move(copied);
            CHECK(moved == original);
            Windows swapped = windows(to);
            swapped.swap(moved);
            CHECK(swapped == original);
            CHECK(moved == windows(to));
        }
    }
}

TEST_CASE("new windows are zero, wherever they are") {
    for (std::size_t count = 1; count <= kMaxWindows; ++count) {
        Windows all = windows(kMaxWindows);
        all.clear();
        all.resize(count - 1);
        CHECK(all.emplace_back() == Window());
        for (const Window& one : all) CHECK(one == Window());
    }
}

TEST_CASE("a window may be added to its own vector") {
    Windows all = windows(2);
    all.push_back(all.front());
    CHECK(all.back() == window(1));
}

TEST_CASE("there is a limit to the windows of a case") {
    Windows all = windows(kMaxWindows);
    CHECK_THROWS_AS(all.push_back(window(0)), std::length_error);
    CHECK(all == windows(kMaxWindows));
    CHECK_THROWS_AS(all.at(kMaxWindows), std::out_of_range);
}
