// SPDX-License-Identifier: Apache-2.0
//
// The engine alone, with workers that only count: order, end, interruption, errors.
#include "difftest/campaign/engine.h"
#include "tests/difftest/interrupt.h"

#include <catch2/catch_test_macros.hpp>
#include <chrono>
#include <stdexcept>
#include <thread>

namespace mtecheck::difftest {
namespace {

/// Returns the unit's number as its count of cases; odd units take longer, so that results arrive out of order.
class CountingWorker final : public UnitWorker {
  public:
    UnitResult run(const Unit& unit) override {
        if (unit.number % 2 != 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
        UnitResult result;
        result.counts.cases = unit.number;
        return result;
    }
};

EngineHooks counting(std::vector<std::uint64_t>& merged, std::uint64_t last) {
    EngineHooks hooks;
    hooks.make_worker = [] { return std::make_unique<CountingWorker>(); };
    hooks.merge = [&merged, last](UnitResult&& result) {
        merged.push_back(result.counts.cases);
        return result.counts.cases < last;
    };
    hooks.tick = [] {};
    return hooks;
}

TEST_CASE("units are merged once each, in order, from any number of workers") {
    for (const unsigned workers : {1U, 2U, 3U, 8U}) {
        std::vector<std::uint64_t> merged;
        CHECK(run_units(5, workers, counting(merged, 40), kNever) == EngineEnd::complete);
        REQUIRE(merged.size() == 36);
        for (std::size_t i = 0; i < merged.size(); ++i) CHECK(merged[i] == i + 5);
    }
}

TEST_CASE("an interruption ends the run after the units that are merged") {
    std::vector<std::uint64_t> merged;
    std::atomic<bool> interrupt = false;
    EngineHooks hooks = counting(merged, 1'000'000'000);
    hooks.tick = [&] { interrupt = true; };
    CHECK(run_units(0, 2, hooks, interrupt) == EngineEnd::interrupted);
    for (std::size_t i = 0; i < merged.size(); ++i) CHECK(merged[i] == i);
}

TEST_CASE("an exception in any hook ends all workers and arrives at the caller") {
    std::vector<std::uint64_t> merged;
    EngineHooks hooks = counting(merged, 1'000'000'000);
    hooks.make_worker = []() -> std::unique_ptr<UnitWorker> { throw std::runtime_error("no worker"); };
    CHECK_THROWS_AS(run_units(0, 3, hooks, kNever), std::runtime_error);

    hooks = counting(merged, 1'000'000'000);
    hooks.merge = [](UnitResult&&) -> bool { throw std::runtime_error("no room"); };
    CHECK_THROWS_AS(run_units(0, 3, hooks, kNever), std::runtime_error);
}

TEST_CASE("consecutive sequences of a shard belong to units of that shard") {
    CHECK(Unit(0).shard() == 0);
    CHECK(Unit(63).shard() == 63);
    CHECK(Unit(64).shard() == 0);
    CHECK(Unit(63).first_index() == 0);
    CHECK(Unit(64).first_index() == kSequencesPerUnit);
}

} // namespace
} // namespace mtecheck::difftest
