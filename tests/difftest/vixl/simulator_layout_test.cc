// SPDX-License-Identifier: Apache-2.0
// What is expected of a simulator of a process: all memory is Tagged, and of a fault its kind and its place are seen.
#include <catch2/catch_test_macros.hpp>
#include <nlohmann/json.hpp>

#include "difftest/campaign/profile_file.h"
#include "difftest/core/error.h"
#include "difftest/core/json.h"
#include "difftest/generate/generator.h"
#include "difftest/guided/guided_generator.h"
#include "difftest/judge/judge.h"
#include "difftest/linux/protocol.h"
#include "spec/gen/isa.h"
#include "tests/difftest/linux/expected.h"
#include "tests/difftest/linux/samples.h"
#include "tests/difftest/vixl/profiles.h"

using namespace mtecheck::difftest;
using namespace mtecheck::difftest::linux_tests;
using namespace mtecheck::difftest::linux_signal;

namespace {

constexpr unsigned kUntaggedPage = 2; // of the arena, as a process sees it

Test simulator_test(std::initializer_list<std::uint32_t> code) {
    Test test = make_test(simulator_profile(), TagCheckMode::sync, code);
    test.sequence.layout = LayoutId::simulator;
    return test;
}

} // namespace

TEST_CASE("of a fault the kind and the instruction are expected, and nothing that was before it") {
    const Test test = simulator_test({movz(0, 7), kStrX0X3, kStrX0X4});
    const Outcome fault = expect(simulator_profile(), test).outcome;
    CHECK(fault.status == Status::signal);
    CHECK(fault.signal == SignalRecord{kSigsegv, kTagCheck, 0});
    CHECK(fault.pc == ARENA_CODE_VA + 8);
    CHECK(static_cast<const Registers&>(fault) == test.states[0]);
    CHECK(fault.windows[0] == test.states[0].windows[0]);
    CHECK(expect(simulator_profile(), test).allowances.empty());
}

TEST_CASE("without a fault everything is expected") {
    const Outcome outcome = expect(simulator_profile(), simulator_test({movz(0, 7), kStrX0X3})).outcome;
    CHECK(outcome.status == Status::completed);
    CHECK(outcome.x[0] == 7);
    CHECK(outcome.windows[0].data[16] == 7);
}

TEST_CASE("a fault after a run was led astray tells its place alone") {
    Test test = simulator_test({movz(0, 7), kStrX0X4});
    State& state = test.states[0];
    state.x[4] = ARENA_VA + 4 * ARENA_PAGE_BYTES; // read-only, of no window: nobody knows its tag
    const auto match_at = [&](std::uint64_t pc) {
        Outcome got = expect(simulator_profile(), test).outcome;
        CHECK(got.x[0] == state.x[0]); // as it was before the first instruction
        got.signal.code = kNotMapped;
        got.pc = pc;
        return match(simulator_profile(), test, got, "permission_after_tag_check");
    };
    CHECK(match_at(ARENA_CODE_VA + 4) == Match::astray);
    CHECK(match_at(ARENA_CODE_VA) == Match::none);
    CHECK(match_at(ARENA_CODE_VA - 4) == Match::none); // where no code is
    CHECK(match_at(ARENA_CODE_VA + 0x1000) == Match::none);
}

TEST_CASE("a fault passed over for a Tag Check Fault out of the windows leaves the verdict open, and for no other") {
    constexpr std::uint32_t kLd1OfX4 = 0x4c402880; // ld1 {v0.4s, v1.4s, v2.4s, v3.4s}, [x4]
    const auto verdict = [](std::uint32_t code, std::uint64_t address, int expected, int got_code) {
        Test test = simulator_test({code});
        State& state = test.states[0];
        state.x[4] = address | std::uint64_t{6} << 56;
        Outcome got = expect(simulator_profile(), test).outcome;
        CHECK(got.signal.code == expected);
        got.signal.code = got_code;
        Judge judge(simulator_profile());
        judge.load(test.sequence);
        return judge.judge(state, got).kind;
    };
    // The last 24 bytes are in no window: another Tag Check Fault there is the same, and the page is mapped.
    constexpr std::uint64_t kOverTheEnd = ARENA_VA + 0xd8;
    CHECK(verdict(kLd1OfX4, kOverTheEnd, kTagCheck, kNotMapped) == Verdict::Kind::diverged);
    CHECK(verdict(kLdrX5X4, kOverTheEnd, kTagCheck, kNotMapped) == Verdict::Kind::diverged);
    // The first 16 bytes are not mapped, and what follows is in no window: its tags may differ.
    constexpr std::uint64_t kFromUnmapped = ARENA_VA + 10 * ARENA_PAGE_BYTES - 16;
    CHECK(verdict(kLd1OfX4, kFromUnmapped, kNotMapped, kTagCheck) == Verdict::Kind::open);
}

TEST_CASE("where a fault of permission comes after the tag check, tags out of the windows may have hidden it") {
    constexpr std::uint32_t kSt1OfX4 = 0x4c002880; // st1 {v0.4s, v1.4s, v2.4s, v3.4s}, [x4]
    Test test = simulator_test({kSt1OfX4});
    State& state = test.states[0];
    constexpr unsigned kReadOnlyPage = 4;
    state.windows[0].pa = ARENA_PA + kReadOnlyPage * ARENA_PAGE_BYTES;
    state.x[4] = (ARENA_VA + kReadOnlyPage * ARENA_PAGE_BYTES + 0xd8) | std::uint64_t{6} << 56;
    Outcome got = expect(simulator_profile(), test).outcome;
    got.signal.code = kNotMapped;
    CHECK(match(simulator_profile(), test, got, "permission_after_tag_check") == Match::astray);
}

TEST_CASE("pages that a process has without tags have tags there") {
    Test test = simulator_test({kStrX0X4});
    test.states[0].windows[0].pa = ARENA_PA + kUntaggedPage * ARENA_PAGE_BYTES;
    test.states[0].x[4] += kUntaggedPage * ARENA_PAGE_BYTES;
    CHECK(expect(simulator_profile(), test).outcome.signal.code == kTagCheck);
    test.sequence.layout = LayoutId::process;
    CHECK(expect(simulator_profile(), test).outcome.status == Status::completed);
}

TEST_CASE("what a simulator does not have is refused") {
    const Profile profile = simulator_profile();
    Test test = simulator_test({kNop});
    CHECK_FALSE(refuse_process(test.sequence, profile));
    CHECK(refuse_process(test.states[0], profile) == nullptr);
    State excluding = test.states[0];
    excluding.gcr_el1 |= 1;
    CHECK(refuse_process(excluding, profile) != nullptr);
    test.sequence.configuration.tco = 1;
    CHECK(refuse_process(test.sequence, profile));
    test = simulator_test({kNop});
    test.sequence.layout = LayoutId::process;
    CHECK(refuse_process(test.sequence, profile));
    Profile process = profile;
    process.simulator = false;
    CHECK(refuse_process(simulator_test({kNop}).sequence, process));
}

TEST_CASE("generated cases of a simulator are those that it can have") {
    Profile profile = simulator_profile();
    profile.absent = {"IRG"};
    const auto generator = make_random_generator(profile);
    Test test;
    for (std::uint64_t index = 0; index < 40; ++index) {
        generator->generate(1, 0, index, test);
        CHECK_FALSE(refuse_process(test.sequence, profile));
        for (const State& state : test.states) CHECK(refuse_process(state, profile) == nullptr);
        for (const std::uint32_t word : test.sequence.code)
            CHECK(mtecheck::spec::decode(word) != mtecheck::spec::Encoding::IRG);
    }
}

TEST_CASE("guided cases of a simulator are those that it can have, whatever the mutator changes") {
    const Profile profile = simulator_profile();
    GuidedGenerator generator(profile);
    generator.begin(GuidedCorpus(common_features(profile)));
    Test test;
    for (std::uint64_t index = 0; index < 800; ++index) {
        generator.generate(1, 0, index, test);
        CHECK_FALSE(refuse_process(test.sequence, profile));
        for (const State& state : test.states) CHECK(refuse_process(state, profile) == nullptr);
    }
    std::size_t mutated = 0;
    for (const Origin& origin : generator.origins()) mutated += origin.parents ? 1U : 0U;
    CHECK(mutated > 10);
}

TEST_CASE("a profile of a simulator is read as it was written") {
    Profile profile = simulator_profile();
    profile.absent = {"IRG", "MRS"};
    profile.limits = simulator_limits();
    const std::string text = dump(to_json(profile));
    const nlohmann::json document = parse_json(text, "test");
    const Profile again = profile_from_json(JsonPlace(document, "test"));
    CHECK(again.simulator);
    CHECK(again.absent == profile.absent);
    CHECK(again.limits == profile.limits);
}
