// SPDX-License-Identifier: Apache-2.0
//
// The judge: what it expects, what it lets count, and what it calls a divergence.
#include "difftest/judge/judge.h"

#include <catch2/catch_test_macros.hpp>

#include "difftest/core/error.h"
#include "difftest/judge/features.h"
#include "difftest/judge/model_target.h"
#include "difftest/judge/oracle.h"
#include "difftest/judge/reading.h"
#include "model/machine/tracing_machine.h"
#include "tests/difftest/judge/arena_cases.h"

using namespace mtecheck::difftest;
using namespace mtecheck::difftest::test;
using mtecheck::spec::DontCare;

namespace {

Judge judge_for(const Case& input) {
    Judge judge(model_profile());
    judge.load(input.sequence);
    return judge;
}

/// The outcome with other answers to the first questions that are left open.
Outcome outcome_with(const Case& input, std::vector<std::uint8_t> answers) {
    Oracle<mtecheck::model::TracingMachine> oracle(model_profile());
    oracle.load(input.sequence);
    Expectation expectation;
    oracle.run(input.state, std::move(answers), expectation);
    return expectation.outcome;
}

std::uint64_t dfsc(const Outcome& outcome) { return outcome.exception.esr & 0x3f; }

} // namespace

TEST_CASE("a load whose tags match completes", "[judge]") {
    Case input = el1_case(kSync, {kLdr, kNop});
    add_window(input, 0, 5);
    input.state.x[1] = address(8, 5);
    Judge judge = judge_for(input);
    const Expectation& expected = judge.expect(input.state);
    CHECK(expected.outcome.status == Status::completed);
    CHECK(expected.outcome.x[0] == 0x0f0e0d0c0b0a0908);
    CHECK(expected.outcome.pc == ARENA_CODE_VA + 8);
    CHECK(expected.steps == 2);
    CHECK_FALSE(expected.escaped);
    CHECK(expected.choices.empty());
    CHECK(expected.coverage.encodings.count() == 2);
    CHECK(expected.coverage.decisions.contains(mtecheck::spec::Decision::TBI, true));
}

TEST_CASE("what is expected of several states is what is expected of each", "[judge]") {
    // Exceptions and runs that leave their windows, by turns with others: each finds what the last one left.
    const Case input = el1_case(kSync, {kLdr, kStr});
    std::vector<State> states;
    for (unsigned i = 0; i < 12; ++i) {
        Case next = input;
        add_window(next, 0, i % 3 == 0 ? 5 : 4);
        next.state.x[1] = address(i % 4 == 1 ? 4096 : 8, 5);
        next.state.tfsre0_el1 = i & 1;
        states.push_back(next.state);
    }
    std::vector<Expectation> together(states.size());
    Judge judge = judge_for(input);
    judge.expect(states, together);
    std::size_t exceptions = 0;
    std::size_t escaped = 0;
    for (std::size_t i = 0; i < states.size(); ++i) {
        INFO("state " << i);
        Judge alone = judge_for(input);
        Expectation expected;
        alone.expect(states[i], expected);
        CHECK(together[i].outcome == expected.outcome);
        CHECK(together[i].coverage == expected.coverage);
        CHECK(together[i].choices == expected.choices);
        CHECK(together[i].escaped == expected.escaped);
        CHECK(together[i].steps == expected.steps);
        exceptions += expected.outcome.status == Status::exception ? 1U : 0U;
        escaped += expected.escaped ? 1U : 0U;
    }
    CHECK(exceptions > 2);
    CHECK(exceptions < states.size() - 2);
    CHECK(escaped > 0);

    judge.expect({}, {});
}

TEST_CASE("states that are run together have no answers of an earlier run", "[judge]") {
    // Asynchronous faults, which may or may not have been accumulated when TFSR_EL1 is read.
    Case input = el1_case(kAsync, {kStr, kReadTfsr});
    add_window(input, 0, 4);
    input.state.x[1] = address(8, 5);
    Case clean = input;
    clean.state.windows[0].tags = 0x5555555555555555;
    const std::vector<State> states{input.state, clean.state, input.state};
    Judge judge = judge_for(input);
    const Outcome other = outcome_with(input, {1});
    REQUIRE(judge.judge(input.state, other).agreed());
    std::vector<Expectation> together(states.size());
    judge.expect(states, together);
    for (std::size_t i = 0; i < states.size(); ++i) {
        INFO("state " << i);
        Judge alone = judge_for(input);
        const Expectation& expected = alone.expect(states[i]);
        CHECK(together[i].outcome == expected.outcome);
        CHECK(together[i].choices == expected.choices);
        CHECK(together[i].allowances.size() == expected.allowances.size());
        CHECK(together[i].far_valid == expected.far_valid);
        CHECK(together[i].predicted == expected.predicted);
        for (const ChoiceTaken& choice : together[i].choices) CHECK(choice.taken == 0);
    }
    CHECK_FALSE(together[0].choices.empty());
    CHECK(together[1].choices.size() != together[0].choices.size());
}

TEST_CASE("a mismatch is a synchronous Tag Check Fault, and only FAR bits 63:60 are left open", "[judge]") {
    Case input = el1_case(kSync, {kLdr});
    add_window(input, 0, 4);
    input.state.x[1] = address(8, 5);
    Judge judge = judge_for(input);
    Outcome got = judge.expect(input.state).outcome;
    REQUIRE(got.status == Status::exception);
    CHECK(dfsc(got) == 0x11);
    CHECK(got.exception.far == input.state.x[1]);
    got.exception.far |= std::uint64_t{0xf} << 60U;
    CHECK(judge.judge(input.state, got).agreed());
    got.exception.far ^= std::uint64_t{1} << 59U;
    const Verdict verdict = judge.judge(input.state, got);
    CHECK(verdict.kind == Verdict::Kind::diverged);
    REQUIRE(verdict.differences.size() == 1);
    CHECK(verdict.differences[0].field == "far");
    CHECK(verdict.differences[0].allowed_by == DontCare::FaultAddressTopBits);
}

TEST_CASE("an asynchronous fault may or may not be seen before synchronization", "[judge]") {
    Case input = el1_case(kAsync, {kStr, kReadTfsr});
    add_window(input, 0, 4);
    input.state.x[1] = address(0, 5);
    Judge judge = judge_for(input);
    Outcome got = judge.expect(input.state).outcome;
    CHECK(judge.expectation().choices.size() == 1);
    CHECK(got.x[2] == 1);
    CHECK(got.tfsr[1] == 1);

    got.x[2] = 0;
    const Verdict other = judge.judge(input.state, got);
    CHECK(other.agreed());
    CHECK(other.runs == 2);
    REQUIRE(other.choices.size() == 1);
    CHECK(other.choices[0] == ChoiceTaken{DontCare::AsynchronousFaultTime, 1, 2});

    got.x[2] = 2;
    const Verdict wrong = judge.judge(input.state, got);
    CHECK(wrong.kind == Verdict::Kind::diverged);
    CHECK(wrong.runs == 2);
    CHECK(wrong.exhausted);
    CHECK(wrong.differences.size() == 1);
}

TEST_CASE("enumeration is bounded and says so", "[judge]") {
    // 13 independent questions have 8192 answers.
    Case input = el1_case(kAsync, {kStr});
    for (unsigned i = 0; i < 13; ++i) input.sequence.code.push_back(kReadTfsr + i);
    add_window(input, 0, 4);
    input.state.x[1] = address(0, 5);
    Judge judge = judge_for(input);
    Outcome got = judge.expect(input.state).outcome;
    CHECK(judge.expectation().choices.size() == 13);
    got.x[2] = 0;
    got.x[14] = 0;
    CHECK(judge.judge(input.state, got).agreed());
    got.gcr_el1 ^= 1;
    const Verdict verdict = judge.judge(input.state, got);
    CHECK(verdict.kind == Verdict::Kind::diverged);
    CHECK(verdict.runs == kMaxRuns);
    CHECK_FALSE(verdict.exhausted);
    CHECK(verdict.differences.size() == 1); // of the closest outcome
}

TEST_CASE("what a pair stored before its second half faulted is old or new, byte by byte", "[judge]") {
    Case input = el1_case(kSync, {kStp});
    add_window(input, 0x3f00, 0); // page 3 is writable, page 4 is read-only
    add_window(input, 0x4000, 0);
    input.state.x[1] = address(0x3ff8, 0);
    input.state.x[0] = 0x8182838485868788;
    Judge judge = judge_for(input);
    Outcome got = judge.expect(input.state).outcome;
    REQUIRE(got.status == Status::exception);
    CHECK(dfsc(got) == 0x0f); // Permission fault, level 3
    const State& before = input.state;
    auto& data = got.windows[0].data;
    const auto original = before.windows[0].data;
    data = original;
    CHECK(judge.judge(input.state, got).agreed());
    data[0xf8] = 0x88;
    CHECK(judge.judge(input.state, got).agreed());
    data[0xf8] = 0x11;
    CHECK(judge.judge(input.state, got).kind == Verdict::Kind::diverged);
    data = original;
    data[0xf0] ^= 1;
    CHECK(judge.judge(input.state, got).kind == Verdict::Kind::diverged);
}

TEST_CASE("of faults at two addresses either may be reported, but one must", "[judge]") {
    Case input = el1_case(kSync, {kStp});
    add_window(input, 0x3f00, 4); // mismatches
    add_window(input, 0x4000, 5); // read-only
    input.state.x[1] = address(0x3ff8, 5);
    Judge judge = judge_for(input);
    const Outcome first = judge.expect(input.state).outcome;
    const Outcome second = outcome_with(input, {1});
    REQUIRE(first.status == Status::exception);
    REQUIRE(second.status == Status::exception);
    CHECK(dfsc(first) == 0x11);
    CHECK(dfsc(second) == 0x0f);
    CHECK(judge.judge(input.state, first).agreed());
    CHECK(judge.judge(input.state, second).agreed());

    Case one = input; // the second address is fine: passing over the first fault is no outcome
    one.state.x[1] = address(0x3ff0, 5);
    const Outcome passed_over = outcome_with(one, {1});
    CHECK(passed_over.status == Status::completed);
    CHECK(judge.judge(one.state, passed_over).kind == Verdict::Kind::diverged);
}

TEST_CASE("a misaligned store-release to Non-cacheable memory faults or is made, as a whole", "[judge]") {
    Case input = el1_case(kSync, {0xc89f7c20}); // STLLR X0, [X1]
    input.sequence.configuration.sctlr[1] |= mtecheck::spec::field::SCTLR_EL1::nAA.place(1);
    add_window(input, 0xd000, 0);
    input.state.x[0] = 0x7766554433221100;
    input.state.x[1] = address(0xd00c, 0); // split into bytes
    Judge judge = judge_for(input);
    CHECK(dfsc(judge.expect(input.state).outcome) == 0x21);
    Outcome got = outcome_with(input, {1});
    CHECK(got.status == Status::completed);
    CHECK(got.windows[0].data[0x13] == 0x77);
    const Verdict verdict = judge.judge(input.state, got);
    CHECK(verdict.agreed());
    CHECK(verdict.runs <= 4);
    got.windows[0].data[0x13] = 0x13; // the second granule is not written
    CHECK(judge.judge(input.state, got).kind == Verdict::Kind::diverged);
}

TEST_CASE("of more allowed outcomes than can be tried the one that the target had is found", "[judge]") {
    // Four tags of 16 each, two of them for addresses that are accessed, and a store-exclusive that may fail.
    Case input = el1_case(kSync, {0x9adf1023 /* IRG X3, X1 */, 0x9adf1024 /* IRG X4, X1 */, 0x9adf1025 /* IRG X5, X1 */,
                                  0x9adf1026 /* IRG X6, X1 */, 0xf9400060 /* LDR X0, [X3] */,
                                  0xf94000a0 /* LDR X0, [X5] */, 0xc8077c22 /* STXR W7, X2, [X1] */});
    input.state.gcr_el1 = mtecheck::spec::field::GCR_EL1::RRND.place(1);
    add_window(input, 0, 9);
    add_window(input, 0x4000, 5); // read-only: the store-exclusive faults or fails
    input.state.x[1] = address(0x4000, 5);
    Judge judge = judge_for(input);
    for (const std::uint8_t second : {std::uint8_t{5}, std::uint8_t{12}}) { // the tag of the memory, and another one
        CAPTURE(second);
        Outcome got = outcome_with(input, {5, 11, second, 7, second == 5});
        REQUIRE(got.status == (second == 5 ? Status::completed : Status::exception));
        const Verdict verdict = judge.judge(input.state, got);
        CHECK(verdict.agreed());
        CHECK(verdict.runs < kMaxRuns);
        got.x[9] = 0x5555;
        const Verdict wrong = judge.judge(input.state, got);
        CHECK(wrong.kind == Verdict::Kind::diverged);
        CHECK_FALSE(wrong.exhausted);
        REQUIRE(wrong.differences.size() == 1); // from the nearest of those that were tried
        CHECK(wrong.differences[0].field == "x9");
    }
}

TEST_CASE("where an allowed run leads out of the case, nothing is said about what differs", "[judge]") {
    Case input = el1_case(kSync, {0xc8037c22 /* STXR W3, X2, [X1] */, 0xf94000a4 /* LDR X4, [X5] */});
    add_window(input, 0x4000, 5); // read-only: a fault, or the store-exclusive just fails
    add_window(input, 0, 5);
    input.state.x[1] = address(0x4000, 5);
    input.state.x[5] = address(0x1000, 0); // of no window
    Judge judge = judge_for(input);
    const Outcome fault = judge.expect(input.state).outcome;
    CHECK_FALSE(judge.expectation().escaped);
    CHECK(dfsc(fault) == 0x0f);
    CHECK(judge.judge(input.state, fault).agreed());
    Outcome failed = outcome_with(input, {1});
    CHECK(judge.judge(input.state, failed).kind == Verdict::Kind::open); // what X4 is depends on other cases
    failed.x[4] = 0x5555;
    CHECK(judge.judge(input.state, failed).kind == Verdict::Kind::open);
    failed.x[9] = 0x5555; // but this no instruction can have written
    CHECK(judge.judge(input.state, failed).kind == Verdict::Kind::diverged);

    input.state.x[5] = address(0, 5); // of a window
    failed = outcome_with(input, {1});
    CHECK(failed.status == Status::completed);
    CHECK(judge.judge(input.state, failed).agreed());
    failed.x[4] = 0x5555;
    CHECK(judge.judge(input.state, failed).kind == Verdict::Kind::diverged);
}

TEST_CASE("destinations of a pair that faulted are open, the base is not", "[judge]") {
    Case input = el1_case(kSync, {kLdp});
    add_window(input, 0x8f00, 0); // page 9 is not mapped
    input.state.x[1] = address(0x8ff8, 0);
    Judge judge = judge_for(input);
    Outcome got = judge.expect(input.state).outcome;
    CHECK(dfsc(got) == 0x07); // Translation fault, level 3
    got.x[0] = 0x5555;
    got.x[3] = 0xaaaa;
    CHECK(judge.judge(input.state, got).agreed());
    got.x[1] ^= 1;
    CHECK(judge.judge(input.state, got).kind == Verdict::Kind::diverged);
}

TEST_CASE("unmapped addresses fault at the level where the tables end", "[judge]") {
    Case input = el1_case(kIgnore, {kLdr});
    Judge judge = judge_for(input);
    const auto level = [&](std::uint64_t va) {
        input.state.x[1] = va;
        const Outcome& outcome = judge.expect(input.state).outcome;
        REQUIRE(outcome.status == Status::exception);
        return dfsc(outcome);
    };
    CHECK(level(ARENA_VA + 9 * ARENA_PAGE_BYTES) == 0x07);
    CHECK(level(ARENA_VA + ARENA_PAGES * ARENA_PAGE_BYTES) == 0x07);
    CHECK(level(0x100400000) == 0x06);
    CHECK(level(0x80000000) == 0x05);
    CHECK(level(0x7f00000000) == 0x05);
    CHECK(level(0x8000000000) == 0x04);
    CHECK(level(ARENA_UPPER_HALF | 0x100400000) == 0x06);
}

TEST_CASE("touching what a case does not control is an escape", "[judge]") {
    Case input = el1_case(kIgnore, {kLdr});
    add_window(input, 0, 0);
    Judge judge = judge_for(input);
    input.state.x[1] = address(0, 0);
    CHECK_FALSE(judge.expect(input.state).escaped);
    input.state.x[1] = address(0x100, 0); // another window
    CHECK(judge.expect(input.state).escaped);
    input.state.x[1] = ARENA_CODE_VA;
    CHECK(judge.expect(input.state).escaped);
    input.state.x[1] = ARENA_RELAY_VA;
    CHECK(judge.expect(input.state).escaped);
}

TEST_CASE("an unallocated word is UNDEFINED", "[judge]") {
    Case input = el1_case(kIgnore, {kUnallocated});
    Judge judge = judge_for(input);
    const Outcome& outcome = judge.expect(input.state).outcome;
    CHECK(outcome.status == Status::exception);
    CHECK(outcome.exception.esr == 0x2000000);
    CHECK(judge.expectation().coverage.encodings.none());
}

TEST_CASE("trouble is neither agreement nor divergence", "[judge]") {
    Case input = el1_case(kIgnore, {kNop});
    Judge judge = judge_for(input);
    Outcome got;
    got.note = "why";
    for (const auto status : {Status::crashed, Status::garbled, Status::runaway}) {
        got.status = status;
        CHECK(judge.judge(input.state, got).kind == Verdict::Kind::tool_trouble);
        CHECK(judge.judge(input.state, got).note == "why");
    }
    got.status = Status::unsupported;
    CHECK(judge.judge(input.state, got).kind == Verdict::Kind::not_applicable);
}

TEST_CASE("verdicts do not depend on what was judged before", "[judge]") {
    Case one = el1_case(kAsync, {kStr, kReadTfsr});
    add_window(one, 0, 4);
    one.state.x[1] = address(0, 5);
    Case two = el1_case(kSync, {kStp});
    add_window(two, 0x3f00, 4);
    two.state.x[1] = address(0x3f00, 5);
    Judge judge = judge_for(one);
    const Outcome first = judge.expect(one.state).outcome;
    judge.load(two.sequence);
    static_cast<void>(judge.expect(two.state));
    judge.load(one.sequence);
    CHECK(judge.judge(one.state, first).agreed());
    CHECK(agrees(judge.expect(one.state), first));
}

TEST_CASE("the model is a target that agrees with itself; its mutants are not", "[judge]") {
    Case input = el1_case(kSync, {kStr});
    add_window(input, 0, 4);
    input.state.x[1] = address(0, 5);
    Judge judge = judge_for(input);
    const std::vector<Test> tests{{input.sequence, {input.state, input.state}}};
    std::vector<std::vector<Outcome>> outcomes;
    const auto model = make_model_target("model");
    CHECK(model->probe().target == "model");
    model->run(tests, outcomes);
    REQUIRE(outcomes.size() == 1);
    REQUIRE(outcomes[0].size() == 2);
    CHECK(judge.judge(input.state, outcomes[0][1]).agreed());
    CHECK(model->statistics().cases == 2);

    const auto mutant = make_model_target("model:wnr_wrong+tco_not_set_on_exception");
    mutant->run(tests, outcomes);
    const Verdict verdict = judge.judge(input.state, outcomes[0][0]);
    REQUIRE(verdict.differences.size() == 2);
    CHECK(verdict.differences[0].field == "esr.WnR");
    CHECK(verdict.differences[1].field == "pstate.TCO");

    Judge same(model_profile(), parse_mutations("wnr_wrong+tco_not_set_on_exception", "test"));
    same.load(input.sequence);
    CHECK(same.judge(input.state, outcomes[0][0]).agreed());
}

TEST_CASE("wrong names of targets and mutations are complaints", "[judge]") {
    CHECK_THROWS_AS(make_model_target("model:"), InputError);
    CHECK_THROWS_AS(make_model_target("model:no_such_thing"), InputError);
    CHECK_THROWS_AS(make_model_target("model:wnr_wrong+"), InputError);
    CHECK_THROWS_AS(make_model_target("models"), InputError);
    CHECK(to_string(parse_mutations("wnr_wrong+tcma_ignored", "test")).find("tcma_ignored") != std::string::npos);
    CHECK(parse_mutations("", "test").empty());
}

TEST_CASE("features follow the ID registers", "[judge]") {
    using mtecheck::spec::Feature;
    Profile profile;
    profile.el2 = false;
    profile.registers["ID_AA64PFR1_EL1"] = 0x200;
    auto features = features_of(profile);
    CHECK(features.has(Feature::FEAT_MTE2));
    CHECK_FALSE(features.has(Feature::FEAT_MTE3));
    CHECK_FALSE(features.has(Feature::FEAT_EL2));
    CHECK(features.has(Feature::FEAT_EL3));
    profile.registers["ID_AA64PFR1_EL1"] = 0x300;
    profile.mte_async = true;
    features = features_of(profile);
    CHECK(features.has(Feature::FEAT_MTE_ASYM_FAULT));
    CHECK(features_of(model_profile()).has(Feature::FEAT_AdvSIMD));
}
