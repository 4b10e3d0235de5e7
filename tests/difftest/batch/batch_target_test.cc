// SPDX-License-Identifier: Apache-2.0
// The driver of guests that run batches, with one that ends when it is told to: every case gets one outcome, and only
// what a guest was running is to blame for its end.
#include "difftest/batch/batch_target.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <cstring>
#include <deque>
#include <map>
#include <stdexcept>
#include <vector>

#include "difftest/core/record.h"

namespace mtecheck::difftest {
namespace {

constexpr std::size_t kHeaderBytes = 16;
constexpr std::size_t kRecordBytes = sizeof(Registers) + 16; // registers, signature
constexpr std::size_t kStates = 4;                           // of most tests
constexpr std::size_t kNumbers = 64;                         // of states in the stream, for each test
constexpr std::size_t kTestBytes = kHeaderBytes + kStates * kRecordBytes;

/// What happens when a batch is waited for.
struct End {
    Answer answer = Answer::done;
    std::uint32_t ran = 0; // states that it ran to their end before, if it did not come to that of the batch
};

struct Script {
    std::map<unsigned, End> ends; // by how many waits came before; all others come to the end
    bool queues = true;
    std::size_t area_bytes = kTestBytes; // room for one test in a batch
};

/// Runs a state by adding 1 to X1.
class ScriptedGuest final : public BatchGuest {
  public:
    ScriptedGuest(Script script, std::string& log) : script_(std::move(script)), log_(log) {
        for (auto& area : areas_) area.resize(script_.area_bytes);
    }

    void start() override { running_ = true; }
    bool started() const override { return running_; }
    void stop() override {
        running_ = false;
        posted_.clear();
        command_ = 0;
        log_ += "stop ";
    }
    void wipe() override {}
    Profile describe() override { return {}; }
    double cpu_seconds() const override { return 0; }

    std::span<std::uint8_t> area(unsigned number) override { return areas_[number]; }
    bool post(unsigned number, std::size_t bytes) override {
        if (!running_) return false;
        posted_.push_back({++command_, number, bytes});
        log_ += "post" + std::to_string(command_) + " ";
        return true;
    }
    bool queues() const override { return script_.queues; }
    std::uint32_t command() const override { return command_; }
    Answer wait(std::uint32_t command) override {
        REQUIRE(!posted_.empty());
        REQUIRE(posted_.front().command == command);
        log_ += "wait" + std::to_string(command) + " ";
        const auto planned = script_.ends.find(waits_++);
        const End end = planned == script_.ends.end() ? End{} : planned->second;
        const Posted batch = posted_.front();
        posted_.pop_front();
        run(batch, end.answer == Answer::done ? ~0U : end.ran);
        // The next one may have been begun by then: what is there is no longer what was encoded.
        if (end.answer != Answer::done && !posted_.empty()) run(posted_.front(), 1);
        progress_ = end.ran;
        return end.answer;
    }
    std::uint32_t progress(std::uint32_t /*command*/) const override { return progress_; }
    std::string obituary() override { return "it was told to"; }

    std::optional<std::string> begin(const Sequence& /*sequence*/) override { return std::nullopt; }
    const char* refuse(const State& /*state*/) const override { return nullptr; }
    std::size_t header_bytes() const override { return kHeaderBytes; }
    std::size_t record_bytes(RecordShape /*shape*/) const override { return kRecordBytes; }
    CodeSlot place(const Sequence& /*sequence*/) override { return {}; }
    void write_header(std::uint32_t states, std::span<std::uint8_t> header) override {
        std::memcpy(header.data(), &states, sizeof(states));
    }
    void encode(const State& state, std::span<std::uint8_t> record) override {
        std::memset(record.data(), 0, record.size());
        std::memcpy(record.data(), static_cast<const Registers*>(&state), sizeof(Registers));
    }
    Decoded decode(const Sequence& /*sequence*/, CodeSlot /*slot*/, RecordShape /*shape*/,
                   std::span<const std::uint8_t> /*header*/, std::span<const std::uint8_t> record,
                   std::uint64_t wanted) const override {
        std::uint64_t signature = 0;
        std::memcpy(&signature, record.data() + sizeof(Registers), sizeof(signature));
        if (signature != wanted) return DecodeError::garbled;
        return OutcomeView(*reinterpret_cast<const Registers*>(record.data()), {}, {});
    }

  private:
    struct Posted {
        std::uint32_t command;
        unsigned area;
        std::size_t bytes;
    };

    void run(const Posted& batch, std::uint32_t count) {
        std::uint8_t* const memory = areas_[batch.area].data();
        std::uint32_t index = 0;
        for (std::size_t at = 0; at < batch.bytes;) {
            std::uint32_t states = 0;
            std::memcpy(&states, memory + at, sizeof(states));
            at += kHeaderBytes;
            for (std::uint32_t i = 0; i < states; ++i, ++index, at += kRecordBytes) {
                if (index >= count) return;
                reinterpret_cast<Registers*>(memory + at)->x[1] += 1;
                const std::uint64_t signature = wire_signature(batch.command, index);
                std::memcpy(memory + at + sizeof(Registers), &signature, sizeof(signature));
            }
        }
    }

    Script script_;
    std::string& log_;
    bool running_ = false;
    std::vector<std::uint8_t> areas_[2];
    std::deque<Posted> posted_;
    std::uint32_t command_ = 0;
    std::uint32_t progress_ = 0;
    unsigned waits_ = 0;
};

/// Tests one by one, in no more storage than a source has to keep; X0 of a state is its number in the stream.
class Numbered final : public TestSource {
  public:
    /// Every `large`th test has 24 states.
    explicit Numbered(std::size_t tests, std::size_t large = 0) : tests_(tests), large_(large) {}
    std::span<const Test> next() override {
        if (next_ == tests_) return {};
        Test& test = storage_[next_ % kKept];
        test.states.resize(large_ != 0 && next_ % large_ == 0 ? 24 : kStates);
        for (std::size_t k = 0; k < test.states.size(); ++k) test.states[k].x[0] = next_ * kNumbers + k;
        given_ += test.states.size();
        ++next_;
        return std::span(&test, 1);
    }
    std::size_t given() const { return given_; } // states

  private:
    Test storage_[kKept];
    std::size_t tests_;
    std::size_t large_;
    std::size_t next_ = 0;
    std::size_t given_ = 0;
};

class Seen final : public OutcomeSink {
  public:
    explicit Seen(std::size_t throws_at = ~std::size_t{0}) : throws_at_(throws_at) {}
    void take(std::size_t test, std::size_t state, const OutcomeView& outcome) override {
        if (all.size() == throws_at_) throw std::runtime_error("no more");
        const std::uint64_t number = test * kNumbers + state;
        REQUIRE(all.emplace(number, outcome.status).second);
        if (outcome.status != Status::completed) return;
        CHECK(outcome.registers->x[0] == number);
        CHECK(outcome.registers->x[1] == 1); // it was run once from what the state is
    }
    std::map<std::uint64_t, Status> all;

  private:
    std::size_t throws_at_;
};

struct Run {
    std::string log;
    std::map<std::uint64_t, Status> seen; // by number in the stream
    std::uint64_t restarts = 0;
};

Run run(Script script, std::size_t tests = 3, std::size_t large = 0) {
    Run result;
    const auto target = make_batch_target(std::make_unique<ScriptedGuest>(std::move(script), result.log));
    Numbered source(tests, large);
    Seen seen;
    target->stream(source, seen);
    CHECK(seen.all.size() == source.given());
    result.seen = seen.all;
    result.restarts = target->statistics().restarts;
    return result;
}

/// The states that did not complete.
std::map<std::uint64_t, Status> blamed(const Run& run) {
    std::map<std::uint64_t, Status> result;
    for (const auto& [number, status] : run.seen)
        if (status != Status::completed) result.emplace(number, status);
    return result;
}

TEST_CASE("a guest has its next batch before it is asked for the last one") {
    CHECK(run({}).log == "post1 post2 wait1 post3 wait2 wait3 ");
    CHECK(run({.ends = {}, .queues = false}).log == "post1 wait1 post2 wait2 post3 wait3 ");
}

TEST_CASE("batches grow from one part to several") {
    // Of 1, 2, 4, 4 and 1 tests.
    CHECK(run({.ends = {}, .area_bytes = 100 * kTestBytes}, 12).log ==
          "post1 post2 wait1 post3 wait2 post4 wait3 post5 wait4 wait5 ");
}

TEST_CASE("whatever the room in a batch and whatever becomes of the guest, storage is not used again too early") {
    constexpr std::size_t kTests = 60;
    for (const std::size_t quarters : {4U, 10U, 12U, 19U, 26U, 100U}) {
        for (const std::size_t large : {0U, 5U, 7U}) {
            const std::size_t bytes = quarters * kTestBytes / 4;
            CAPTURE(quarters, large);
            CHECK(blamed(run({.ends = {}, .area_bytes = bytes}, kTests, large)).empty());
            for (unsigned wait = 0; wait < 12; ++wait) {
                CAPTURE(wait);
                CHECK(blamed(run({.ends = {{wait, {Answer::lost, 0}}}, .area_bytes = bytes}, kTests, large)).empty());
                CHECK(blamed(run({.ends = {{wait, {Answer::died, 2}}}, .area_bytes = bytes}, kTests, large)).size() ==
                      1);
            }
        }
    }
}

TEST_CASE("a state that no batch has room for is a mistake of ours, and no endless loop") {
    for (const bool queues : {true, false}) {
        std::string log;
        const auto target = make_batch_target(std::make_unique<ScriptedGuest>(
            Script{.ends = {}, .queues = queues, .area_bytes = kHeaderBytes + kRecordBytes - 1}, log));
        Numbered source(3);
        Seen seen;
        CHECK_THROWS_MATCHES(target->stream(source, seen), std::logic_error,
                             Catch::Matchers::Message("a state does not fit a batch"));
        CHECK(seen.all.empty());
    }
    CHECK(blamed(run({.ends = {}, .area_bytes = kHeaderBytes + kRecordBytes})).empty());
}

TEST_CASE("a guest that ends before it begins with a batch is nobody's fault") {
    const Run lost = run({.ends = {{1, {Answer::lost, 0}}}});
    CHECK(blamed(lost).empty());
    CHECK(lost.restarts == 1);
    CHECK(lost.log == "post1 post2 wait1 post3 wait2 stop post1 wait1 post2 wait2 ");
}

TEST_CASE("a guest that ends again and again before it begins is at last") {
    const Run lost = run({.ends = {{0, {Answer::lost, 0}}, {1, {Answer::lost, 0}}, {2, {Answer::lost, 0}}}});
    CHECK(blamed(lost) == std::map<std::uint64_t, Status>{{0, Status::crashed}});
}

TEST_CASE("of two batches that end with the guest one has the culprit, and the other is run anew") {
    for (const std::uint32_t culprit : {0U, 2U, 3U}) { // the last one leaves nothing of its batch to be run again
        const Run died = run({.ends = {{0, {Answer::died, culprit}}}});
        CHECK(blamed(died) == std::map<std::uint64_t, Status>{{culprit, Status::crashed}});
        CHECK(died.restarts == 1);
    }
    CHECK(blamed(run({.ends = {{1, {Answer::runaway, 1}}}})) ==
          std::map<std::uint64_t, Status>{{kNumbers + 1, Status::runaway}});
}

TEST_CASE("who is left with two batches unanswered begins with a new guest") {
    std::string log;
    const auto target = make_batch_target(std::make_unique<ScriptedGuest>(Script{}, log));
    Numbered source(3);
    Seen refuses(1);
    CHECK_THROWS_AS(target->stream(source, refuses), std::runtime_error);
    CHECK(log == "post1 post2 wait1 stop ");
    Numbered again(3);
    Seen seen;
    target->stream(again, seen);
    CHECK(seen.all.size() == 3 * kStates);
}

} // namespace
} // namespace mtecheck::difftest
