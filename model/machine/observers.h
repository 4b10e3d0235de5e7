// SPDX-License-Identifier: Apache-2.0
//
// What a machine with native values records while it runs.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "model/machine/bits.h"
#include "spec/gen/decisions.h"
#include "spec/gen/dont_cares.h"

namespace mtecheck::model {

/// Nothing, at no cost.
struct NoObserver {
    static void start() {}
    static void on_instruction(std::size_t) {}
    static void on_decision(spec::Decision, bool) {}
    static void on_choice(spec::DontCare, unsigned) {}
    static void on_read(std::uint64_t, unsigned, Uint128) {}
    static void on_write(std::uint64_t, unsigned, Uint128) {}
    static void on_tag_read(std::uint64_t, std::uint8_t) {}
    static void on_tag_write(std::uint64_t, std::uint8_t) {}
};

/// The set of (decision, outcome) pairs that a run met: the unit of coverage.
/// A byte for each pair, since insertions are many and close together: a store does not wait for the one before.
class DecisionSet {
  public:
    static constexpr std::size_t size = 2 * spec::decision_count;

    static constexpr std::size_t index(spec::Decision decision, bool outcome) {
        return 2 * static_cast<std::size_t>(decision) + (outcome ? 1 : 0);
    }
    void insert(spec::Decision decision, bool outcome) { met_[index(decision, outcome)] = 1; }
    bool contains(spec::Decision decision, bool outcome) const { return contains(index(decision, outcome)); }
    bool contains(std::size_t i) const { return met_[i] != 0; }
    void clear() { met_ = {}; }
    void insert_all(const DecisionSet& other) {
        for (std::size_t i = 0; i < size; ++i) {
            met_[i] |= other.met_[i];
        }
    }
    /// f(index) for each pair, in ascending order.
    template <class F>
    void each(F&& f) const {
        for (std::size_t i = 0; i < size; ++i) {
            if (met_[i] != 0) {
                f(i);
            }
        }
    }
    bool operator==(const DecisionSet&) const = default;

  private:
    std::array<std::uint8_t, size> met_{};
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
    DecisionSet decisions;

    void start() {
        decisions.clear();
        started_ = 0;
    }
    /// Whether instruction `index` of the program, one of the first 64, was begun.
    bool started(std::size_t index) const { return index < 64 && (started_ >> index & 1) != 0; }
    void on_instruction(std::size_t index) {
        if (index < 64) started_ |= std::uint64_t{1} << index;
    }
    void on_decision(spec::Decision decision, bool outcome) { decisions.insert(decision, outcome); }

  private:
    std::uint64_t started_ = 0;
};

/// Coverage always, and the ordered list of events if asked for.
class Tracer : public Coverer {
  public:
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
