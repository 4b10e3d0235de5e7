// SPDX-License-Identifier: Apache-2.0
//
// After warm-up the judge costs no allocation for a case that agrees: campaigns run for days.
#include <atomic>
#include <cstdlib>
#include <new>

#include <catch2/catch_test_macros.hpp>

#include "difftest/judge/judge.h"
#include "tests/difftest/judge/arena_cases.h"

namespace {
std::atomic<std::uint64_t> allocations{0};
} // namespace

void* operator new(std::size_t size) {
    ++allocations;
    if (void* memory = std::malloc(size == 0 ? 1 : size)) return memory;
    throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

using namespace mtecheck::difftest;
using namespace mtecheck::difftest::test;

TEST_CASE("judging an agreeing case allocates nothing after warm-up", "[judge]") {
    Judge judge(model_profile());
    Case clean = el1_case(1, {kLdr, kStr, kNop});
    add_window(clean, 0, 5);
    clean.state.x[1] = address(8, 5);
    Case fault = clean;
    fault.state.windows[0].tags = 0;
    judge.load(clean.sequence);
    const Outcome first = judge.expect(clean.state).outcome;
    const Outcome second = judge.expect(fault.state).outcome;
    REQUIRE(second.status == Status::exception);
    static_cast<void>(judge.judge(clean.state, first));
    static_cast<void>(judge.judge(fault.state, second));

    const std::uint64_t before = allocations;
    bool agreed = true;
    for (int i = 0; i < 1000; ++i) {
        judge.load(clean.sequence);
        agreed = agreed && judge.judge(clean.state, first).agreed();
        agreed = agreed && judge.judge(fault.state, second).agreed();
    }
    CHECK(agreed);
    CHECK(allocations == before);
}
