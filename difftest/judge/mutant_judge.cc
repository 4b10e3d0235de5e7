// SPDX-License-Identifier: Apache-2.0
#include "difftest/judge/mutant_judge.h"

#include <utility>

#include "difftest/core/compare.h"

namespace mtecheck::difftest {

MutantJudge::MutantJudge(const Profile& profile) : reading_(make_mutant_reading(profile)) {}

void MutantJudge::load(const Sequence& sequence) {
    to_load_ = &sequence;
    known_ = 0;
}

void MutantJudge::ask_about(const State& state, const Outcome& got) {
    state_ = &state;
    got_ = &got;
    known_ = 0;
}

const MutantJudge::Answer& MutantJudge::answer(const MutationSet& mutations) {
    for (std::size_t i = 0; i < known_; ++i) {
        if ((mutations & answers_[i].asked) == answers_[i].active) return answers_[i];
    }
    if (const Sequence* const sequence = std::exchange(to_load_, nullptr)) reading_->load(*sequence);
    if (known_ == answers_.size()) answers_.emplace_back();
    Answer& answer = answers_[known_++];
    reading_->mutate(mutations);
    try_all(answer);
    answer.asked = reading_->asked();
    answer.active = mutations & answer.asked;
    return answer;
}

void MutantJudge::try_all(Answer& answer) {
    answer.match = Match::none;
    answer.choices.clear();
    const auto is_it = [&](const Expectation& expectation) {
        if (leads_astray(expectation)) {
            if (answer.match == Match::none && agrees_until_astray(*reading_, *state_, expectation, *got_)) {
                answer.match = Match::astray;
            }
        } else if (agrees(expectation, *got_)) {
            answer.match = Match::full;
            answer.choices.assign(expectation.choices.begin(), expectation.choices.end());
        }
        return answer.match == Match::full;
    };
    reading_->run(*state_, {}, reading_->first);
    if (is_it(reading_->first)) return;
    try_others(*reading_, *state_, reading_->first, is_it,
               [&](const Expectation& other) { return distance(other, *got_); });
}

} // namespace mtecheck::difftest
