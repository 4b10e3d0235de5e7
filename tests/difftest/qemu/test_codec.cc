// SPDX-License-Identifier: Apache-2.0
// States and outcomes cross the wire whole; what is not a record of the monitor is recognised.
#include <cstring>
#include <optional>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "difftest/batch/record_view.h"
#include "difftest/qemu/codec.h"
#include "tests/difftest/qemu/qemu_fixture.h"

using namespace mtecheck::difftest;
using namespace mtecheck::difftest::qemu_tests;

namespace {

constexpr std::uint64_t kSignature = 0x1234;
constexpr CodeSlot kSlot{ARENA_CODE_VA + 0x40, 3};

/// A record as the monitor writes it, at the end of the code.
struct Reply {
    Test test;
    std::vector<std::uint8_t> bytes;
    wire_state record;

    Reply() : test(make_test(Profile{}, 1, 1, {kNop, svc(9)})) {
        const State& state = test.states[0];
        bytes.resize(encoded_bytes(state));
        encode(state, bytes);
        std::memcpy(&record, bytes.data(), sizeof(record));
        record.signature = kSignature;
        record.taken = 3 << 8 | 8;
        record.esr = 0x5e000000 | kSlot.round; // SMC
        record.elr = kSlot.va + 12;
        record.spsr = 0x600003c5;
    }

    std::optional<DecodeError> decode_into(Outcome& outcome) {
        std::memcpy(bytes.data(), &record, sizeof(record));
        const auto decoded = decode(test.sequence, kSlot, RecordShape(test.states[0]), bytes, kSignature);
        if (const auto* const error = std::get_if<DecodeError>(&decoded)) return *error;
        outcome = std::get<OutcomeView>(decoded).copy();
        return std::nullopt;
    }
};

} // namespace

TEST_CASE("code slots are aligned and used once in a round") {
    CodeRing ring(1024);
    std::uint16_t round = 0;
    std::size_t end = 0;
    for (std::size_t i = 0; i < 200; ++i) {
        const std::size_t instructions = 1 + i % kMaxCode;
        const CodeRing::Place place = ring.next(instructions);
        CHECK(place.offset % 64 == 0);
        CHECK(place.offset + CodeRing::slot_bytes(instructions) <= 1024);
        CHECK(CodeRing::slot_bytes(instructions) >= (instructions + 1) * 4);
        if (place.round == round)
            CHECK(place.offset >= end);
        else
            CHECK(place.offset == 0);
        round = place.round;
        end = place.offset + CodeRing::slot_bytes(instructions);
    }
}

TEST_CASE("code ends with the marker of its round, then UDF") {
    Sequence sequence = make_test(Profile{}, 0, 0, {kNop, kNop}).sequence;
    std::vector<std::uint8_t> memory(64, 0xff);
    write_code(sequence, kSlot, memory);
    std::vector<std::uint32_t> words(16);
    std::memcpy(words.data(), memory.data(), 64);
    CHECK(words[1] == kNop);
    CHECK(words[2] == svc(3));
    CHECK(words[3] == kUdf);
    CHECK(words[15] == kUdf);
    sequence.configuration.el = 2;
    write_code(sequence, kSlot, memory);
    std::memcpy(words.data(), memory.data(), 64);
    CHECK(words[2] == smc(3));
}

TEST_CASE("a record at the end of the code becomes a completed outcome") {
    Reply answer;
    answer.record.x[30] = 77;
    answer.record.sp[2] = 88;
    answer.record.tfsr[3] = 1;
    Outcome outcome;
    REQUIRE_FALSE(answer.decode_into(outcome));
    CHECK(outcome.status == Status::completed);
    CHECK(outcome.x[30] == 77);
    CHECK(outcome.sp[2] == 88);
    CHECK(outcome.tfsr[3] == 1);
    CHECK(outcome.pc == answer.test.sequence.pc + 8);
    CHECK(outcome.pstate == 0x60000005);
    CHECK(outcome.windows == answer.test.states[0].windows);
}

TEST_CASE("an exception's addresses are rebased") {
    Reply answer;
    answer.record.taken = 1 << 8 | 4;
    answer.record.esr = 0x96000011;
    answer.record.elr = kSlot.va + 4;
    answer.record.far = kSlot.va + 8;
    answer.record.pstate = 0x020003c5;
    Outcome outcome;
    REQUIRE_FALSE(answer.decode_into(outcome));
    CHECK(outcome.status == Status::exception);
    CHECK(outcome.exception.to_el == 1);
    CHECK(outcome.exception.vector == 0x200);
    CHECK(outcome.exception.elr == answer.test.sequence.pc + 4);
    CHECK(outcome.exception.far == answer.test.sequence.pc + 8);
    CHECK(outcome.exception.spsr == 0x600003c5);
    CHECK(outcome.pstate == 0x02000005);
    answer.record.elr = 0x1234;
    REQUIRE_FALSE(answer.decode_into(outcome));
    CHECK(outcome.exception.elr == 0x1234);
}

TEST_CASE("a test's own SVC is an exception") {
    Reply answer;
    answer.record.taken = 1 << 8 | 4;
    answer.record.esr = 0x56000009;
    answer.record.elr = kSlot.va + 8;
    Outcome outcome;
    REQUIRE_FALSE(answer.decode_into(outcome));
    CHECK(outcome.status == Status::exception);
    CHECK(outcome.exception.elr == answer.test.sequence.pc + 8);
}

TEST_CASE("instructions that are not in the slot are stale code") {
    Outcome outcome;
    Reply round;
    round.record.esr -= 1;
    CHECK(round.decode_into(outcome) == DecodeError::stale_code);
    Reply place;
    place.record.elr += 64;
    CHECK(place.decode_into(outcome) == DecodeError::stale_code);
    Reply other;
    other.record.elr = kSlot.va + 4; // behind the NOP
    CHECK(other.decode_into(outcome) == DecodeError::stale_code);
}

TEST_CASE("what the monitor would not write is garbled") {
    Outcome outcome;
    Reply signature;
    signature.record.signature = 0;
    CHECK(signature.decode_into(outcome) == DecodeError::garbled);
    Reply windows;
    windows.record.window_count = 2;
    CHECK(windows.decode_into(outcome) == DecodeError::garbled);
    Reply level;
    level.record.taken = 0;
    CHECK(level.decode_into(outcome) == DecodeError::garbled);
    Reply vector;
    vector.record.taken = 1 << 8 | 16;
    CHECK(vector.decode_into(outcome) == DecodeError::garbled);
    Reply relay;
    relay.record.elr = ARENA_RELAY_VA + 0x200;
    CHECK(relay.decode_into(outcome) == DecodeError::garbled);
}

TEST_CASE("states that the monitor cannot install are refused") {
    State state = make_test(Profile{}, 0, 0, {kNop}).states[0];
    CHECK(refuse_shape(state) == nullptr);
    state.windows[0].pa = ARENA_PA + 16;
    CHECK(refuse_shape(state) != nullptr);
    state.windows[0].pa = ARENA_PA + ARENA_PAGES * ARENA_PAGE_BYTES;
    CHECK(refuse_shape(state) != nullptr);
    state.windows[0].pa = ARENA_PA + ARENA_PAGES * ARENA_PAGE_BYTES - 256;
    CHECK(refuse_shape(state) == nullptr);
    state.v.resize(32);
    CHECK(refuse_shape(state) == nullptr);
    state.v.resize(31);
    CHECK(refuse_shape(state) != nullptr);
}
