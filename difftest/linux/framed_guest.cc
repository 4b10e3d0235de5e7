// SPDX-License-Identifier: Apache-2.0
#include "difftest/linux/framed_guest.h"

#include <cstring>
#include <optional>
#include <vector>

#include "difftest/batch/batch_target.h"
#include "difftest/batch/reconnect.h"
#include "difftest/core/error.h"
#include "difftest/core/json_reader.h"
#include "difftest/core/process.h"
#include "difftest/linux/agent_guest.h"
#include "difftest/linux/frames.h"

namespace mtecheck::difftest {

namespace {

constexpr std::size_t kBatchBytes = AGENT_BATCH_BYTES / 4;

class FramedGuest final : public AgentGuest {
  public:
    explicit FramedGuest(AgentConnection connection) : connection_(std::move(connection)) {
        for (auto& area : areas_) area.resize(kBatchBytes);
    }

    void start() override {
        frames_.emplace(connect_patiently(known_.has_value(), connection_.connect));
        const agent_hello& hello = frames_->hello();
        if (known_ && std::memcmp(&*known_, &hello, sizeof(hello)) != 0) {
            stop();
            throw TargetError(connection_.name + ": started again it says that it is another machine");
        }
        known_ = hello;
    }
    bool started() const override { return frames_.has_value(); }
    void stop() override {
        if (!frames_) return;
        frames_->process().kill();
        ended_cpu_seconds_ += frames_->process().cpu_seconds();
        frames_.reset();
    }
    void wipe() override {}

    Profile describe() override {
        profile_ = read_hello(*known_);
        profile_.target = connection_.spec;
        const std::string where = connection_.where.empty() ? "" : " in " + connection_.where;
        if (connection_.simulator) {
            profile_.simulator = true;
            profile_.limits = simulator_limits();
            profile_.version = std::string(known_->machine) + " " + known_->release + where;
            profile_.cpu = "simulator";
        } else {
            profile_.version = std::string("Linux ") + known_->release + " " + known_->machine + where;
            profile_.cpu = "MIDR_EL1 " + hex_text(known_->id[WIRE_ID_MIDR_EL1], 8);
        }
        return profile_;
    }
    std::optional<std::string> begin(const Sequence& sequence) override {
        if (connection_.refuse) {
            if (auto reason = connection_.refuse(sequence)) return reason;
        }
        return AgentGuest::begin(sequence);
    }
    double cpu_seconds() const override {
        return ended_cpu_seconds_ + (frames_ ? frames_->process().cpu_seconds() : 0);
    }

    std::span<std::uint8_t> area(unsigned number) override { return areas_[number]; }
    bool post(unsigned number, std::size_t bytes) override {
        posted_ = number;
        ++command_;
        return frames_->send(command_, {areas_[number].data(), bytes}, careful_);
    }
    bool queues() const override { return false; } // both sides could wait for each other's pipe
    Answer wait(std::uint32_t /*command*/) override {
        while (!frames_->complete()) {
            const AgentFrames::Event event = frames_->receive(areas_[posted_]);
            if (event == AgentFrames::Event::results) continue;
            // Results come in pieces: which state it was is known once the agent tells of each.
            const bool exact = std::exchange(careful_, true);
            if (event == AgentFrames::Event::late && exact) return Answer::runaway;
            return Answer::lost;
        }
        careful_ = false;
        return Answer::done;
    }
    std::uint32_t command() const override { return command_; }
    std::uint32_t progress(std::uint32_t /*command*/) const override { return frames_->states(); }
    std::string obituary() override { return frames_->obituary(); }

  private:
    AgentConnection connection_;
    std::optional<AgentFrames> frames_;
    std::optional<agent_hello> known_;
    std::vector<std::uint8_t> areas_[2];
    unsigned posted_ = 0;
    std::uint32_t command_ = 0;
    bool careful_ = false;
    double ended_cpu_seconds_ = 0;
};

} // namespace

std::unique_ptr<Target> make_framed_target(AgentConnection connection) {
    return make_batch_target(std::make_unique<FramedGuest>(std::move(connection)));
}

} // namespace mtecheck::difftest
