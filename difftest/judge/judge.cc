// SPDX-License-Identifier: Apache-2.0
//
// The oracle's decisions: run, compare, and try what else the architecture allows.
#include "difftest/judge/judge.h"

#include <optional>
#include <utility>

namespace mtecheck::difftest {

namespace {

/// Trouble and refusal are no architectural outcomes.
std::optional<Verdict> without_outcome(const Outcome& got) {
    Verdict verdict;
    verdict.note = got.note;
    switch (got.status) {
    case Status::completed:
    case Status::exception:
    case Status::signal: return std::nullopt;
    case Status::unsupported: verdict.kind = Verdict::Kind::not_applicable; return verdict;
    case Status::runaway:
    case Status::crashed:
    case Status::garbled: verdict.kind = Verdict::Kind::tool_trouble; return verdict;
    }
    return std::nullopt;
}

std::unique_ptr<Reading> make(const Profile& profile, const MutationSet& mutations) {
    if (mutations.empty()) return make_reading(profile);
    auto reading = make_mutant_reading(profile);
    reading->mutate(mutations);
    return reading;
}

} // namespace

Judge::Judge(const Profile& profile, const MutationSet& mutations) : reading_(make(profile, mutations)) {}
Judge::~Judge() = default;
Judge::Judge(Judge&&) noexcept = default;
Judge& Judge::operator=(Judge&&) noexcept = default;

void Judge::load(const Sequence& sequence) { reading_->load(sequence); }

const Expectation& Judge::expect(const State& state) {
    reading_->run(state, {}, reading_->first);
    return reading_->first;
}

void Judge::expect(const State& state, Expectation& out) { expect(std::span(&state, 1), std::span(&out, 1)); }

void Judge::expect(std::span<const State> states, std::span<Expectation> out) { reading_->run(states, out); }

const Expectation& Judge::expectation() const { return reading_->first; }

Verdict Judge::judge(const State& state, const Outcome& got) { return judge(state, got, expect(state)); }

Verdict Judge::judge(const State& state, const Outcome& got, const Expectation& first) {
    if (auto verdict = without_outcome(got)) return std::move(*verdict);
    Verdict verdict;
    if (agrees(first, got)) return verdict;
    verdict.choices.assign(first.choices.begin(), first.choices.end());
    if (!first.predicted) {
        verdict.kind = Verdict::Kind::open;
        verdict.note = "the architecture leaves open what this case does";
        return verdict;
    }

    verdict.kind = Verdict::Kind::diverged;
    verdict.differences = differences(first, got);
    std::uint32_t nearest = distance(first, got);
    bool open = false;
    const auto is_it = [&](const Expectation& other) {
        if (leads_astray(other)) {
            // What is there was left by other cases: even agreement would be chance.
            open = open || agrees_until_astray(*reading_, state, other, got);
            return false;
        }
        if (agrees(other, got)) {
            verdict.kind = Verdict::Kind::agreed;
            verdict.differences.clear();
            verdict.choices.assign(other.choices.begin(), other.choices.end());
            return true;
        }
        if (const std::uint32_t here = distance(other, got); here < nearest) {
            nearest = here;
            verdict.differences = differences(other, got);
            verdict.choices.assign(other.choices.begin(), other.choices.end());
        }
        return false;
    };
    const Search search =
        try_others(*reading_, state, first, is_it, [&](const Expectation& other) { return distance(other, got); });
    if (open && !verdict.agreed()) {
        verdict.kind = Verdict::Kind::open;
        verdict.note = "what the architecture leaves open leads out of the memory or the code of this case, or to what "
                       "is not predicted";
    }
    verdict.runs = search.runs;
    verdict.exhausted = search.exhausted;
    return verdict;
}

bool Judge::depends_on(const State& state, const Expectation& first, spec::DontCare reason) {
    Answers answers;
    for (const ChoiceTaken& choice : first.choices) {
        answers.push_back(static_cast<std::uint8_t>(choice.taken));
        if (choice.reason != reason) continue;
        Answers others = answers;
        others.back() = choice.taken == 0 ? 1 : 0;
        const bool allowed = reading_->run(state, others, reading_->other);
        if (allowed && !leads_astray(reading_->other) && !agrees(reading_->other, first.outcome)) return true;
    }
    return false;
}

} // namespace mtecheck::difftest
