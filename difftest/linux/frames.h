// SPDX-License-Identifier: Apache-2.0
//
// The framed transport to an agent: a command that passes frames on, such as ssh.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "difftest/batch/command_pipe.h"
#include "difftest/batch/timed_io.h"
#include "difftest/linux/echo_wire.h"

namespace mtecheck::difftest {

/// What an agent answers with one more greeting.
inline constexpr agent_frame kGreetAgain{
    .magic = WIRE_MAGIC, .kind = AGENT_FRAME_HELLO, .command = 0, .states = 0, .offset = 0, .bytes = 0};

class AgentFrames {
  public:
    enum class Event : std::uint8_t {
        results, // some more have come
        ended,   // the connection, or the agent
        late,    // nothing came for too long
        garbled, // what came is nothing that an agent sends
    };

    /// Waits for the agent's greeting. Throws LostAtBoot if the command ended before, TargetError if it is something
    /// else, an agent of another `version`, or the connection does not pass every byte on. `name` is for complaints.
    AgentFrames(std::unique_ptr<CommandPipe> pipe, const std::string& name, double seconds,
                std::uint32_t version = AGENT_LINUX_VERSION);

    /// Sends the agent every value of a byte before anything is blamed on a case: a command may pass on what the agent
    /// says and nothing of what it is sent, or not as it was sent, or send it back. Throws LostAtBoot if the connection
    /// ends, or is late and passed input on before; else TargetError, which says what came otherwise.
    void check_input(const std::string& name, bool passed_before);

    const agent_hello& hello() const { return hello_; }

    /// Sends a batch; `each`: the agent is to tell of each state at once. False if the connection has ended.
    bool send(std::uint32_t command, std::span<const std::uint8_t> batch, bool each);
    /// Waits for results, which go where they belong in the batch.
    Event receive(std::span<std::uint8_t> batch);
    /// Of the batch sent last.
    std::uint32_t states() const { return states_; }
    bool complete() const { return received_ == sent_; }

    /// Has it run ABI programs from now on (abi_wire.h): the connection to what it becomes. Throws TargetError.
    std::unique_ptr<CommandPipe> become_abi_agent() &&;

    /// How it ended.
    std::string obituary();
    Process& process() const { return pipe_->process(); }

  private:
    /// What the agent answers to the first frame of `sent` (echo_wire.h) has to be a part of it.
    Transferred check_echo(std::span<const std::uint8_t> sent, const std::string& name);
    /// One more greeting has to be that of the start.
    Transferred check_greeting(std::span<const std::uint8_t> sent, const std::string& name);
    /// Whether it is a frame behind which the agent ends; then obituary() tells why.
    bool take_last_words(const agent_frame& frame);
    Transferred read(void* to, std::size_t bytes) { return pipe_->read(to, bytes, seconds_); }

    std::unique_ptr<CommandPipe> pipe_;
    double seconds_;
    agent_greeting greeting_{}; // as it came
    agent_hello hello_{};       // with ends of its strings
    std::uint32_t command_ = 0;
    std::uint32_t states_ = 0;
    std::uint64_t sent_ = 0, received_ = 0; // bytes
    std::string fault_;
};

} // namespace mtecheck::difftest
