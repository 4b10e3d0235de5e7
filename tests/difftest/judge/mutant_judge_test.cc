// SPDX-License-Identifier: Apache-2.0
//
// Which mutations give an outcome: agreement in every bit, a run that is led astray, or neither; and what can still be
// said against a run that is led astray.
#include "difftest/judge/mutant_judge.h"

#include <catch2/catch_test_macros.hpp>

#include "difftest/judge/features.h"
#include "difftest/judge/judge.h"
#include "difftest/judge/oracle.h"
#include "model/machine/mutant_machine.h"
#include "tests/difftest/judge/arena_cases.h"

using namespace mtecheck::difftest;
using namespace mtecheck::difftest::test;
using mtecheck::spec::Mutation;

namespace {

MutationSet set_of(std::initializer_list<Mutation> mutations) {
    MutationSet set;
    for (const Mutation mutation : mutations) set.add(mutation);
    return set;
}

/// A load that mismatches, and one that is reached only by who does not check it.
Case mismatch(std::uint64_t second_offset) {
    Case input = el1_case(kSync, {kLdr, kLdrX4X5});
    add_window(input, 0, 4);
    input.state.x[1] = address(8, 5);
    input.state.x[5] = address(second_offset, 4);
    return input;
}

Match match(const Case& input, const MutationSet& mutations, const Outcome& got) {
    MutantJudge judge(model_profile());
    judge.load(input.sequence);
    judge.ask_about(input.state, got);
    const Match match = judge.match(mutations);
    // Whatever was asked before, the answer is the same.
    judge.ask_about(input.state, got);
    judge.match({});
    judge.match(set_of({Mutation::tco_ignored, Mutation::wnr_wrong, Mutation::irg_tag_start_wrong}));
    CHECK(judge.match(mutations) == match);
    return match;
}

} // namespace

TEST_CASE("mutations that give what was got match in full, others do not", "[judge]") {
    const Case input = mismatch(0);
    const MutationSet wrong = set_of({Mutation::tco_not_set_on_exception});
    const Outcome got = outcome_of(input, wrong);
    CHECK(match(input, {}, got) == Match::none);
    CHECK(match(input, wrong, got) == Match::full);
    CHECK(match(input, set_of({Mutation::wnr_wrong}), got) == Match::none);
    CHECK(match(input, set_of({Mutation::tco_not_set_on_exception, Mutation::wnr_wrong}), got) == Match::none);
    CHECK(match(input, set_of({Mutation::tco_not_set_on_exception, Mutation::irg_tag_start_wrong}), got) ==
          Match::full);
}

TEST_CASE("a run that mutations lead out of its windows matches as far as that only", "[judge]") {
    const Case input = mismatch(0x1000); // of no window
    const MutationSet unchecked = set_of({Mutation::ata_ignored});
    // What an implementation does that never checks: it goes on to the second load, which finds what others left.
    MutationSet never;
    for (const auto& mutation : mtecheck::spec::mutations()) {
        const Outcome outcome = outcome_of(input, set_of({mutation.value}));
        if (outcome.status == Status::completed) never = set_of({mutation.value});
    }
    REQUIRE_FALSE(never.empty());
    Outcome got = outcome_of(input, never);
    CHECK(match(input, never, got) == Match::astray);
    CHECK(match(input, unchecked, got) == Match::none);
    got.x[4] = 0x5555; // any value may have been there
    CHECK(match(input, never, got) == Match::astray);

    Outcome other = got;
    other.x[0] ^= 1; // was loaded before, and nothing writes it afterwards
    CHECK(match(input, never, other) == Match::none);
    other = got;
    other.x[9] = 1;
    CHECK(match(input, never, other) == Match::none);
    other = got;
    other.windows[0].tags ^= 1; // no instruction from there on stores
    CHECK(match(input, never, other) == Match::none);

    Outcome early = outcome_of(input); // the fault of the first load: it did not come as far as the second
    early.pstate ^= std::uint64_t{1} << 25U;
    early.x[0] = got.x[0];
    CHECK(match(input, never, early) == Match::none);
}
