// SPDX-License-Identifier: Apache-2.0
//
// Known defects as explanations: as few as it takes, agreement before being led astray.
#include "difftest/findings/explainer.h"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>

#include "difftest/core/error.h"
#include "difftest/core/layout.h"
#include "difftest/findings/examiner.h"
#include "difftest/generate/configuration.h"
#include "difftest/generate/generator.h"
#include "difftest/judge/judge.h"
#include "tests/difftest/judge/arena_cases.h"

namespace mtecheck::difftest {
namespace {

Defect defect(const std::string& mutation) { return {mutation, "*", {"*"}, {mutation}, "", "", {}, {}, ""}; }

/// The search as it is defined, without any memory of earlier answers.
Explanation by_definition(const Profile& profile, const std::vector<Defect>& defects, const Test& test,
                          const State& state, const Outcome& got) {
    const auto match = [&](std::size_t numbers) {
        MutationSet set;
        for (std::size_t i = 0; i < defects.size(); ++i) {
            if ((numbers >> i & 1U) != 0) set |= parse_mutations(defects[i].mutations[0], "");
        }
        MutantJudge judge(profile);
        judge.load(test.sequence);
        judge.ask_about(state, got);
        return judge.match(set);
    };
    const std::size_t all = (std::size_t{1} << defects.size()) - 1;
    Explanation result;
    if (match(all) != Match::full) return result;
    std::size_t rest = all;
    for (std::size_t i = 0; i < defects.size(); ++i) {
        const std::size_t fewer = rest & ~(std::size_t{1} << i);
        if (fewer != 0 && match(fewer) == Match::full) rest = fewer;
    }
    for (std::size_t i = 0; i < defects.size(); ++i) {
        if ((rest >> i & 1U) != 0) result.defects.push_back(i);
    }
    return result;
}

TEST_CASE("an explanation is a set of defects that agrees in every bit and of which none can be left out") {
    const Profile profile = model_profile();
    const std::vector<Defect> defects = {defect("cas_classified_as_write"), defect("nzcv_cleared_on_exception"),
                                         defect("sp_misalignment_ignored"), defect("tco_not_set_on_exception"),
                                         defect("wnr_wrong")};
    Explainer explainer(profile, defects);
    Judge model(profile);
    Judge target(profile, explainer.all_mutations());
    const auto generator = make_random_generator(profile);
    Test test;
    std::vector<Expectation> expectations;
    std::size_t several = 0;
    std::size_t explained = 0;
    for (std::uint64_t index = 0; index < 40; ++index) {
        generator->generate(1, 0, index, test, expectations);
        model.load(test.sequence);
        target.load(test.sequence);
        explainer.load(test.sequence);
        for (std::size_t i = 0; i < test.states.size(); ++i) {
            const Expectation& is = target.expect(test.states[i]);
            const Outcome got = is.outcome;
            if (is.escaped || !is.predicted) continue;
            if (model.judge(test.states[i], got, expectations[i]).kind != Verdict::Kind::diverged) continue;
            explainer.ask_about(test.states[i], got);
            const Explanation explanation = explainer.explain();
            CHECK(explanation == by_definition(profile, defects, test, test.states[i], got));
            CHECK_FALSE(explanation.led_astray);
            ++explained;
            if (explanation.defects.size() > 1) ++several;
        }
    }
    CHECK(explained > 50);
    CHECK(several > 5);
}

TEST_CASE("a defect that ends the implementation explains an end, and no other does") {
    const Profile profile = model_profile();
    Case input = test::el1_case(1, {0xd53810c0}); // MRS X0, GCR_EL1
    input.sequence.configuration.scr_el3 &= ~spec::field::SCR_EL3::NS.place(1);
    Outcome got;
    got.status = Status::crashed;
    Examiner knows(profile, {defect("wnr_wrong"), defect("no_tag_access_without_el2")});
    Examiner does_not(profile, {defect("wnr_wrong")});
    Judge model(profile);
    model.load(input.sequence);
    const Expectation expectation = model.expect(input.state);
    for (Examiner* const examiner : {&knows, &does_not}) {
        examiner->load(input.sequence);
        const Verdict verdict = examiner->rule(input.state, got, expectation);
        const bool explained = examiner == &knows;
        CHECK((verdict.kind == Verdict::Kind::diverged) == explained);
        CHECK((verdict.kind == Verdict::Kind::tool_trouble) != explained);
    }
    CHECK(knows.ids(knows.explain(input.state, got)) == std::vector<std::string>{"no_tag_access_without_el2"});
}

TEST_CASE("a search for what the target behaves like ends for words that are UNDEFINED, too") {
    const Profile profile = model_profile();
    Sequence sequence;
    sequence.pc = ARENA_CODE_VA;
    sequence.configuration = base_configuration(profile, 1);
    sequence.code = {0x5300fc20}; // UBFM W0, W1, #0, #63: reserved, and executed by bulk_imm9_ignored
    const State state;
    Judge judge(profile);
    judge.load(sequence);
    const Outcome got = judge.expect(state).outcome;
    REQUIRE(got.status == Status::exception);
    Explainer explainer(profile, {});
    explainer.load(sequence);
    explainer.ask_about(state, got);
    const auto names = explainer.behaves_like();
    CHECK(std::find(names.begin(), names.end(), "bulk_imm9_ignored") == names.end());
    CHECK(std::find(names.begin(), names.end(), "tco_ignored") != names.end());
}

TEST_CASE("what no defect gives is not explained") {
    const Profile profile = model_profile();
    Explainer explainer(profile, {defect("nzcv_cleared_on_exception")});
    const auto generator = make_random_generator(profile);
    Test test;
    std::vector<Expectation> expectations;
    generator->generate(1, 0, 0, test, expectations);
    explainer.load(test.sequence);
    Outcome got = expectations[0].outcome;
    got.sp[3] ^= 1;
    explainer.ask_about(test.states[0], got);
    CHECK(explainer.explain() == Explanation{});
}

} // namespace
} // namespace mtecheck::difftest
