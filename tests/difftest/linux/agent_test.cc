// SPDX-License-Identifier: Apache-2.0
// The agent under qemu-aarch64: states go in and come out whole, and whatever happens to a case is its own affair.
#include <catch2/catch_test_macros.hpp>

#include "difftest/linux/target.h"
#include "tests/difftest/linux/samples.h"
#include "tests/difftest/linux/user_fixture.h"

using namespace mtecheck::difftest;
using namespace mtecheck::difftest::linux_tests;
using namespace mtecheck::difftest::linux_signal;

namespace {

Outcome run_one(Target& target, const Test& test) {
    std::vector<std::vector<Outcome>> outcomes;
    target.run({&test, 1}, outcomes);
    return outcomes.at(0).at(0);
}

} // namespace

TEST_CASE("a process has tags, and says what it cannot show") {
    const auto target = make_qemu_user_target(options_or_skip());
    const Profile& profile = target->probe();
    CHECK(profile.process);
    CHECK(profile.mte >= 2);
    CHECK_FALSE(profile.el2);
    CHECK_FALSE(profile.limits.empty());
    CHECK(profile.version.find("qemu-aarch64 version") != std::string::npos);
}

TEST_CASE("registers, flags, data and tags of a case come back as the code left them") {
    const auto target = make_qemu_user_target(options_or_skip());
    const Test test = make_test(target->probe(), TagCheckMode::sync,
                                {kStrX0X3, kStgX4X4, kLdgX7X3, 0xeb01003f /* cmp x1, x1 */, movz(30, 77)});
    Test with_vectors = test;
    with_vectors.states[0].v.resize(32);
    for (unsigned n = 0; n < 32; ++n) with_vectors.states[0].v[n] = {n, ~std::uint64_t{n}};
    with_vectors.states[0].sp[0] = 0x123450;
    for (const Test& one : {test, with_vectors}) {
        const State& before = one.states[0];
        const Outcome outcome = run_one(*target, one);
        REQUIRE(outcome.status == Status::completed);
        CHECK(outcome.pc == ARENA_CODE_VA + 4 * one.sequence.code.size());
        CHECK(outcome.pstate == 0x60000000);
        for (unsigned n = 0; n < 31; ++n) {
            if (n == 7 || n == 30) continue;
            CHECK(outcome.x[n] == before.x[n]);
        }
        CHECK(outcome.x[30] == 77);
        CHECK(outcome.x[7] == (0x1007 | std::uint64_t{6} << 56));
        CHECK(outcome.sp == before.sp);
        CHECK(outcome.v == before.v);
        CHECK(outcome.windows[0].tags == 0x5555555555555565);
        CHECK(outcome.windows[0].data[16] == 0);
        CHECK(outcome.windows[0].data[17] == 0x10);
        CHECK(outcome.windows[0].data[24] == 24);
    }
}

TEST_CASE("a synchronous fault is a signal at its instruction, with the state of then") {
    const auto target = make_qemu_user_target(options_or_skip());
    Test test = make_test(target->probe(), TagCheckMode::sync, {movz(9, 1), kLdrX5X4, movz(9, 2)});
    test.states[0].v.assign(32, {1, 2});
    const Outcome outcome = run_one(*target, test);
    REQUIRE(outcome.status == Status::signal);
    CHECK(outcome.signal.number == kSigsegv);
    CHECK(outcome.signal.code == kTagCheck);
    CHECK(outcome.pc == ARENA_CODE_VA + 4);
    CHECK(outcome.x[9] == 1);
    CHECK(outcome.x[5] == 0x1005);
    CHECK(outcome.v == test.states[0].v);
}

TEST_CASE("an asynchronous fault ends nothing, and is told") {
    const auto target = make_qemu_user_target(options_or_skip());
    const Profile& profile = target->probe();
    const Outcome outcome = run_one(*target, make_test(profile, TagCheckMode::async, {kLdrX5X4, movz(9, 2), kStrX0X4}));
    CHECK(outcome.status == Status::completed);
    CHECK(outcome.x[9] == 2);
    CHECK(outcome.tfsre0_el1 == 1);
    const Outcome quiet = run_one(*target, make_test(profile, TagCheckMode::async, {kLdrX5X3}));
    CHECK(quiet.status == Status::completed);
    CHECK(quiet.tfsre0_el1 == 0);
    CHECK(run_one(*target, make_test(profile, TagCheckMode::none, {kLdrX5X4})).status == Status::completed);
    CHECK(run_one(*target, make_test(profile, TagCheckMode::sync, {kMsrTco1, kLdrX5X4})).status == Status::completed);
}

TEST_CASE("the mask of excluded tags is the state's") {
    const auto target = make_qemu_user_target(options_or_skip());
    Test test = make_test(target->probe(), TagCheckMode::sync, {kIrgX8X9});
    test.states.assign(16, State(test.states[0]));
    for (unsigned tag = 0; tag < 16; ++tag) test.states[tag].gcr_el1 = (1U << 16) | (0xffffU & ~(1U << tag));
    std::vector<std::vector<Outcome>> outcomes;
    target->run({&test, 1}, outcomes);
    for (unsigned tag = 0; tag < 16; ++tag) CHECK(outcomes[0][tag].x[8] == (0x1009 | std::uint64_t{tag} << 56));
}

TEST_CASE("pages have what a process can give them") {
    const auto target = make_qemu_user_target(options_or_skip());
    struct Row {
        unsigned page;
        std::uint32_t instruction;
        std::int32_t code; // 0: completes
    };
    for (const Row& row : {Row{4, kLdrX5X3, 0}, Row{4, kStrX0X3, kNoPermission}, Row{6, kLdrX5X3, kNoPermission},
                           Row{9, kLdrX5X3, kNotMapped}, Row{11, kStrX0X3, 0}}) {
        INFO("page " << row.page);
        Test test = make_test(target->probe(), TagCheckMode::sync, {row.instruction});
        State& state = test.states[0];
        state.windows[0].pa = ARENA_PA + row.page * ARENA_PAGE_BYTES;
        if (row.page == 9) state.windows.clear();
        state.x[3] = (ARENA_VA + row.page * ARENA_PAGE_BYTES + 16) | std::uint64_t{5} << 56;
        const Outcome outcome = run_one(*target, test);
        CHECK(outcome.status == (row.code == 0 ? Status::completed : Status::signal));
        CHECK(outcome.signal.code == row.code);
        if (row.instruction == kLdrX5X3 && row.page != 9) CHECK(outcome.windows[0] == state.windows[0]);
    }
}

TEST_CASE("code is never that of an older slot, however often the area is used up") {
    const auto target = make_qemu_user_target(options_or_skip());
    // Slots of 128 bytes in an area of 8 MiB.
    std::vector<Test> tests;
    for (unsigned i = 0; i < 140'000; ++i) {
        Test test = make_test(target->probe(), TagCheckMode::none, {movz(9, i & 0xffff), movz(10, i >> 16)});
        test.states[0].windows.clear();
        tests.push_back(std::move(test));
    }
    std::vector<std::vector<Outcome>> outcomes;
    target->run(tests, outcomes);
    std::size_t right = 0;
    for (unsigned i = 0; i < tests.size(); ++i) {
        const Outcome& outcome = outcomes[i][0];
        right +=
            outcome.status == Status::completed && outcome.x[9] == (i & 0xffff) && outcome.x[10] == i >> 16 ? 1U : 0U;
    }
    CHECK(right == tests.size());
    CHECK(target->statistics().restarts == 0);
}

TEST_CASE("a case of a process that never ends is a runaway, and the others run") {
    QemuOptions options = options_or_skip();
    options.case_seconds = 0.3;
    const auto target = make_qemu_user_target(options);
    std::vector<Test> tests(5, make_test(target->probe(), TagCheckMode::sync, {movz(9, 3)}));
    tests[2].sequence.code = {kBranchToItself};
    tests[3].states[0].rgsr_el1 = 1; // no process can set it
    std::vector<std::vector<Outcome>> outcomes;
    target->run(tests, outcomes);
    CHECK(outcomes[2][0].status == Status::runaway);
    CHECK(outcomes[3][0].status == Status::unsupported);
    for (const std::size_t i : {std::size_t{0}, std::size_t{1}, std::size_t{4}}) CHECK(outcomes[i][0].x[9] == 3);
    CHECK(target->statistics().restarts == 1);
}
