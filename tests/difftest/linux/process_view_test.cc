// SPDX-License-Identifier: Apache-2.0
// What the kernel tells a process of an exception, and what of it is nobody's to know.
#include <catch2/catch_test_macros.hpp>

#include "tests/difftest/linux/expected.h"
#include "tests/difftest/linux/samples.h"

using namespace mtecheck::difftest;
using namespace mtecheck::difftest::linux_tests;
using namespace mtecheck::difftest::linux_signal;

TEST_CASE("an exception is a signal with the address that the kernel shows") {
    const Profile profile = process_profile();
    Test test = make_test(profile, TagCheckMode::sync, {kNop, kStrX0X4});
    test.states[0].x[4] |= std::uint64_t{0xb} << 60;
    const Outcome fault = expect(profile, test).outcome;
    CHECK(fault.status == Status::signal);
    CHECK(fault.signal == SignalRecord{kSigsegv, kTagCheck, ARENA_VA + 16});
    CHECK(fault.pc == ARENA_CODE_VA + 4);

    const Outcome undefined = expect(profile, make_test(profile, TagCheckMode::sync, {kNop, kUdf})).outcome;
    CHECK(undefined.signal == SignalRecord{kSigill, kIllegalOpcode, ARENA_CODE_VA + 4});

    test.states[0].x[4] = 0x42;
    CHECK(expect(profile, test).outcome.signal == SignalRecord{kSigsegv, kNotMapped, 0x42});
    test.states[0].x[4] = ARENA_VA + 4 * ARENA_PAGE_BYTES; // read-only
    CHECK(expect(profile, test).outcome.signal ==
          SignalRecord{kSigsegv, kNoPermission, ARENA_VA + 4 * ARENA_PAGE_BYTES});
    // The upper half and the other views of bare metal are not there.
    test.states[0].x[4] = ARENA_UPPER_HALF | ARENA_VA;
    CHECK(expect(profile, test).outcome.signal.code == kNotMapped);
    test.states[0].x[4] = ARENA_TAGGED_VA;
    CHECK(expect(profile, test).outcome.signal.code == kNotMapped);
}

TEST_CASE("asynchronous faults are one bit, and unknown next to another SIGSEGV") {
    const Profile profile = process_profile();
    CHECK(expect(profile, make_test(profile, TagCheckMode::async, {kStrX0X4, kNop})).outcome.tfsre0_el1 == 1);
    CHECK(expect(profile, make_test(profile, TagCheckMode::async, {kStrX0X4, kUdf})).outcome.tfsre0_el1 == 1);
    Test test = make_test(profile, TagCheckMode::async, {kStrX0X4, 0xf9400126 /* ldr x6, [x9] */});
    const Outcome outcome = expect(profile, test).outcome;
    CHECK(outcome.signal.number == kSigsegv);
    CHECK(outcome.tfsre0_el1 == 0);
}

TEST_CASE("a random tag may be any that is not excluded") {
    Test test = make_test(process_profile(), TagCheckMode::sync, {kIrgX8X9});
    test.states[0].gcr_el1 = (1U << 16) | 0xff0f;
    Judge judge(process_profile());
    judge.load(test.sequence);
    Outcome got = expect(process_profile(), test).outcome;
    for (unsigned tag = 0; tag < 16; ++tag) {
        got.x[8] = 0x1009 | std::uint64_t{tag} << 56;
        CHECK(judge.judge(test.states[0], got).agreed() == (tag >= 4 && tag < 8));
    }
}

TEST_CASE("a store-exclusive of a process may fail, and then it stores nothing") {
    const Test test = make_test(process_profile(), TagCheckMode::sync, {kLdxrX5X3, kStxrW6X0X3});
    const State& state = test.states[0];
    Judge judge(process_profile());
    judge.load(test.sequence);
    const Outcome passed = judge.expect(state).outcome;
    CHECK(passed.x[6] == 0);
    CHECK(passed.windows[0].data != state.windows[0].data);
    CHECK(judge.judge(state, passed).choices.empty());

    Outcome failed = passed;
    failed.x[6] = 1;
    CHECK(judge.judge(state, failed).kind == Verdict::Kind::diverged); // it says so and stores
    failed.windows = state.windows;
    const Verdict verdict = judge.judge(state, failed);
    CHECK(verdict.agreed());
    REQUIRE(!verdict.choices.empty());
    CHECK(verdict.choices[0] == ChoiceTaken{mtecheck::spec::DontCare::InterruptedExclusive, 1, 2});
    failed.x[6] = 0; // it stores nothing and says that it did
    CHECK(judge.judge(state, failed).kind == Verdict::Kind::diverged);
    failed.x[6] = 2;
    CHECK(judge.judge(state, failed).kind == Verdict::Kind::diverged);
}

TEST_CASE("what comes between exclusives is left open of processes, and of simulators of them") {
    const auto kind = [](LayoutId layout) {
        Test test = make_test(process_profile(), TagCheckMode::sync, {kLdxrX5X3, kStxrW6X0X3});
        test.sequence.layout = layout;
        Judge judge(process_profile());
        judge.load(test.sequence);
        Outcome failed = judge.expect(test.states[0]).outcome;
        failed.x[6] = 1;
        failed.windows = test.states[0].windows;
        return judge.judge(test.states[0], failed).kind;
    };
    CHECK(kind(LayoutId::process) == Verdict::Kind::agreed);
    CHECK(kind(LayoutId::simulator) == Verdict::Kind::agreed);
    CHECK(kind(LayoutId::arena) == Verdict::Kind::diverged);
}

TEST_CASE("wrong store-exclusives of a process are found although they may fail") {
    Test test = make_test(process_profile(), TagCheckMode::sync, {kLdxrX5X3, kStxrW6X0X3});
    Judge judge(process_profile());
    const auto diverges = [&](std::string_view fault) {
        judge.load(test.sequence);
        return judge.judge(test.states[0], expect(process_profile(), test, fault).outcome).kind ==
               Verdict::Kind::diverged;
    };
    CHECK_FALSE(diverges("failed_store_exclusive_stores")); // this one passes
    CHECK_FALSE(diverges("exclusive_unchecked"));
    test.sequence.code.erase(test.sequence.code.begin()); // without a load-exclusive
    CHECK(diverges("failed_store_exclusive_stores"));
    test.sequence.code = {kLdxrX5X3, kStxrW6X0X3};
    test.states[0].x[3] = test.states[0].x[4]; // another tag
    CHECK(diverges("exclusive_unchecked"));
}

TEST_CASE("a clean to persistence that is taken for a load aborts at a line of the implementation's size") {
    Profile profile = process_profile();
    Test test = make_test(profile, TagCheckMode::sync, {0xd50b7c24}); // dc cvap, x4
    test.states[0].x[4] = 0x7ff8;
    const auto address = [&](std::string_view mutations) {
        return expect(profile, test, mutations).outcome.signal.address;
    };
    CHECK(address({}) == 0x7ff8);
    CHECK(address("clean_to_persistence_as_load") == 0x7fc0);
    profile.registers["CTR_EL0"] = 0x80038003; // that of QEMU's user mode
    CHECK(address("clean_to_persistence_as_load") == 0x7fe0);
    profile.registers["CTR_EL0"] = 0x8444c004;
    CHECK(address("clean_to_persistence_as_load") == 0x7fc0);
    CHECK(address({}) == 0x7ff8);
}

TEST_CASE("deliberate faults of what the kernel tells show where they say") {
    const Profile profile = process_profile();
    const Test undefined = make_test(profile, TagCheckMode::sync, {kUdf});
    CHECK(expect(profile, undefined, "undefined_is_illegal_operand").outcome.signal ==
          SignalRecord{kSigill, kIllegalOperand, ARENA_CODE_VA});

    Test forbidden = make_test(profile, TagCheckMode::async, {kStrX0X4});
    forbidden.states[0].x[4] = (ARENA_VA + 4 * ARENA_PAGE_BYTES) | std::uint64_t{6} << 56; // read-only
    forbidden.states[0].windows[0].pa = ARENA_PA + 4 * ARENA_PAGE_BYTES;
    CHECK(expect(profile, forbidden, "permission_fault_is_not_mapped").outcome.signal.code == kNotMapped);
    // The store alone has no asynchronous fault: its page may not be written, and its tag is not looked at.
    CHECK(expect(profile, forbidden, "asynchronous_fault_hides_signal").outcome.signal.code == kNoPermission);
    // With the order of a defective implementation it has both.
    CHECK(expect(profile, forbidden, "permission_after_tag_check").outcome.signal.code == kNoPermission);
    CHECK(expect(profile, forbidden, "permission_after_tag_check+asynchronous_fault_hides_signal").outcome.signal ==
          SignalRecord{kSigsegv, kAsynchronousTagCheck, 0});

    Test nowhere = make_test(profile, TagCheckMode::none, {kStrX0X4});
    for (const std::uint64_t address : {std::uint64_t{0x42}, std::uint64_t{0x7fffffffff08}, ~std::uint64_t{0xff}}) {
        nowhere.states[0].x[4] = address;
        CHECK(expect(profile, nowhere, "non_canonical_fault_address_lost").outcome.signal.address ==
              compared_address(address));
    }
    for (const std::uint64_t address : {std::uint64_t{1} << 47, std::uint64_t{0x0080} << 48}) {
        nowhere.states[0].x[4] = address;
        CHECK(expect(profile, nowhere).outcome.signal.address == address);
        CHECK(expect(profile, nowhere, "non_canonical_fault_address_lost").outcome.signal.address == 0);
    }
    Test compared = make_test(profile, TagCheckMode::sync, {kStrX0X4});
    compared.states[0].x[4] = std::uint64_t{1} << 47; // which is looked up for its tag
    CHECK(expect(profile, compared, "non_canonical_fault_address_lost").outcome.signal.address == std::uint64_t{1}
                                                                                                      << 47);
}
