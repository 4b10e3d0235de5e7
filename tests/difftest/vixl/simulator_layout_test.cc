// SPDX-License-Identifier: Apache-2.0
// What is expected of a simulator of a process: all memory is Tagged, and of a fault its kind and its place are seen.
#include <catch2/catch_test_macros.hpp>
#include <nlohmann/json.hpp>

#include "difftest/campaign/profile_file.h"
#include "difftest/core/error.h"
#include "difftest/core/json.h"
#include "difftest/generate/generator.h"
#include "difftest/judge/judge.h"
#include "difftest/linux/protocol.h"
#include "spec/gen/isa.h"
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

Expectation expect(const Test& test) {
    Judge judge(simulator_profile());
    judge.load(test.sequence);
    Expectation result;
    judge.expect(test.states.at(0), result);
    return result;
}

} // namespace

TEST_CASE("of a fault the kind and the instruction are expected, and nothing that was before it") {
    const Test test = simulator_test({movz(0, 7), kStrX0X3, kStrX0X4});
    const Outcome fault = expect(test).outcome;
    CHECK(fault.status == Status::signal);
    CHECK(fault.signal == SignalRecord{kSigsegv, kTagCheck, 0});
    CHECK(fault.pc == ARENA_CODE_VA + 8);
    CHECK(static_cast<const Registers&>(fault) == test.states[0]);
    CHECK(fault.windows[0] == test.states[0].windows[0]);
    CHECK(expect(test).allowances.empty());
}

TEST_CASE("without a fault everything is expected") {
    const Outcome outcome = expect(simulator_test({movz(0, 7), kStrX0X3})).outcome;
    CHECK(outcome.status == Status::completed);
    CHECK(outcome.x[0] == 7);
    CHECK(outcome.windows[0].data[16] == 7);
}

TEST_CASE("pages that a process has without tags have tags there") {
    Test test = simulator_test({kStrX0X4});
    test.states[0].windows[0].pa = ARENA_PA + kUntaggedPage * ARENA_PAGE_BYTES;
    test.states[0].x[4] += kUntaggedPage * ARENA_PAGE_BYTES;
    CHECK(expect(test).outcome.signal.code == kTagCheck);
    test.sequence.layout = LayoutId::process;
    CHECK(expect(test).outcome.status == Status::completed);
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
