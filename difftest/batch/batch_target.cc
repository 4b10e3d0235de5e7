// SPDX-License-Identifier: Apache-2.0
#include "difftest/batch/batch_target.h"

#include <algorithm>
#include <compare>
#include <optional>
#include <stdexcept>
#include <variant>
#include <vector>

#include "difftest/core/error.h"
#include "difftest/core/fetch_ahead.h"
#include "difftest/core/record.h"

namespace mtecheck::difftest {

namespace {

constexpr int kBootAttempts = 3;
constexpr int kPostAttempts = 20;
constexpr int kLosses = 3; // so often must a connection end with one case until that is to blame

/// Of what the source gives at once a batch takes so many: to fall asleep while the guest runs one, and to be woken,
/// costs the host as much as ten cases. Two batches have to be kept.
constexpr std::size_t kSuppliesPerBatch = TestSource::kKept / 2;

/// What most records look like: so much is asked for ahead.
constexpr RecordShape kUsualShape{1, false};

/// A position in a span of tests: the next state to encode.
struct Cursor {
    std::size_t test = 0;
    std::size_t state = 0;
    auto operator<=>(const Cursor&) const = default;
};

/// One state of a batch, in the order in which the guest runs them.
struct Entry {
    Cursor at;
    const Test* test;
    std::size_t header; // of its sequence: where in the batch area
    std::size_t offset; // of its record there
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
    Cursor begin;
    Cursor end;                // the first state that is not in it
    std::uint32_t command = 0; // its number, once it is posted
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

class BatchTarget final : public Target {
  public:
    explicit BatchTarget(std::unique_ptr<BatchGuest> guest) : guest_(std::move(guest)) {}

    const Profile& probe() override {
        if (!profile_) {
            start();
            profile_ = guest_->describe();
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
        guest_->stop();
        guest_->wipe();
        start();
    }

    TargetStatistics statistics() const override {
        TargetStatistics statistics = statistics_;
        statistics.cpu_seconds = guest_->cpu_seconds();
        return statistics;
    }

  private:
    void start() {
        for (int attempt = 1;; ++attempt) {
            try {
                guest_->start();
                return;
            } catch (const LostAtBoot&) {
                if (attempt == kBootAttempts) throw;
            }
        }
    }

    void restart() {
        guest_->stop();
        start();
        ++statistics_.restarts;
    }

    const Test& test(std::size_t number) const {
        const auto supply = std::find_if(supplies_.begin(), supplies_.end(),
                                         [&](const Supply& candidate) { return number < candidate.end(); });
        return supply->tests[number - supply->first];
    }
    /// The first test that the source has not given yet.
    std::size_t given() const { return supplies_.empty() ? 0 : supplies_.back().end(); }
    void take(Cursor at, const OutcomeView& outcome) { sink_->take(at.test, at.state, outcome); }
    void take_no_run(Cursor at, Status status, std::string note);
    void refuse_once(Cursor at, const std::string& reason);
    void begin_batch(unsigned number, Cursor from);
    bool ask_source(Cursor running);
    bool encode_more(unsigned number, Cursor from, std::size_t supplies);
    void encode_batch(unsigned number, Cursor from, Cursor limit);
    bool append(unsigned number, Cursor limit);
    void post(unsigned number);
    bool post_once(unsigned number);
    Cursor finish(unsigned number);
    std::size_t decode_entries(const Batch& batch, std::span<const std::uint8_t> memory, std::size_t count,
                               std::optional<DecodeError>& error);

    std::unique_ptr<BatchGuest> guest_;
    std::optional<Profile> profile_;
    TargetStatistics statistics_;
    Batch batches_[2];
    // What stream() works on.
    TestSource* source_ = nullptr;
    std::vector<Supply> supplies_; // the last ones, up to kKept
    OutcomeSink* sink_ = nullptr;
    Cursor fresh_;                  // the first state that was never looked at for encoding
    std::optional<Cursor> suspect_; // a state after which stale code was seen once
    std::optional<Cursor> lost_at_; // a state with which the connection ended, so often
    int losses_ = 0;
};

void BatchTarget::take_no_run(Cursor at, Status status, std::string note) {
    Outcome outcome;
    outcome.status = status;
    outcome.note = std::move(note);
    take(at, outcome);
}

/// What is encoded again after a restart was refused before.
void BatchTarget::refuse_once(Cursor at, const std::string& reason) {
    if (at >= fresh_) take_no_run(at, Status::unsupported, reason);
}

void BatchTarget::begin_batch(unsigned number, Cursor from) {
    Batch& batch = batches_[number];
    batch.entries.clear();
    batch.bytes = 0;
    batch.begin = batch.end = from;
}

/// Takes the next tests of the source, while the guest runs a batch that begins with `running`. Whether there are any,
/// and room for them.
bool BatchTarget::ask_source(Cursor running) {
    if (supplies_.size() == TestSource::kKept) {
        if (supplies_.front().end() > running.test) return false;
        supplies_.erase(supplies_.begin());
    }
    const std::span<const Test> tests = source_->next();
    if (!tests.empty()) supplies_.push_back({given(), tests});
    return !tests.empty();
}

/// Encodes states from `from` on, of the last tests that the source gave and of what it gives in up to so many more
/// times. Whether there are any.
bool BatchTarget::encode_more(unsigned number, Cursor from, std::size_t supplies) {
    begin_batch(number, from);
    const Batch& batch = batches_[number];
    for (bool room = true; room;) {
        if (batch.end.test == given() && (supplies-- == 0 || !ask_source(batches_[1 - number].begin))) break;
        room = append(number, {given(), 0});
        if (!room && batch.entries.empty()) throw std::logic_error("a state does not fit a batch");
    }
    return batch.end != from;
}

/// Encodes states from `from` on, as many as fit and none from `limit` on.
void BatchTarget::encode_batch(unsigned number, Cursor from, Cursor limit) {
    begin_batch(number, from);
    append(number, limit);
}

/// Adds states to a batch, as many as fit and none from `limit` on; whether all did. What is unsupported is decided
/// here.
bool BatchTarget::append(unsigned number, Cursor limit) {
    Batch& batch = batches_[number];
    const std::span<std::uint8_t> memory = guest_->area(number);
    const std::size_t ahead = guest_->header_bytes() + guest_->record_bytes(kUsualShape);
    std::size_t at = batch.bytes;
    Cursor from = batch.end;
    bool full = false;
    for (; from < limit; from = {from.test + 1, 0}) {
        const Test& test = this->test(from.test);
        const std::size_t states = from.test == limit.test ? limit.state : test.states.size();
        if (const auto reason = guest_->begin(test.sequence)) {
            for (; from.state < states; ++from.state) refuse_once(from, *reason);
            continue;
        }
        const std::size_t header_at = at;
        std::uint32_t count = 0;
        for (; from.state < states; ++from.state) {
            const State& state = test.states[from.state];
            if (const char* const reason = guest_->refuse(state)) {
                refuse_once(from, reason);
                continue;
            }
            const RecordShape shape(state);
            const std::size_t bytes = guest_->record_bytes(shape);
            const std::size_t header_bytes = count == 0 ? guest_->header_bytes() : 0;
            full = at + header_bytes + bytes > memory.size();
            if (full) break;
            const CodeSlot slot = count++ == 0 ? guest_->place(test.sequence) : batch.entries.back().slot;
            batch.entries.push_back({from, &test, header_at, at + header_bytes, slot, shape});
            guest_->encode(state, memory.subspan(at + header_bytes, bytes));
            at += header_bytes + bytes;
            fetch_ahead<Use::write>(memory.data() + at, std::min(ahead, memory.size() - at));
        }
        if (count != 0) guest_->write_header(count, memory.subspan(header_at, guest_->header_bytes()));
        if (full) break;
        if (Cursor{from.test, from.state} == limit) break;
    }
    batch.bytes = at;
    batch.end = from;
    fresh_ = std::max(fresh_, from);
    return !full;
}

void BatchTarget::post(unsigned number) {
    if (batches_[number].entries.empty()) return;
    // An idle guest that ended (somebody killed it) is nobody's fault.
    for (int attempt = 1; !post_once(number); ++attempt) {
        if (attempt == kPostAttempts)
            throw TargetError("the target ends as soon as it gets a batch: " + guest_->obituary());
        restart();
    }
}

/// False if the guest has ended, or there is nothing to post.
bool BatchTarget::post_once(unsigned number) {
    Batch& batch = batches_[number];
    if (batch.entries.empty() || !guest_->post(number, batch.bytes)) return false;
    batch.command = guest_->command();
    return true;
}

/// Decodes up to `count` entries; stops at the first that cannot be, sets `error`, and returns its index.
std::size_t BatchTarget::decode_entries(const Batch& batch, std::span<const std::uint8_t> memory, std::size_t count,
                                        std::optional<DecodeError>& error) {
    constexpr std::size_t kAhead = 3;
    const std::size_t bytes = guest_->record_bytes(kUsualShape);
    for (std::size_t i = 0; i < count; ++i) {
        if (i + kAhead + 1 < count) {
            const std::size_t ahead = batch.entries[i + kAhead].offset;
            fetch_ahead<Use::read>(memory.data() + ahead, std::min(bytes, memory.size() - ahead));
        }
        const Entry& entry = batch.entries[i];
        const auto decoded =
            guest_->decode(entry.test->sequence, entry.slot, entry.shape, memory.subspan(entry.header),
                           memory.subspan(entry.offset), wire_signature(batch.command, static_cast<std::uint32_t>(i)));
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
Cursor BatchTarget::finish(unsigned number) {
    const Batch& batch = batches_[number];
    if (batch.entries.empty()) return batch.end;
    const Answer answer = guest_->wait(batch.command);
    const std::size_t ran = answer == Answer::done
                                ? batch.entries.size()
                                : std::min<std::size_t>(guest_->progress(batch.command), batch.entries.size() - 1);
    std::optional<DecodeError> error;
    const std::size_t decoded = decode_entries(batch, guest_->area(number), ran, error);
    statistics_.cases += decoded;
    if (!error && answer == Answer::done) return batch.end;

    const Cursor culprit = batch.entries[decoded].at;
    if (error == DecodeError::stale_code && suspect_ != culprit) {
        suspect_ = culprit;
        restart();
        return culprit;
    }
    if (!error && answer == Answer::lost) {
        losses_ = lost_at_ == culprit ? losses_ + 1 : 1;
        lost_at_ = culprit;
        if (losses_ < kLosses) {
            restart();
            return culprit;
        }
    }
    ++statistics_.cases;
    if (error == DecodeError::stale_code)
        take_no_run(culprit, Status::garbled, "ran other instructions than those in memory, even after a restart");
    else if (error)
        take_no_run(culprit, Status::garbled, "the guest's record makes no sense");
    else if (answer == Answer::runaway)
        take_no_run(culprit, Status::runaway, "did not come to an end; the target was killed");
    else
        take_no_run(culprit, Status::crashed, guest_->obituary());
    restart();
    return decoded + 1 < batch.entries.size() ? batch.entries[decoded + 1].at : batch.end;
}

/// Ends the guest unless all that it was given was waited for: what comes next must not get the answers.
class Unanswered {
  public:
    explicit Unanswered(BatchGuest& guest) : guest_(&guest) {}
    Unanswered(const Unanswered&) = delete;
    Unanswered& operator=(const Unanswered&) = delete;
    ~Unanswered() {
        if (guest_ != nullptr) guest_->stop();
    }
    void none() { guest_ = nullptr; }

  private:
    BatchGuest* guest_;
};

void BatchTarget::stream(TestSource& source, OutcomeSink& sink) {
    probe();
    if (!guest_->started()) start(); // the last one could not be restarted
    source_ = &source;
    supplies_.clear();
    sink_ = &sink;
    fresh_ = {};
    suspect_.reset();
    lost_at_.reset();

    Unanswered unanswered(*guest_);
    unsigned current = 0;
    // The guest waits for the first batch: it is the smallest.
    std::size_t supplies = 1;
    bool more = encode_more(current, {}, supplies);
    if (more) post(current);
    while (more) {
        // While the guest runs one batch, the source makes the next tests and we encode them; and while we look at the
        // outcomes of that one, the guest runs the next.
        const unsigned next = 1 - current;
        supplies = std::min(2 * supplies, kSuppliesPerBatch);
        more = encode_more(next, batches_[current].end, supplies);
        // (If it has ended, that is seen by who waits for the batch that it had.)
        bool posted = more && guest_->queues() && post_once(next);
        const std::uint64_t restarts = statistics_.restarts;
        for (Cursor rest = finish(current); rest != batches_[current].end; rest = finish(current)) {
            encode_batch(current, rest, batches_[current].end);
            post(current);
        }
        if (posted && statistics_.restarts != restarts) {
            // The guest that had it is gone, and may have begun with it.
            encode_batch(next, batches_[next].begin, batches_[next].end);
            posted = false;
        }
        if (more && !posted) post(next);
        current = next;
    }
    unanswered.none();
}

} // namespace

std::unique_ptr<Target> make_batch_target(std::unique_ptr<BatchGuest> guest) {
    return std::make_unique<BatchTarget>(std::move(guest));
}

} // namespace mtecheck::difftest
