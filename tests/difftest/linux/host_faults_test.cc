// SPDX-License-Identifier: Apache-2.0
// Deliberate faults of an emulator that makes the accesses of a process on its host: what they tell of a fault, and
// what they leave open of it.
#include <catch2/catch_test_macros.hpp>

#include <utility>
#include <vector>

#include "difftest/generate/generator.h"
#include "tests/difftest/linux/expected.h"
#include "tests/difftest/linux/samples.h"

using namespace mtecheck::difftest;
using namespace mtecheck::difftest::linux_tests;
using namespace mtecheck::difftest::linux_signal;

namespace {

constexpr std::uint32_t kDcZvaX9 = 0xd50b7429;      // dc zva, x9
constexpr std::uint32_t kDcGzvaX9 = 0xd50b7489;     // dc gzva, x9
constexpr std::uint32_t kDcGvaX9 = 0xd50b7469;      // dc gva, x9
constexpr std::uint32_t kLdaddW5W6X4 = 0xb8250086;  // ldadd w5, w6, [x4]
constexpr std::uint32_t kSwpX0X5X3 = 0xf8208065;    // swp x0, x5, [x3]
constexpr std::uint32_t kCasX5X0X3 = 0xc8a57c60;    // cas x5, x0, [x3]
constexpr std::uint32_t kLdxpX5X6X3 = 0xc87f1865;   // ldxp x5, x6, [x3]
constexpr std::uint32_t kStxpW7X0X1X3 = 0xc8270460; // stxp w7, x0, x1, [x3]
constexpr std::uint32_t kStxrW6X0X9 = 0xc8067d20;   // stxr w6, x0, [x9]

Outcome outcome_of(const Test& test, std::string_view mutations) {
    return expect(process_profile(), test, mutations).outcome;
}

Match match(const Test& test, const Outcome& got, std::string_view mutations) {
    return linux_tests::match(process_profile(), test, got, mutations);
}

std::uint64_t doubleword(const Outcome& outcome, unsigned offset) {
    std::uint64_t value = 0;
    for (unsigned i = 8; i-- > 0;) value = value << 8U | outcome.windows.at(0).data.at(offset + i);
    return value;
}

} // namespace

TEST_CASE("a fault of DC ZVA that is found by the host may have any PC, and nothing else") {
    const std::string_view mutation = "dc_zva_abort_loses_pc";
    for (const auto& [opcode, mode, loses] :
         {std::tuple{kDcZvaX9, TagCheckMode::none, true}, std::tuple{kDcZvaX9, TagCheckMode::sync, false},
          std::tuple{kDcGzvaX9, TagCheckMode::sync, true}, std::tuple{kDcGvaX9, TagCheckMode::none, false}}) {
        CAPTURE(opcode);
        const Test test = make_test(process_profile(), mode, {kNop, opcode});
        Outcome got = outcome_of(test, {});
        REQUIRE(got.signal.code == kNotMapped);
        CHECK(match(test, got, mutation) == Match::full);
        got.pc = ARENA_CODE_VA;
        CHECK(match(test, got, mutation) == (loses ? Match::full : Match::none));
        got.x[9] ^= 1U;
        CHECK(match(test, got, mutation) == Match::none);
        got.x[9] ^= 1U;
        got.signal.address ^= 1U;
        CHECK(match(test, got, mutation) == Match::none);
    }
}

TEST_CASE("code goes on from a PC that was lost where asynchronous Tag Check Faults are reported with it") {
    const std::string_view mutation = "dc_zva_abort_loses_pc";
    const std::uint32_t add = 0x91000421; // add x1, x1, #1
    Test test = make_test(process_profile(), TagCheckMode::async, {add, kStrX0X4, kDcGzvaX9});
    Outcome got = outcome_of(test, {});
    got.pc = ARENA_CODE_VA;
    got.signal = {kSigsegv, kAsynchronousTagCheck, 0};
    CHECK(match(test, got, mutation) == Match::astray);
    got.x[1] += 5; // which the code may have written again
    CHECK(match(test, got, mutation) == Match::astray);
    got.x[20] += 5; // which it cannot write
    CHECK(match(test, got, mutation) == Match::none);

    test.states[0].x[4] = test.states[0].x[3]; // no fault
    got = outcome_of(test, {});
    got.signal = {kSigsegv, kAsynchronousTagCheck, 0};
    CHECK(match(test, got, mutation) == Match::none);
}

TEST_CASE("code may go on from anywhere where nobody knows whether DC ZVA aborts") {
    const std::uint32_t add = 0x91000421; // add x1, x1, #1
    for (const auto& [opcode, goes_on] :
         {std::pair{kDcGzvaX9, true}, std::pair{kDcZvaX9, true}, std::pair{kDcGvaX9, false}}) {
        CAPTURE(opcode);
        Test test = make_test(process_profile(), TagCheckMode::async, {add, kStrX0X4, opcode});
        test.states[0].x[9] = ARENA_VA + ARENA_PAGE_BYTES / 2; // out of its windows
        Outcome got = outcome_of(test, {});
        got.status = Status::signal;
        got.signal = {kSigsegv, kAsynchronousTagCheck, 0};
        got.x[1] += 5;
        CHECK(match(test, got, "dc_zva_abort_loses_pc") == (goes_on ? Match::astray : Match::none));
        CHECK(match(test, got, "ldapur_stlur_unchecked") == Match::none);
    }
}

TEST_CASE("a PC that was lost does not say how far the target came") {
    const std::uint32_t ldr_from_nowhere = 0xf9400149; // ldr x9, [x10]
    Test test = make_test(process_profile(), TagCheckMode::none, {kNop, kLdrX5X3, ldr_from_nowhere, kDcZvaX9});
    test.states[0].x[10] = ARENA_VA + ARENA_PAGE_BYTES / 2; // out of its windows: X9 is anything
    Outcome got = outcome_of(test, {});
    got.status = Status::signal;
    got.signal = {kSigsegv, kNotMapped, 0x9000};
    got.pc = ARENA_CODE_VA;
    CHECK(match(test, got, "ldapur_stlur_unchecked") == Match::none);
    CHECK(match(test, got, "dc_zva_abort_loses_pc") == Match::astray);
    for (const std::uint32_t other : {kNop, kDcGvaX9}) { // DC GVA loses none
        test.sequence.code.back() = other;
        CHECK(match(test, got, "dc_zva_abort_loses_pc") == Match::none);
    }
}

TEST_CASE("the fault of an access that is not aligned may be that of an aligned one around it") {
    const std::string_view mutation = "unaligned_access_aborts_at_aligned";
    Test test = make_test(process_profile(), TagCheckMode::none, {kStrX0X4});
    const auto agrees_at = [&](std::uint64_t address) {
        Outcome got = outcome_of(test, {});
        REQUIRE(got.signal.number == kSigsegv);
        got.signal.address = address;
        return match(test, got, mutation) == Match::full;
    };
    test.states[0].x[4] = 0x700d;
    for (const std::uint64_t address : {0x700dU, 0x700cU, 0x7008U, 0x7000U}) CHECK(agrees_at(address));
    for (const std::uint64_t address : {0x700eU, 0x700bU, 0x7004U, 0x6ff8U}) CHECK_FALSE(agrees_at(address));
    test.states[0].x[4] = 0x7008;
    CHECK(agrees_at(0x7008));
    CHECK_FALSE(agrees_at(0x7000));
}

TEST_CASE("an address that is none to the host may be an external abort") {
    const std::string_view mutation = "non_canonical_address_aborts_externally";
    Test test = make_test(process_profile(), TagCheckMode::none, {kStrX0X4});
    test.states[0].x[4] = std::uint64_t{1} << 47;
    CHECK(outcome_of(test, mutation).signal == SignalRecord{kSigbus, kFromKernel, 0});
    test.states[0].x[4] = 0x42;
    CHECK(outcome_of(test, mutation).signal == SignalRecord{kSigsegv, kNotMapped, 0x42});
}

TEST_CASE("an atomic operation that is not aligned is repeated for its asynchronous Tag Check Fault") {
    const std::string_view mutation = "asynchronous_fault_repeats_atomic";
    Test test = make_test(process_profile(), TagCheckMode::async, {kLdaddW5W6X4});
    CHECK(outcome_of(test, mutation).status == Status::completed);
    test.states[0].x[4] += 2;
    CHECK(outcome_of(test, {}).status == Status::completed);
    const Outcome outcome = outcome_of(test, mutation);
    CHECK(outcome.signal == SignalRecord{kSigsegv, kAsynchronousTagCheck, 0});
    CHECK(outcome.pc == ARENA_CODE_VA);
    CHECK(outcome.windows == test.states[0].windows);
    // Though an earlier instruction had one already.
    test.sequence.code = {kStrX0X4, kLdaddW5W6X4};
    CHECK(outcome_of(test, mutation).pc == ARENA_CODE_VA + 4);
    test.states[0].x[4] = test.states[0].x[3] + 2; // its tag
    CHECK(outcome_of(test, mutation).status == Status::completed);
}

TEST_CASE("without a need of alignment atomics and exclusives are made across a multiple of 16") {
    const std::string_view mutation = "no_access_needs_alignment";
    constexpr unsigned kAt = 28;
    const auto made = [&](std::initializer_list<std::uint32_t> code) {
        Test test = make_test(process_profile(), TagCheckMode::none, code);
        test.states[0].x[3] = ARENA_VA + kAt;
        CHECK(outcome_of(test, {}).signal == SignalRecord{kSigbus, kAddressAlignment, ARENA_VA + kAt});
        Outcome outcome = outcome_of(test, mutation);
        CHECK(outcome.status == Status::completed);
        return outcome;
    };
    const std::uint64_t old = 0x232221201f1e1d1c;
    const Outcome swapped = made({kSwpX0X5X3});
    CHECK(swapped.x[5] == old);
    CHECK(doubleword(swapped, kAt) == 0x1000);
    const Outcome compared = made({kCasX5X0X3});
    CHECK(compared.x[5] == old);
    CHECK(doubleword(compared, kAt) == old);
    const Outcome loaded = made({kLdxpX5X6X3, kStxpW7X0X1X3});
    CHECK(loaded.x[5] == old);
    CHECK(loaded.x[6] == old + 0x0808080808080808);
    CHECK(loaded.x[7] == 0);
    CHECK(doubleword(loaded, kAt) == 0x1000);
    CHECK(doubleword(loaded, kAt + 8) == 0x1001);

    // The first byte that cannot be accessed is reported.
    Test test = make_test(process_profile(), TagCheckMode::none, {kSwpX0X5X3});
    test.states[0].x[3] = ARENA_VA + 4 * ARENA_PAGE_BYTES - 4; // before a page that is read-only
    CHECK(outcome_of(test, mutation).signal == SignalRecord{kSigsegv, kNoPermission, ARENA_VA + 4 * ARENA_PAGE_BYTES});
}

TEST_CASE("the signal of an asynchronous Tag Check Fault opens a monitor whose open state is an address") {
    const std::string_view mutation = "open_monitor_has_an_address";
    Test test = make_test(process_profile(), TagCheckMode::async, {kLdxrX5X3, kStrX0X4, kStxrW6X0X9});
    test.states[0].x[9] = ~std::uint64_t{0};
    const Outcome outcome = outcome_of(test, {});
    CHECK(outcome.signal.number == kSigbus);
    Outcome got = outcome;
    CHECK(match(test, got, mutation) == Match::full); // not yet reported
    got.signal = {kSigsegv, kNotMapped, compared_address(~std::uint64_t{0})};
    got.tfsre0_el1 = 0;
    CHECK(match(test, got, mutation) == Match::full);
    CHECK(match(test, got, "ldapur_stlur_unchecked") == Match::none);
}

TEST_CASE("the model without deliberate faults leaves nothing open in their name") {
    constexpr std::size_t kTests = 400;
    for (const Profile& profile : {process_profile(), model_profile()}) {
        const auto generator = make_random_generator(profile);
        std::vector<Test> tests(kTests);
        std::vector<std::vector<Expectation>> expectations(kTests);
        generator->generate(6, 0, 0, tests, expectations);
        std::size_t open = 0;
        const auto look_at = [&](mtecheck::spec::DontCare reason) {
            ++open;
            REQUIRE(reason != mtecheck::spec::DontCare::DeliberateFault);
        };
        for (const auto& of_test : expectations) {
            for (const Expectation& expectation : of_test) {
                for (const Allowance& allowance : expectation.allowances) look_at(allowance.reason);
                for (const ChoiceTaken& choice : expectation.choices) look_at(choice.reason);
            }
        }
        CHECK(open > 100);
    }
}
