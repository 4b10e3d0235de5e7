// SPDX-License-Identifier: Apache-2.0
#include "difftest/qemu/target.h"

#include <algorithm>
#include <compare>
#include <cstring>
#include <optional>
#include <variant>
#include <vector>

#include "difftest/core/error.h"
#include "difftest/core/fetch_ahead.h"
#include "difftest/qemu/codec.h"
#include "difftest/qemu/guest_session.h"
#include "difftest/qemu/profile.h"
#include "difftest/qemu/setup.h"

namespace mtecheck::difftest {

namespace {

constexpr int kBootAttempts = 3;

/// A position in a span of tests: the next state to encode.
struct Cursor {
    std::size_t test = 0;
    std::size_t state = 0;
    auto operator<=>(const Cursor&) const = default;
};

/// One state of a batch, in the order in which the guest runs them.
struct Entry {
    Cursor at;
    std::size_t offset; // of its wire_state in the batch area
    CodeSlot slot;
    RecordShape shape;
};

/// Tests that the source gave together.
struct Supply {
    std::size_t first = 0; // number of the first of them in the stream
    std::span<const Test> tests;
    std::size_t end() const { return first + tests.size(); }
};

/// What one of the two batch areas holds.
struct Batch {
    std::vector<Entry> entries;
    std::size_t bytes = 0;
    Cursor end; // the first state that is not in it
};

/// Keeps what a target streams.
class Collector final : public OutcomeSink {
  public:
    explicit Collector(std::vector<std::vector<Outcome>>& outcomes) : outcomes_(outcomes) {}
    void take(std::size_t test, std::size_t state, const OutcomeView& outcome) override {
        outcomes_[test][state] = outcome.copy();
    }

  private:
    std::vector<std::vector<Outcome>>& outcomes_;
};

class QemuSystemTarget final : public Target {
  public:
    explicit QemuSystemTarget(const QemuOptions& options) : options_(options), ring_(options.code_bytes) {}

    const Profile& probe() override {
        if (!profile_) {
            version_ = qemu_version(options_.program);
            start();
            profile_ = read_profile(session_->control());
            profile_->target = options_.spec;
            profile_->version = version_;
            profile_->cpu = options_.cpu;
        }
        return *profile_;
    }

    void run(std::span<const Test> tests, std::vector<std::vector<Outcome>>& outcomes) override {
        outcomes.resize(tests.size());
        for (std::size_t i = 0; i < tests.size(); ++i) outcomes[i].resize(tests[i].states.size());
        Collector collector(outcomes);
        stream(tests, collector);
    }

    using Target::stream;
    void stream(TestSource& source, OutcomeSink& sink) override;

    void reset() override {
        probe();
        stop();
        memory_.reset();
        start();
    }

    TargetStatistics statistics() const override {
        TargetStatistics statistics = statistics_;
        if (session_) statistics.cpu_seconds += session_->process().cpu_seconds();
        return statistics;
    }

  private:
    void start() {
        if (!memory_) memory_.emplace(WIRE_RAM_BYTES);
        for (int attempt = 1;; ++attempt) {
            try {
                session_.emplace(options_, version_, *memory_);
                return;
            } catch (const LostAtBoot&) {
                if (attempt == kBootAttempts) throw;
            }
        }
    }

    void stop() {
        if (!session_) return;
        session_->process().kill();
        statistics_.cpu_seconds += session_->process().cpu_seconds();
        session_.reset();
    }

    void restart() {
        stop();
        start();
        ++statistics_.restarts;
    }

    std::span<std::uint8_t> area(unsigned number) {
        return {memory_->data() + (WIRE_BATCH_PA - WIRE_RAM_PA) + std::size_t{number} * WIRE_BATCH_BYTES,
                WIRE_BATCH_BYTES};
    }

    const Test& test(std::size_t number) const {
        const Supply& supply = number < upcoming_.first ? running_ : upcoming_;
        return supply.tests[number - supply.first];
    }
    void take(Cursor at, const OutcomeView& outcome) { sink_->take(at.test, at.state, outcome); }
    void take_no_run(Cursor at, Status status, std::string note);
    void refuse_once(Cursor at, const std::string& reason);
    CodeSlot place(const Sequence& sequence);
    bool encode_more(unsigned number, Cursor from);
    void encode_batch(unsigned number, Cursor from, Cursor limit);
    void post(unsigned number);
    Cursor finish(unsigned number);
    std::size_t decode_entries(const Batch& batch, std::span<const std::uint8_t> memory, std::size_t count,
                               std::optional<DecodeError>& error);

    QemuOptions options_;
    std::string version_;
    std::optional<Profile> profile_;
    std::optional<SharedMemory> memory_;
    std::optional<GuestSession> session_;
    CodeRing ring_;
    TargetStatistics statistics_;
    Batch batches_[2];
    // What stream() works on.
    TestSource* source_ = nullptr;
    Supply running_;  // of the batch that runs
    Supply upcoming_; // the last one
    OutcomeSink* sink_ = nullptr;
    Cursor fresh_;                  // the first state that was never looked at for encoding
    std::optional<Cursor> suspect_; // a state after which stale code was seen once
};

void QemuSystemTarget::take_no_run(Cursor at, Status status, std::string note) {
    Outcome outcome;
    outcome.status = status;
    outcome.note = std::move(note);
    take(at, outcome);
}

/// What is encoded again after a restart was refused before.
void QemuSystemTarget::refuse_once(Cursor at, const std::string& reason) {
    if (at >= fresh_) take_no_run(at, Status::unsupported, reason);
}

CodeSlot QemuSystemTarget::place(const Sequence& sequence) {
    const CodeRing::Place place = ring_.next(sequence.code.size());
    const CodeSlot slot{(sequence.pc & ARENA_UPPER_HALF) + ARENA_CODE_VA + place.offset, place.round};
    write_code(
        sequence, slot,
        {memory_->data() + (WIRE_CODE_PA - WIRE_RAM_PA) + place.offset, CodeRing::slot_bytes(sequence.code.size())});
    return slot;
}

/// An address of the code, in its slot; any other as it is.
std::uint64_t relocated(std::uint64_t address, const Sequence& sequence, CodeSlot slot) {
    const std::uint64_t distance = address - sequence.pc;
    return distance <= 4 * sequence.code.size() ? slot.va + distance : address;
}

/// Encodes states from `from` on, of the last tests that the source gave or else of the next. Whether there are any.
bool QemuSystemTarget::encode_more(unsigned number, Cursor from) {
    if (from.test == upcoming_.end()) {
        running_ = upcoming_;
        upcoming_ = {running_.end(), source_->next()};
    }
    encode_batch(number, from, {upcoming_.end(), 0});
    return from.test != upcoming_.end();
}

/// Encodes states from `from` on, as many as fit and none from `limit` on. What is unsupported is decided here.
void QemuSystemTarget::encode_batch(unsigned number, Cursor from, Cursor limit) {
    Batch& batch = batches_[number];
    batch.entries.clear();
    const std::span<std::uint8_t> memory = area(number);
    std::size_t at = 0;
    for (; from < limit; from = {from.test + 1, 0}) {
        const Test& test = this->test(from.test);
        const std::size_t states = from.test == limit.test ? limit.state : test.states.size();
        std::variant<wire_sequence, std::string> setup = set_up(test.sequence, session_->tables(), *profile_);
        if (const std::string* const reason = std::get_if<std::string>(&setup)) {
            for (; from.state < states; ++from.state) refuse_once(from, *reason);
            continue;
        }
        wire_sequence& header = std::get<wire_sequence>(setup);
        const std::size_t header_at = at;
        bool full = false;
        for (; from.state < states; ++from.state) {
            const State& state = test.states[from.state];
            if (const char* const reason = refuse(state)) {
                refuse_once(from, reason);
                continue;
            }
            const RecordShape shape(state);
            const std::size_t bytes = shape.bytes();
            const std::size_t header_bytes = header.state_count == 0 ? sizeof(header) : 0;
            full = at + header_bytes + bytes > memory.size();
            if (full) break;
            if (header.state_count++ == 0) {
                const CodeSlot slot = place(test.sequence);
                header.code_va = slot.va;
                header.elr_el1 = relocated(header.elr_el1, test.sequence, slot);
                header.elr_el2 = relocated(header.elr_el2, test.sequence, slot);
                batch.entries.push_back({from, at + sizeof(header), slot, shape});
            } else {
                batch.entries.push_back({from, at, batch.entries.back().slot, shape});
            }
            encode(state, memory.subspan(at + header_bytes, bytes));
            at += header_bytes + bytes;
            fetch_ahead<Use::write>(memory.data() + at, std::min(sizeof(header) + bytes, memory.size() - at));
        }
        if (header.state_count != 0) std::memcpy(memory.data() + header_at, &header, sizeof(header));
        if (full) break;
        if (Cursor{from.test, from.state} == limit) break;
    }
    batch.bytes = at;
    batch.end = from;
    fresh_ = std::max(fresh_, from);
}

void QemuSystemTarget::post(unsigned number) {
    if (batches_[number].entries.empty()) return;
    // An idle QEMU that ended (somebody killed it) is nobody's fault.
    while (!session_->post(number, batches_[number].bytes)) restart();
}

/// Decodes up to `count` entries; stops at the first that cannot be, sets `error`, and returns its index.
std::size_t QemuSystemTarget::decode_entries(const Batch& batch, std::span<const std::uint8_t> memory,
                                             std::size_t count, std::optional<DecodeError>& error) {
    constexpr std::size_t kAhead = 3;
    for (std::size_t i = 0; i < count; ++i) {
        if (i + kAhead + 1 < count) {
            const Entry& ahead = batch.entries[i + kAhead];
            fetch_ahead<Use::read>(memory.data() + ahead.offset, ahead.shape.bytes());
        }
        const Entry& entry = batch.entries[i];
        const auto decoded = decode(test(entry.at.test).sequence, entry.slot, entry.shape, memory.subspan(entry.offset),
                                    wire_signature(session_->command(), static_cast<std::uint32_t>(i)));
        if (const auto* const why = std::get_if<DecodeError>(&decoded)) {
            error = *why;
            return i;
        }
        take(entry.at, std::get<OutcomeView>(decoded));
    }
    return count;
}

/// Waits for the batch and decodes it. If something went wrong, the culprit has got its outcome and the target has
/// been restarted: returns the first state that has to be run (again); batch.end if all is done.
Cursor QemuSystemTarget::finish(unsigned number) {
    const Batch& batch = batches_[number];
    if (batch.entries.empty()) return batch.end;
    const GuestSession::Answer answer = session_->wait();
    const std::size_t ran = answer == GuestSession::Answer::done
                                ? batch.entries.size()
                                : std::min<std::size_t>(session_->progress(), batch.entries.size() - 1);
    std::optional<DecodeError> error;
    const std::size_t decoded = decode_entries(batch, area(number), ran, error);
    statistics_.cases += decoded;
    if (!error && answer == GuestSession::Answer::done) return batch.end;

    const Cursor culprit = batch.entries[decoded].at;
    if (error == DecodeError::stale_code && suspect_ != culprit) {
        suspect_ = culprit;
        restart();
        return culprit;
    }
    ++statistics_.cases;
    if (error == DecodeError::stale_code)
        take_no_run(culprit, Status::garbled, "ran other instructions than those in memory, even after a restart");
    else if (error)
        take_no_run(culprit, Status::garbled, "the monitor's record makes no sense");
    else if (answer == GuestSession::Answer::runaway)
        take_no_run(culprit, Status::runaway, "did not come to an end; QEMU was killed");
    else
        take_no_run(culprit, Status::crashed, session_->obituary());
    restart();
    return decoded + 1 < batch.entries.size() ? batch.entries[decoded + 1].at : batch.end;
}

void QemuSystemTarget::stream(TestSource& source, OutcomeSink& sink) {
    probe();
    if (!session_) start(); // the last one could not be restarted
    source_ = &source;
    running_ = upcoming_ = {};
    sink_ = &sink;
    fresh_ = {};
    suspect_.reset();

    unsigned current = 0;
    bool more = encode_more(current, {});
    while (more) {
        post(current);
        // While the guest runs one batch, the source makes the next tests and we encode them.
        const unsigned next = 1 - current;
        more = encode_more(next, batches_[current].end);
        for (Cursor rest = finish(current); rest != batches_[current].end; rest = finish(current)) {
            encode_batch(current, rest, batches_[current].end);
            post(current);
        }
        current = next;
    }
}

} // namespace

std::unique_ptr<Target> make_qemu_system_target(const std::string& spec) {
    return std::make_unique<QemuSystemTarget>(parse_qemu_options(spec));
}

std::unique_ptr<Target> make_qemu_system_target(const QemuOptions& options) {
    return std::make_unique<QemuSystemTarget>(options);
}

} // namespace mtecheck::difftest
