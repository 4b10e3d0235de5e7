// SPDX-License-Identifier: Apache-2.0
#include "difftest/linux/frames.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cinttypes>
#include <cstdio>

#include <poll.h>
#include <unistd.h>

#include "difftest/batch/doorbell.h"
#include "difftest/core/error.h"

namespace mtecheck::difftest {

namespace {

using Clock = std::chrono::steady_clock;

Clock::time_point after(double seconds) {
    return Clock::now() + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
}

/// Whether something can be read or written before `end`.
bool ready(int descriptor, short event, Clock::time_point end) {
    for (;;) {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - Clock::now()).count();
        if (left <= 0) return false;
        pollfd request{.fd = descriptor, .events = event, .revents = 0};
        if (::poll(&request, 1, static_cast<int>(std::min<long long>(left, 1000))) > 0) return true;
    }
}

bool again() { return errno == EAGAIN || errno == EINTR; }

} // namespace

AgentFrames::AgentFrames(std::unique_ptr<CommandPipe> pipe, const std::string& name, double seconds)
    : pipe_(std::move(pipe)), seconds_(seconds) {
    agent_frame frame{};
    agent_greeting greeting{};
    Got got = read(&frame, sizeof(frame));
    const bool agent = frame.magic == WIRE_MAGIC && frame.kind == AGENT_FRAME_HELLO;
    if (got == Got::all && (!agent || frame.bytes != sizeof(greeting)))
        throw TargetError(name + (agent ? ": the agent there is of another version of mtecheck"
                                        : ": what it prints is not what an agent says"));
    if (got == Got::all) got = read(&greeting, sizeof(greeting));
    if (got == Got::late) throw TargetError(name + ": no agent answers in time");
    if (got == Got::ended) throw LostAtBoot(name + ": no agent answers: " + obituary());
    for (unsigned i = 0; i < sizeof(greeting.every_byte); ++i) {
        if (greeting.every_byte[i] != i)
            throw TargetError(name + ": the connection changes bytes (a terminal? `ssh -T`, `adb exec-out`)");
    }
    hello_ = greeting.hello;
    hello_.release[sizeof(hello_.release) - 1] = hello_.machine[sizeof(hello_.machine) - 1] = 0;
}

AgentFrames::Got AgentFrames::read(void* to, std::size_t bytes) {
    auto* at = static_cast<std::uint8_t*>(to);
    Clock::time_point end = after(seconds_);
    while (bytes != 0) {
        const ssize_t got = ::read(pipe_->from(), at, bytes);
        if (got == 0 || (got < 0 && !again())) return Got::ended;
        if (got > 0) {
            at += got;
            bytes -= static_cast<std::size_t>(got);
            end = after(seconds_);
        } else if (!ready(pipe_->from(), POLLIN, end)) {
            return Got::late;
        }
    }
    return Got::all;
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
    for (std::span<const std::uint8_t> part : parts) {
        Clock::time_point end = after(seconds_);
        while (!part.empty()) {
            const ssize_t count = ::write(pipe_->to(), part.data(), part.size());
            if (count < 0 && !again()) return false;
            if (count > 0) {
                part = part.subspan(static_cast<std::size_t>(count));
                end = after(seconds_);
            } else if (!ready(pipe_->to(), POLLOUT, end)) {
                return false;
            }
        }
    }
    return true;
}

AgentFrames::Event AgentFrames::receive(std::span<std::uint8_t> batch) {
    const auto event_of = [](Got got) { return got == Got::late ? Event::late : Event::ended; };
    agent_frame frame{};
    if (const Got got = read(&frame, sizeof(frame)); got != Got::all) return event_of(got);
    if (frame.magic != WIRE_MAGIC) return Event::garbled;
    if (frame.kind == AGENT_FRAME_FAULT && frame.bytes == sizeof(agent_fault)) {
        agent_fault fault{};
        if (read(&fault, sizeof(fault)) == Got::all) {
            std::array<char, 120> line{};
            std::snprintf(line.data(), line.size(),
                          "signal %" PRIu64 " in the agent (PC 0x%" PRIx64 ", address 0x%" PRIx64 "); ", fault.signal,
                          fault.pc, fault.address);
            fault_ = line.data();
        }
        return Event::ended;
    }
    if (frame.kind != AGENT_FRAME_RESULT || frame.command != command_ || frame.offset != received_ ||
        frame.bytes > sent_ - received_ || frame.states < states_)
        return Event::garbled;
    if (const Got got = read(batch.data() + frame.offset, frame.bytes); got != Got::all) return event_of(got);
    received_ += frame.bytes;
    states_ = frame.states;
    return Event::results;
}

std::string AgentFrames::obituary() { return fault_ + pipe_->obituary(); }

} // namespace mtecheck::difftest
