// SPDX-License-Identifier: Apache-2.0
//
// What a machine with native values records while it runs.
#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <cstdint>
#include <vector>

#include "model/machine/bits.h"
#include "spec/gen/decisions.h"
#include "spec/gen/dont_cares.h"

namespace mtecheck::model {

/// How many answers of functions of the control registers a machine keeps (model/machine/control_answers.h). Not more
/// than 64: sets of them are words.
inline constexpr std::size_t control_answers = 48;
static_assert(control_answers <= 64);

/// Nothing, at no cost.
struct NoObserver {
    /// Whether it sees each decision at its time, also one that a machine remembers from before.
    static constexpr bool sees_all = false;

    static void start() {}
    static void on_instruction(std::size_t) {}
    static void on_decision(spec::Decision, bool) {}
    static void on_choice(spec::DontCare, unsigned) {}
    static void on_read(std::uint64_t, unsigned, Uint128) {}
    static void on_write(std::uint64_t, unsigned, Uint128) {}
    static void on_tag_read(std::uint64_t, std::uint8_t) {}
    static void on_tag_write(std::uint64_t, std::uint8_t) {}
    /// The run got the answer in this slot, without its decisions.
    static void on_answer(std::size_t) {}
    /// It is worked out anew.
    template <class F>
    static void on_new_answer(std::size_t, const F& work_out) {
        work_out();
    }
};

/// The set of (decision, outcome) pairs that a run met: the unit of coverage.
class DecisionSet {
  public:
    static constexpr std::size_t size = 2 * spec::decision_count;

    static constexpr std::size_t index(spec::Decision decision, bool outcome) {
        return 2 * static_cast<std::size_t>(decision) + (outcome ? 1 : 0);
    }
    void insert(spec::Decision decision, bool outcome) { insert(index(decision, outcome)); }
    void insert(std::size_t i) { words_[i / 64] |= std::uint64_t{1} << (i % 64); }
    bool contains(spec::Decision decision, bool outcome) const { return contains(index(decision, outcome)); }
    bool contains(std::size_t i) const { return (words_[i / 64] >> (i % 64) & 1) != 0; }
    void insert_all(const DecisionSet& other) {
        for (std::size_t i = 0; i < words_.size(); ++i) words_[i] |= other.words_[i];
    }
    /// The pairs of both. Word by word: a load of several would have to wait until each of them, which a run has just
    /// stored, is in the cache.
    void assign(const DecisionSet& one, const DecisionSet& other) {
        for (std::size_t i = 0; i < words_.size(); ++i) {
            words_[i] = one.words_[i] | other.words_[i];
            std::atomic_signal_fence(std::memory_order_acq_rel);
        }
    }
    /// f(index) for each pair, in ascending order.
    template <class F>
    void each(F&& f) const {
        for (std::size_t i = 0; i < words_.size(); ++i) {
            for (std::uint64_t left = words_[i]; left != 0; left &= left - 1) {
                f(64 * i + static_cast<std::size_t>(std::countr_zero(left)));
            }
        }
    }
    bool operator==(const DecisionSet&) const = default;

  private:
    std::array<std::uint64_t, (size + 63) / 64> words_{};
};

/// One thing that a run did, for `explain`.
struct Event {
    enum class Kind : std::uint8_t { decision, choice, read, write, tag_read, tag_write };

    Kind kind{};
    std::uint8_t size = 0;  ///< bytes, of reads and writes
    std::uint16_t what = 0; ///< spec::Decision or spec::DontCare
    std::uint64_t pa = 0;   ///< of memory and tag effects
    Uint128 value = 0;      ///< outcome, answer, data or tag
};

/// Coverage alone.
class Coverer : public NoObserver {
  public:
    void start() {
        record_ = {};
        started_ = 0;
    }
    /// Whether instruction `index` of the program, one of the first 64, was begun.
    bool started(std::size_t index) const { return index < 64 && (started_ >> index & 1) != 0; }
    /// Of each of the first 64 instructions.
    std::uint64_t started() const { return started_; }
    void on_instruction(std::size_t index) {
        if (index < 64) started_ |= std::uint64_t{1} << index;
    }
    void on_decision(spec::Decision decision, bool outcome) {
        record_.met.insert(DecisionSet::index(decision, outcome));
    }

    void on_answer(std::size_t slot) { record_.answers |= std::uint64_t{1} << slot; }
    template <class F>
    void on_new_answer(std::size_t slot, const F& work_out) {
        const Record outer = record_;
        record_ = {};
        work_out();
        decisions(met_by_answer_[slot]);
        met_by_answers_.fill({});
        record_ = outer;
        on_answer(slot);
    }

    /// What the run met.
    void decisions(DecisionSet& out) { out.assign(met_by(record_.answers), record_.met); }
    DecisionSet decisions() {
        DecisionSet result;
        decisions(result);
        return result;
    }

  private:
    struct Record {
        DecisionSet met;
        std::uint64_t answers = 0; ///< that were asked for
    };

    struct MetByAnswers {
        std::uint64_t answers = 0;
        DecisionSet met;
    };

    /// Runs that follow each other ask for few different sets of answers.
    const DecisionSet& met_by(std::uint64_t answers) {
        constexpr std::uint64_t kSpread = 0x9e3779b97f4a7c15U;
        MetByAnswers& kept = met_by_answers_[answers * kSpread >> 60U];
        if (kept.answers != answers) {
            kept = {.answers = answers, .met = {}};
            for (std::uint64_t left = answers; left != 0; left &= left - 1)
                kept.met.insert_all(met_by_answer_[static_cast<std::size_t>(std::countr_zero(left))]);
        }
        return kept.met;
    }

    Record record_;
    std::array<DecisionSet, control_answers> met_by_answer_{}; // while it was worked out
    std::array<MetByAnswers, 16> met_by_answers_{};            // of sets of answers
    std::uint64_t started_ = 0;
};

/// Coverage always, and the ordered list of events if asked for.
class Tracer : public Coverer {
  public:
    static constexpr bool sees_all = true;

    std::vector<Event> events;
    bool keep_events = false;

    void start() {
        Coverer::start();
        events.clear();
    }
    void on_decision(spec::Decision decision, bool outcome) {
        Coverer::on_decision(decision, outcome);
        if (keep_events) [[unlikely]] {
            add({.kind = Event::Kind::decision,
                 .what = static_cast<std::uint16_t>(decision),
                 .value = outcome ? 1U : 0U});
        }
    }
    void on_choice(spec::DontCare reason, unsigned answer) {
        if (keep_events) {
            add({.kind = Event::Kind::choice, .what = static_cast<std::uint16_t>(reason), .value = answer});
        }
    }
    void on_read(std::uint64_t pa, unsigned size, Uint128 value) { on_memory(Event::Kind::read, pa, size, value); }
    void on_write(std::uint64_t pa, unsigned size, Uint128 value) { on_memory(Event::Kind::write, pa, size, value); }
    void on_tag_read(std::uint64_t pa, std::uint8_t tag) { on_memory(Event::Kind::tag_read, pa, 0, tag); }
    void on_tag_write(std::uint64_t pa, std::uint8_t tag) { on_memory(Event::Kind::tag_write, pa, 0, tag); }

  private:
    void on_memory(Event::Kind kind, std::uint64_t pa, unsigned size, Uint128 value) {
        if (keep_events) {
            add({.kind = kind, .size = static_cast<std::uint8_t>(size), .pa = pa, .value = value});
        }
    }
    void add(const Event& event);
};

} // namespace mtecheck::model
