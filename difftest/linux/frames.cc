// SPDX-License-Identifier: Apache-2.0
#include "difftest/linux/frames.h"

#include <array>
#include <cinttypes>
#include <cstddef>
#include <cstdio>
#include <cstring>

#include "difftest/batch/doorbell.h"
#include "difftest/core/error.h"
#include "difftest/linux/changed_bytes.h"

namespace mtecheck::difftest {
namespace {

constexpr const char* kNoTerminal = " (a terminal? `ssh -T`, `adb shell -T`)";

constexpr const char* kOtherVersion = ": the agent there is of another version of mtecheck (`mtecheck agent` writes "
                                      "the one of this version)";

using EveryByte = std::array<std::uint8_t, AGENT_ECHO_BYTES>;

EveryByte every_byte() {
    EveryByte values{};
    for (unsigned i = 0; i < values.size(); ++i) values[i] = static_cast<std::uint8_t>(i);
    return values;
}

// Frames behind those values, so that the agent does not wait for what is left out. They have no value that the frame
// before the values has not: if that one comes whole, so do they, and take the place of every value that does not.
constexpr std::size_t kGreetings = AGENT_ECHO_BYTES / sizeof(agent_frame);

using EchoRequest = std::array<std::uint8_t, sizeof(agent_frame) + AGENT_ECHO_BYTES + kGreetings * sizeof(agent_frame)>;

EchoRequest echo_request() {
    const agent_frame frame{.magic = WIRE_MAGIC,
                            .kind = AGENT_FRAME_ECHO,
                            .command = 0,
                            .states = 0,
                            .offset = 0,
                            .bytes = AGENT_ECHO_BYTES};
    const EveryByte values = every_byte();
    EchoRequest request{};
    std::uint8_t* at = request.data();
    std::memcpy(at, &frame, sizeof(frame));
    at += sizeof(frame);
    std::memcpy(at, values.data(), values.size());
    at += values.size();
    for (std::size_t i = 0; i < kGreetings; ++i, at += sizeof(kGreetAgain))
        std::memcpy(at, &kGreetAgain, sizeof(kGreetAgain));
    return request;
}

/// The beginning of a greeting that nothing has changed: what follows the values shows where it goes on.
constexpr std::size_t kSureOfGreeting = offsetof(agent_greeting, hello) + offsetof(agent_hello, failed);

std::array<std::uint8_t, kSureOfGreeting> beginning_of_greeting(std::uint32_t version) {
    agent_greeting greeting{};
    const EveryByte values = every_byte();
    std::memcpy(greeting.every_byte, values.data(), values.size());
    greeting.hello.magic = WIRE_MAGIC;
    greeting.hello.version = version;
    std::array<std::uint8_t, kSureOfGreeting> bytes{};
    std::memcpy(bytes.data(), &greeting, bytes.size());
    return bytes;
}

/// An agent never says what the host does.
void refuse_own_words(std::span<const std::uint8_t> sent, std::span<const std::uint8_t> came, const std::string& name) {
    // A terminal shows control characters as "^F".
    std::array<std::uint8_t, sizeof(std::uint32_t) + 2> shown{};
    std::memcpy(shown.data(), sent.data(), sizeof(std::uint32_t));
    shown[4] = '^';
    shown[5] = AGENT_FRAME_ECHO + '@';
    if (std::memcmp(sent.data(), came.data(), sizeof(agent_frame)) == 0 ||
        std::memcmp(&kGreetAgain, came.data(), sizeof(kGreetAgain)) == 0 ||
        std::memcmp(shown.data(), came.data(), shown.size()) == 0)
        throw TargetError(name + ": the connection sends back what it is sent (a terminal? `stty raw -echo` there, "
                                 "`ssh -T`, `adb shell -T`)");
}

std::span<const std::uint8_t> bytes_of(const agent_frame& frame) {
    return {reinterpret_cast<const std::uint8_t*>(&frame), sizeof(frame)};
}

} // namespace

AgentFrames::AgentFrames(std::unique_ptr<CommandPipe> pipe, const std::string& name, double seconds,
                         std::uint32_t version)
    : pipe_(std::move(pipe)), seconds_(seconds) {
    agent_frame frame{};
    agent_greeting& greeting = greeting_;
    Transferred got = read(&frame, sizeof(frame));
    const bool agent = frame.magic == WIRE_MAGIC && frame.kind == AGENT_FRAME_HELLO;
    if (got == Transferred::all && (!agent || frame.bytes != sizeof(greeting)))
        throw TargetError(name + (agent ? kOtherVersion : ": what it prints is not what an agent says"));
    if (got == Transferred::all) got = read(&greeting.every_byte, sizeof(greeting.every_byte));
    if (got == Transferred::all) {
        if (const std::string changed = changed_bytes(beginning_of_greeting(version), greeting.every_byte);
            !changed.empty())
            throw TargetError(name + ": the connection changes bytes of what the agent says: " + changed + kNoTerminal);
        got = read(&greeting.hello, sizeof(greeting.hello));
    }
    if (got == Transferred::late) throw TargetError(name + ": no agent answers in time");
    if (got == Transferred::ended) throw LostAtBoot(name + ": no agent answers: " + obituary());
    if (greeting.hello.version != version) throw TargetError(name + kOtherVersion);
    hello_ = greeting.hello;
    hello_.release[sizeof(hello_.release) - 1] = hello_.machine[sizeof(hello_.machine) - 1] = 0;
}

void AgentFrames::check_input(const std::string& name, bool passed_before) {
    if (hello_.failed != 0) return; // it has ended, and said why
    const EchoRequest sent = echo_request();
    Transferred got = write_fully(pipe_->to(), sent.data(), sent.size(), seconds_);
    if (got == Transferred::all) got = check_echo(sent, name);
    for (std::size_t i = 0; i < kGreetings && got == Transferred::all; ++i) got = check_greeting(sent, name);
    if (got == Transferred::ended) throw LostAtBoot(name + ": the agent there ended: " + obituary());
    if (got == Transferred::late && passed_before)
        throw LostAtBoot(name + ": the agent there does not answer any more");
    if (got == Transferred::late) {
        throw TargetError(name +
                          ": the agent speaks, but what it is sent does not come to it, or not all, or its answer "
                          "stops there (`adb exec-out` passes no input on, a terminal stops at 0x13: `adb shell -T`; a "
                          "filter may wait for the end of a line)");
    }
}

Transferred AgentFrames::check_echo(std::span<const std::uint8_t> sent, const std::string& name) {
    agent_frame frame{};
    if (const Transferred got = read(&frame, sizeof(frame)); got != Transferred::all) return got;
    refuse_own_words(sent, bytes_of(frame), name);
    const bool refused = frame.kind == AGENT_FRAME_REFUSED && frame.bytes == sizeof(agent_frame);
    const bool echo = frame.kind == AGENT_FRAME_ECHOED && frame.bytes == AGENT_ECHO_BYTES;
    if (frame.magic != WIRE_MAGIC || (!refused && !echo))
        throw TargetError(name + ": the agent answers nonsense" + kNoTerminal);
    EveryByte came{};
    if (const Transferred got = read(came.data(), frame.bytes); got != Transferred::all) return got;
    if (echo) refuse_own_words(sent, came, name); // between the agent's own
    const std::string changed =
        changed_bytes(sent.subspan(refused ? 0 : sizeof(agent_frame)), std::span(came).first(frame.bytes));
    if (!changed.empty())
        throw TargetError(name + ": the connection changes bytes of what the agent is sent: " + changed + kNoTerminal);
    return Transferred::all;
}

Transferred AgentFrames::check_greeting(std::span<const std::uint8_t> sent, const std::string& name) {
    agent_frame frame{};
    if (const Transferred got = read(&frame, sizeof(frame)); got != Transferred::all) return got;
    refuse_own_words(sent, bytes_of(frame), name);
    agent_greeting again{};
    const bool greets = frame.magic == WIRE_MAGIC && frame.kind == AGENT_FRAME_HELLO && frame.bytes == sizeof(again);
    if (greets) {
        if (const Transferred got = read(&again, sizeof(again)); got != Transferred::all) return got;
        refuse_own_words(sent, again.every_byte, name);
    }
    if (!greets || std::memcmp(&again, &greeting_, sizeof(again)) != 0)
        throw TargetError(name + ": the connection changes what the agent says: its greeting comes otherwise when it "
                                 "is asked for again");
    return Transferred::all;
}

bool AgentFrames::send(std::uint32_t command, std::span<const std::uint8_t> batch, bool each) {
    command_ = command;
    states_ = 0;
    sent_ = batch.size();
    received_ = 0;
    const agent_frame frame{.magic = WIRE_MAGIC,
                            .kind = AGENT_FRAME_BATCH,
                            .command = command,
                            .states = each ? 1U : 0U,
                            .offset = 0,
                            .bytes = batch.size()};
    const std::array<std::span<const std::uint8_t>, 2> parts{
        std::span(reinterpret_cast<const std::uint8_t*>(&frame), sizeof(frame)), batch};
    for (const std::span<const std::uint8_t> part : parts) {
        const Transferred got = write_fully(pipe_->to(), part.data(), part.size(), seconds_);
        if (got == Transferred::all) continue;
        agent_frame last{}; // it may have ended before it got all, and said why
        if (got == Transferred::ended && read(&last, sizeof(last)) == Transferred::all) take_last_words(last);
        return false;
    }
    return true;
}

bool AgentFrames::take_last_words(const agent_frame& frame) {
    if (frame.magic != WIRE_MAGIC) return false;
    if (frame.kind == AGENT_FRAME_FAULT && frame.bytes == sizeof(agent_fault)) {
        agent_fault fault{};
        if (read(&fault, sizeof(fault)) == Transferred::all) {
            std::array<char, 120> line{};
            std::snprintf(line.data(), line.size(),
                          "signal %" PRIu64 " in the agent (PC 0x%" PRIx64 ", address 0x%" PRIx64 "); ", fault.signal,
                          fault.pc, fault.address);
            fault_ = line.data();
        }
        return true;
    }
    if (frame.kind != AGENT_FRAME_REFUSED || frame.bytes != sizeof(agent_frame)) return false;
    fault_ = "the agent refused a frame: the connection lost or changed bytes of what it was sent; ";
    return true;
}

AgentFrames::Event AgentFrames::receive(std::span<std::uint8_t> batch) {
    const auto event_of = [](Transferred got) { return got == Transferred::late ? Event::late : Event::ended; };
    agent_frame frame{};
    if (const Transferred got = read(&frame, sizeof(frame)); got != Transferred::all) return event_of(got);
    if (frame.magic != WIRE_MAGIC) return Event::garbled;
    if (take_last_words(frame)) return Event::ended;
    if (frame.kind != AGENT_FRAME_RESULT || frame.command != command_ || frame.offset != received_ ||
        frame.bytes > sent_ - received_ || frame.states < states_)
        return Event::garbled;
    if (const Transferred got = read(batch.data() + frame.offset, frame.bytes); got != Transferred::all)
        return event_of(got);
    received_ += frame.bytes;
    states_ = frame.states;
    return Event::results;
}

std::unique_ptr<CommandPipe> AgentFrames::become_abi_agent() && {
    const agent_frame frame{
        .magic = WIRE_MAGIC, .kind = AGENT_FRAME_ABI, .command = 0, .states = 0, .offset = 0, .bytes = 0};
    if (write_fully(pipe_->to(), &frame, sizeof(frame), seconds_) != Transferred::all)
        throw TargetError("the agent does not listen: " + obituary());
    return std::move(pipe_);
}

std::string AgentFrames::obituary() { return fault_ + pipe_->obituary(); }

} // namespace mtecheck::difftest
