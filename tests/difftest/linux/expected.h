// SPDX-License-Identifier: Apache-2.0
//
// What the model expects that a process, or a simulator of one, shows of a case.
#pragma once

#include <string_view>

#include "difftest/judge/judge.h"
#include "difftest/judge/mutant_judge.h"
#include "difftest/judge/mutation_set.h"

namespace mtecheck::difftest::linux_tests {

/// Of the first state of the test, by the model with deliberate faults.
inline Expectation expect(const Profile& profile, const Test& test, std::string_view mutations = {}) {
    Judge judge(profile, mutations.empty() ? MutationSet() : parse_mutations(mutations, "test"));
    judge.load(test.sequence);
    Expectation result;
    judge.expect(test.states.at(0), result);
    return result;
}

/// What the model with these deliberate faults makes of an outcome of the first state of the test.
inline Match match(const Profile& profile, const Test& test, const Outcome& got, std::string_view mutations) {
    MutantJudge judge(profile);
    judge.load(test.sequence);
    judge.ask_about(test.states.at(0), got);
    return judge.match(parse_mutations(mutations, "test"));
}

} // namespace mtecheck::difftest::linux_tests
