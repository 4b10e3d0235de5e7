// SPDX-License-Identifier: Apache-2.0
//
// The transport of blocks to an agent on this machine: memory that both map, and a doorbell.
#include "difftest/linux/target.h"

#include <array>
#include <cinttypes>
#include <cstdio>
#include <cstring>
#include <optional>

#include "difftest/batch/batch_target.h"
#include "difftest/core/error.h"
#include "difftest/core/process.h"
#include "difftest/linux/agent_file.h"
#include "difftest/linux/agent_guest.h"

namespace mtecheck::difftest {

namespace {

class QemuUserGuest final : public AgentGuest {
  public:
    explicit QemuUserGuest(const QemuOptions& options) : options_(options) {}

    void start() override {
        if (version_.empty()) version_ = qemu_version(options_.program);
        if (!memory_) memory_.emplace(AGENT_SHARED_BYTES);
        if (agent_.get() < 0) agent_ = agent_file();
        std::memset(memory_->data(), 0, AGENT_CONTROL_BYTES);
        Doorbell& doorbell = doorbell_.emplace();
        const std::array inherited{memory_->descriptor(), agent_.get(), doorbell.bell(), doorbell.answer()};
        doorbell.start({options_.program, "-cpu", cpu_of(options_, version_), inherited_path(agent_.get()), "shm",
                        std::to_string(memory_->descriptor()), std::to_string(doorbell.bell()),
                        std::to_string(doorbell.answer())},
                       inherited);
        doorbell.wait_until_ready("the Linux agent", [this] { return obituary(); });
    }
    bool started() const override { return doorbell_.has_value(); }
    void stop() override {
        if (!doorbell_) return;
        doorbell_->process().kill();
        ended_cpu_seconds_ += doorbell_->process().cpu_seconds();
        doorbell_.reset();
    }
    void wipe() override { memory_.reset(); }

    Profile describe() override {
        agent_hello hello;
        std::memcpy(&hello, memory_->data() + offsetof(agent_control, hello), sizeof(hello));
        profile_ = read_hello(hello);
        profile_.target = options_.spec;
        profile_.version = version_;
        profile_.cpu = options_.cpu;
        return profile_;
    }
    double cpu_seconds() const override {
        return ended_cpu_seconds_ + (doorbell_ ? doorbell_->process().cpu_seconds() : 0);
    }

    std::span<std::uint8_t> area(unsigned number) override {
        return {memory_->data() + offset(number), AGENT_BATCH_BYTES};
    }
    bool post(unsigned number, std::size_t bytes) override {
        return doorbell_->post(shared().queue, offset(number), bytes);
    }
    bool queues() const override { return true; }
    std::uint32_t command() const override { return doorbell_->command(); }
    Answer wait(std::uint32_t command) override {
        return doorbell_->wait(shared().queue, command, options_.case_seconds);
    }
    std::uint32_t progress(std::uint32_t command) const override { return progress_of(shared().queue, command); }
    std::string obituary() override {
        Process& process = doorbell_->process();
        process.wait(1); // it has closed its files; it may need a moment to end
        process.kill();
        std::string text = "QEMU ended with " + process.how_it_ended();
        const volatile agent_control& control = shared();
        if (control.fault != 0) {
            std::array<char, 160> line{};
            std::snprintf(
                line.data(), line.size(), " after signal %u in the agent (PC 0x%" PRIx64 ", address 0x%" PRIx64 ")",
                unsigned{control.fault}, std::uint64_t{control.fault_pc}, std::uint64_t{control.fault_address});
            text += line.data();
        }
        const std::string output = process.output();
        return output.empty() ? text : text + ": " + output;
    }

  private:
    static std::size_t offset(unsigned number) { return AGENT_CONTROL_BYTES + std::size_t{number} * AGENT_BATCH_BYTES; }
    volatile agent_control& shared() const { return *reinterpret_cast<volatile agent_control*>(memory_->data()); }

    QemuOptions options_;
    std::string version_;
    FileDescriptor agent_;
    std::optional<SharedMemory> memory_;
    std::optional<Doorbell> doorbell_; // of the running agent
    double ended_cpu_seconds_ = 0;
};

} // namespace

std::unique_ptr<Target> make_qemu_user_target(const std::string& spec) {
    return make_qemu_user_target(parse_qemu_options(spec, kQemuUser));
}

std::unique_ptr<Target> make_qemu_user_target(const QemuOptions& options) {
    return make_batch_target(std::make_unique<QemuUserGuest>(options));
}

} // namespace mtecheck::difftest
