// SPDX-License-Identifier: Apache-2.0
// Blocks of the agent's protocol: what cannot be one is recognised, and what a process cannot have is refused.
#include <cstring>

#include <catch2/catch_test_macros.hpp>

#include "difftest/core/error.h"
#include "difftest/judge/judge.h"
#include "difftest/linux/protocol.h"
#include "tests/difftest/linux/samples.h"

using namespace mtecheck::difftest;
using namespace mtecheck::difftest::linux_tests;

namespace {

constexpr std::uint64_t kSignature = 0x1234;

/// A record as the agent answers it.
struct Reply {
    explicit Reply(const Test& test_) : test(test_), shape(test.states.at(0)), header(encode_agent(test.sequence)) {
        bytes.resize(agent_record_bytes(shape));
        encode_agent(test.states[0], true, bytes);
        header.code_va = ARENA_CODE_VA + 0x4c0;
        wire().signature = kSignature;
    }
    agent_state& wire() { return *reinterpret_cast<agent_state*>(bytes.data()); }
    Decoded decode() { return decode_agent(test.sequence, header, shape, bytes, kSignature); }

    Test test;
    RecordShape shape;
    agent_sequence header;
    std::vector<std::uint8_t> bytes;
};

Profile profile() {
    Profile result = model_profile();
    result.process = true;
    return result;
}

} // namespace

TEST_CASE("a record that the agent sends back is an outcome") {
    Reply reply(make_test(profile(), TagCheckMode::sync, {kNop, kUdf}));
    const Decoded done = reply.decode();
    REQUIRE(std::holds_alternative<OutcomeView>(done));
    CHECK(std::get<OutcomeView>(done).status == Status::completed);
    CHECK(std::get<OutcomeView>(done).pc == ARENA_CODE_VA + 8);
    CHECK(std::get<OutcomeView>(done).pstate == std::uint64_t{1} << 25);

    reply.wire().signal = 4;
    reply.wire().si_code = 1;
    reply.wire().pc = reply.wire().si_addr = reply.header.code_va + 4;
    const Decoded signalled = reply.decode();
    REQUIRE(std::holds_alternative<OutcomeView>(signalled));
    CHECK(std::get<OutcomeView>(signalled).pc == ARENA_CODE_VA + 4);
    CHECK(std::get<OutcomeView>(signalled).signal == SignalRecord{4, 1, ARENA_CODE_VA + 4});
}

TEST_CASE("what the agent would not answer is garbled") {
    const Test test = make_test(profile(), TagCheckMode::sync, {kNop});
    const auto garbled = [](Reply& reply) {
        const Decoded decoded = reply.decode();
        return std::holds_alternative<DecodeError>(decoded);
    };
    Reply signature(test), windows(test), place(test), signal(test);
    signature.wire().signature ^= 1;
    windows.wire().window_count = 2;
    place.header.code_va = 0;
    signal.wire().signal = AGENT_SIGNAL_UNSUPPORTED - 1;
    CHECK(garbled(signature));
    CHECK(garbled(windows));
    CHECK(garbled(place));
    CHECK(garbled(signal));
    signal.wire().signal = AGENT_SIGNAL_UNSUPPORTED;
    CHECK_FALSE(garbled(signal));
}

TEST_CASE("what a process cannot have is refused with a reason") {
    const Test test = make_test(profile(), TagCheckMode::async, {kNop});
    CHECK_FALSE(refuse_process(test.sequence, profile()));
    Sequence other = test.sequence;
    other.layout = LayoutId::arena;
    CHECK(refuse_process(other, profile()));
    other = test.sequence;
    other.configuration.el = 1;
    CHECK(refuse_process(other, profile()));
    other = test.sequence;
    other.configuration.tcr[1] ^= std::uint64_t{1} << 57; // TCMA0
    CHECK(refuse_process(other, profile()));
    other.configuration = process_configuration(profile(), static_cast<TagCheckMode>(3));
    CHECK(refuse_process(other, profile()));

    State state = test.states[0];
    CHECK(refuse_process(state, profile()) == nullptr);
    state.tfsr[1] = 1;
    CHECK(refuse_process(state, profile()) != nullptr);
    state = test.states[0];
    state.windows[0].pa = ARENA_PA + 9 * ARENA_PAGE_BYTES;
    CHECK(refuse_process(state, profile()) != nullptr);
}

TEST_CASE("an agent that could not set itself up is tool trouble, with its words") {
    agent_hello hello{};
    CHECK_THROWS_AS(read_hello(hello), TargetError);
    hello.magic = WIRE_MAGIC;
    hello.page_bytes = 4096;
    hello.id[WIRE_ID_ID_AA64PFR1_EL1] = 0x300;
    hello.mte = 1;
    CHECK(read_hello(hello).mte == 3);
    hello.mte = 0;
    CHECK(read_hello(hello).mte == 1);
    CHECK_FALSE(read_hello(hello).mte_async);
    hello.page_bytes = 65536;
    CHECK_THROWS_AS(read_hello(hello), TargetError);
    hello.failed = 12;
    CHECK_THROWS_AS(read_hello(hello), TargetError);
}
