// SPDX-License-Identifier: Apache-2.0
//
// The oracle's decisions: run, compare, and try what else the architecture allows. Outcomes are tried in the order of
// how many questions they answer otherwise than the pseudocode: an implementation rarely differs in many at once.
#include "difftest/judge/judge.h"

#include <deque>
#include <optional>

#include "difftest/judge/features.h"
#include "difftest/judge/oracle.h"
#include "model/machine/mutant_machine.h"
#include "model/machine/tracing_machine.h"

namespace mtecheck::difftest {

namespace {

using Answers = std::vector<std::uint8_t>;

/// The runs that differ from one with these choices, which were forced up to `forced`, in one more answer. Every
/// sequence of answers is reached exactly once, by way of its answers other than 0 from left to right.
void push_neighbours(const std::vector<ChoiceTaken>& choices, std::size_t forced, std::deque<Answers>& queue) {
    Answers answers;
    for (std::size_t i = 0; i < choices.size(); ++i) {
        answers.push_back(static_cast<std::uint8_t>(choices[i].taken));
        if (i < forced) continue;
        for (std::uint32_t other = 1; other < choices[i].options && queue.size() < kMaxRuns; ++other) {
            answers.back() = static_cast<std::uint8_t>(other);
            queue.push_back(answers);
        }
        answers.back() = 0;
    }
}

/// From where on nothing can be compared.
bool leads_astray(const Expectation& expectation) { return expectation.escaped || !expectation.predicted; }

/// Trouble and refusal are no architectural outcomes.
std::optional<Verdict> without_outcome(const Outcome& got) {
    Verdict verdict;
    verdict.note = got.note;
    switch (got.status) {
    case Status::completed:
    case Status::exception: return std::nullopt;
    case Status::unsupported: verdict.kind = Verdict::Kind::not_applicable; return verdict;
    case Status::runaway:
    case Status::crashed:
    case Status::garbled: verdict.kind = Verdict::Kind::tool_trouble; return verdict;
    }
    return std::nullopt;
}

} // namespace

/// A machine that reads the model's one source: normal or with mutations.
class Reading {
  public:
    Reading() = default;
    Reading(const Reading&) = delete;
    Reading& operator=(const Reading&) = delete;
    virtual ~Reading() = default;

    virtual void load(const Sequence& sequence) = 0;
    /// Whether this is an allowed outcome at all.
    virtual bool run(const State& state, Answers answers, Expectation& out) = 0;

    Expectation first; // of the last case
    Expectation other; // while trying
};

namespace {

struct Search {
    std::uint32_t runs = 1;
    bool exhausted = true;
};

/// Runs what else is allowed, the nearest to the pseudocode first, until is_it(expectation) says so.
template <class F>
Search try_others(Reading& reading, const State& state, const Expectation& first, F&& is_it) {
    Search search;
    std::deque<Answers> queue;
    push_neighbours(first.choices, 0, queue);
    while (!queue.empty()) {
        if (search.runs == kMaxRuns) {
            search.exhausted = false;
            return search;
        }
        ++search.runs;
        const Answers answers = std::move(queue.front());
        queue.pop_front();
        const bool allowed = reading.run(state, answers, reading.other);
        push_neighbours(reading.other.choices, answers.size(), queue);
        if (allowed && is_it(reading.other)) return search;
    }
    return search;
}

template <class Machine>
class ReadingOf : public Reading {
  public:
    ReadingOf(const model::FeatureSet& features, const MutationSet& mutations) : oracle_(features) {
        if constexpr (std::is_same_v<Machine, model::MutantMachine>) oracle_.machine().mutations = mutations;
    }

    void load(const Sequence& sequence) override { oracle_.load(sequence); }

    bool run(const State& state, Answers answers, Expectation& out) override {
        const model::RunResult result = oracle_.run(state, std::move(answers));
        oracle_.read(state, result, out);
        if constexpr (std::is_same_v<Machine, model::TracingMachine>) {
            out.coverage.decisions = oracle_.machine().observer.decisions;
            out.coverage.encodings.reset();
            for (std::size_t i = 0; i < oracle_.program().code.size(); ++i) {
                const auto& instruction = oracle_.program().code[i];
                if (oracle_.machine().observer.started(i) && instruction.allocated) {
                    out.coverage.encodings.set(static_cast<std::size_t>(instruction.encoding));
                }
            }
        }
        return result.status != model::RunStatus::not_allowed;
    }

  private:
    Oracle<Machine> oracle_;
};

std::unique_ptr<Reading> make(const Profile& profile, const MutationSet& mutations) {
    const auto features = features_of(profile);
    if (mutations.empty()) return std::make_unique<ReadingOf<model::TracingMachine>>(features, mutations);
    return std::make_unique<ReadingOf<model::MutantMachine>>(features, mutations);
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

const Expectation& Judge::expectation() const { return reading_->first; }

Verdict Judge::judge(const State& state, const Outcome& got) { return judge(state, got, expect(state)); }

Verdict Judge::judge(const State& state, const Outcome& got, const Expectation& first) {
    if (auto verdict = without_outcome(got)) return std::move(*verdict);
    Verdict verdict;
    if (agrees(first, got)) return verdict;
    if (!first.predicted) {
        verdict.choices = first.choices;
        verdict.note = "the architecture leaves open what this case does";
        return verdict;
    }

    verdict.kind = Verdict::Kind::diverged;
    verdict.differences = differences(first, got);
    verdict.choices = first.choices;
    bool open = false;
    const Search search = try_others(*reading_, state, first, [&](const Expectation& other) {
        if (other.escaped) {
            // What is there was left by other cases: even agreement would be chance.
            open = true;
            return false;
        }
        if (!other.predicted || agrees(other, got)) {
            verdict.kind = Verdict::Kind::agreed;
            verdict.differences.clear();
            verdict.choices = other.choices;
            return true;
        }
        auto here = differences(other, got);
        if (here.size() < verdict.differences.size()) {
            verdict.differences = std::move(here);
            verdict.choices = other.choices;
        }
        return false;
    });
    if (open && !verdict.agreed()) {
        verdict.kind = Verdict::Kind::open;
        verdict.note = "what the architecture leaves open leads out of the memory or the code of this case";
    }
    verdict.runs = search.runs;
    verdict.exhausted = search.exhausted;
    return verdict;
}

Match Judge::match(const State& state, const Outcome& got) {
    if (without_outcome(got)) return Match::none;
    const Expectation& first = expect(state);
    if (leads_astray(first)) return Match::open;
    if (agrees(first, got)) return Match::full;
    Match match = Match::none;
    try_others(*reading_, state, first, [&](const Expectation& other) {
        if (leads_astray(other)) {
            match = Match::open;
        } else if (agrees(other, got)) {
            match = Match::full;
        }
        return match == Match::full;
    });
    return match;
}

} // namespace mtecheck::difftest
