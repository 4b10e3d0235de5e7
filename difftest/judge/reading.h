// SPDX-License-Identifier: Apache-2.0
//
// A machine that reads the model's one source as an oracle, behind an interface: the normal one, or one with deliberate
// faults. And the search through what the architecture allows, which is the same for both.
//
// Outcomes are tried in the order of how many questions they answer otherwise than the pseudocode: an implementation
// rarely differs in many at once. Where there are many (each IRG with GCR_EL1.RRND = 1 has up to 16 of its own), the
// answers that came nearest to what the target did are followed first.
#pragma once

#include <memory>
#include <queue>
#include <span>
#include <vector>

#include "difftest/core/case.h"
#include "difftest/core/expectation.h"
#include "difftest/core/target.h"
#include "difftest/judge/mutation_set.h"
#include "model/run/program.h"

namespace mtecheck::difftest {

using Answers = std::vector<std::uint8_t>; // to what is left open, in the order in which a run meets it; then 0

class Reading {
  public:
    Reading() = default;
    Reading(const Reading&) = delete;
    Reading& operator=(const Reading&) = delete;
    virtual ~Reading() = default;

    virtual void load(const Sequence& sequence) = 0;
    virtual const model::Program& program() const = 0;
    /// From each of these states, with no answers; `out` has as many.
    virtual void run(std::span<const State> states, std::span<Expectation> out) = 0;
    /// Whether this is an allowed outcome at all.
    virtual bool run(const State& state, Answers answers, Expectation& out) = 0;
    /// The first `steps` instructions of a run. Whether it has more of them, and was all the while in its code and its
    /// windows.
    virtual bool run_part(const State& state, Answers answers, std::uint32_t steps, Expectation& out) = 0;

    /// Whether the target of such cases tells the registers and the memory that a run ended with.
    virtual bool end_is_shown(const Outcome& got) const = 0;
    /// Whether a deliberate fault makes the PC of an abort of DC ZVA or DC GZVA say nothing.
    virtual bool loses_pc() = 0;
    /// Of the run that run_part() made last: whether it makes a process that came to `before`, and whose next
    /// instruction led out of its windows, go on from anywhere. DC ZVA and DC GZVA do, with asynchronous Tag Check
    /// Faults to be told of, if they abort, as they may there.
    virtual bool may_go_on_from_anywhere(const Expectation& before) = 0;

    Expectation first; // of the last case
    Expectation other; // while trying
};

/// How many allowed outcomes are tried before a case is called diverged.
inline constexpr std::uint32_t kMaxRuns = 4096;

struct Search {
    std::uint32_t runs = 1;
    bool exhausted = true;
};

/// What is still to be tried. Every sequence of answers is reached exactly once, by way of its answers other than 0
/// from left to right.
class Untried {
  public:
    /// The runs that differ from one with these choices, which were forced up to `forced`, in one more answer. The
    /// outcome of that run is at `distance` from what the target did.
    void push_neighbours(const Choices& choices, std::size_t forced, std::uint32_t distance);
    bool empty() const { return runs_.empty(); }
    Answers pop();

  private:
    struct Run {
        std::uint32_t rank; // 0 for the first kInOrder, then 1 + distance of the neighbour
        std::uint32_t order;
        Answers answers;
    };
    static constexpr std::uint32_t kInOrder = 256;
    static constexpr std::size_t kMaxUntried = std::size_t{16} * kMaxRuns; // more are passed over
    struct Later {
        bool operator()(const Run& a, const Run& b) const {
            return a.rank != b.rank ? a.rank > b.rank : a.order > b.order;
        }
    };

    std::priority_queue<Run, std::vector<Run>, Later> runs_;
    std::uint32_t pushed_ = 0;
};

/// Runs what else is allowed, the nearest to the pseudocode first, until is_it(expectation) says so. Where that is
/// much, distance(expectation) leads the way: how far it is from what is looked for.
template <class F, class Distance>
Search try_others(Reading& reading, const State& state, const Expectation& first, F&& is_it, Distance&& distance) {
    Search search;
    if (first.choices.empty()) return search;
    Untried untried;
    untried.push_neighbours(first.choices, 0, distance(first));
    while (!untried.empty()) {
        if (search.runs == kMaxRuns) {
            search.exhausted = false;
            return search;
        }
        ++search.runs;
        const Answers answers = untried.pop();
        const bool allowed = reading.run(state, answers, reading.other);
        if (allowed && is_it(reading.other)) return search;
        untried.push_neighbours(reading.other.choices, answers.size(), distance(reading.other));
    }
    return search;
}

/// The same for who looks at all of them.
template <class F>
Search try_others(Reading& reading, const State& state, const Expectation& first, F&& is_it) {
    return try_others(reading, state, first, is_it, [](const Expectation&) { return 0U; });
}

/// From where on nothing can be compared.
inline bool leads_astray(const Expectation& expectation) { return expectation.escaped || !expectation.predicted; }

/// Whether a target that gave `got` may have come to where a run of this model is led astray: as far as the
/// instruction that does so, with everything that the rest of the code cannot change as the model has it there.
bool agrees_until_astray(Reading& reading, const State& state, const Expectation& astray, const Outcome& got);

/// The model as it is, tracing what a run meets.
std::unique_ptr<Reading> make_reading(const Profile& profile);

/// The model with deliberate faults.
class MutantReading : public Reading {
  public:
    virtual void mutate(const MutationSet& mutations) = 0;
    /// Those that runs asked for since mutate(), whether they are on or off.
    virtual const MutationSet& asked() const = 0;
};

std::unique_ptr<MutantReading> make_mutant_reading(const Profile& profile);

} // namespace mtecheck::difftest
