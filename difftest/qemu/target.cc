// SPDX-License-Identifier: Apache-2.0
#include "difftest/qemu/target.h"

#include <cstring>
#include <optional>
#include <utility>
#include <variant>

#include "difftest/batch/batch_target.h"
#include "difftest/batch/record_view.h"
#include "difftest/qemu/codec.h"
#include "difftest/qemu/guest_session.h"
#include "difftest/qemu/profile.h"
#include "difftest/qemu/setup.h"

namespace mtecheck::difftest {

namespace {

/// An address of the code, in its slot; any other as it is.
std::uint64_t relocated(std::uint64_t address, const Sequence& sequence, CodeSlot slot) {
    const std::uint64_t distance = address - sequence.pc;
    return distance <= 4 * sequence.code.size() ? slot.va + distance : address;
}

class QemuSystemGuest final : public BatchGuest {
  public:
    explicit QemuSystemGuest(const QemuOptions& options) : options_(options), ring_(options.code_bytes) {}

    void start() override {
        if (version_.empty()) version_ = qemu_version(options_.program);
        if (!memory_) memory_.emplace(WIRE_RAM_BYTES);
        session_.emplace(options_, version_, *memory_);
    }
    bool started() const override { return session_.has_value(); }
    void stop() override {
        if (!session_) return;
        session_->process().kill();
        ended_cpu_seconds_ += session_->process().cpu_seconds();
        session_.reset();
    }
    void wipe() override { memory_.reset(); }

    Profile describe() override {
        const wire_control control = session_->control();
        profile_ = read_profile(control.id);
        // Without FEAT_MTE2 there is none, and nothing uses it: a case has to have one.
        profile_.gmid_el1 = profile_.mte >= 2 ? control.gmid_el1 : Configuration{}.gmid_el1;
        profile_.target = options_.spec;
        profile_.version = version_;
        profile_.cpu = options_.cpu;
        return profile_;
    }
    double cpu_seconds() const override {
        return ended_cpu_seconds_ + (session_ ? session_->process().cpu_seconds() : 0);
    }

    std::span<std::uint8_t> area(unsigned number) override {
        return {memory_->data() + (WIRE_BATCH_PA - WIRE_RAM_PA) + std::size_t{number} * WIRE_BATCH_BYTES,
                WIRE_BATCH_BYTES};
    }
    bool post(unsigned number, std::size_t bytes) override { return session_->post(number, bytes); }
    bool queues() const override { return true; }
    Answer wait(std::uint32_t command) override { return session_->wait(command); }
    std::uint32_t command() const override { return session_->command(); }
    std::uint32_t progress(std::uint32_t command) const override { return session_->progress(command); }
    std::string obituary() override { return session_->obituary(); }

    std::optional<std::string> begin(const Sequence& sequence) override {
        std::variant<wire_sequence, std::string> setup = set_up(sequence, session_->tables(), profile_);
        if (std::string* const reason = std::get_if<std::string>(&setup)) return std::move(*reason);
        header_ = std::get<wire_sequence>(setup);
        return std::nullopt;
    }
    const char* refuse(const State& state) const override { return refuse_shape(state); }
    std::size_t header_bytes() const override { return sizeof(wire_sequence); }
    std::size_t record_bytes(RecordShape shape) const override { return difftest::record_bytes(shape); }

    CodeSlot place(const Sequence& sequence) override {
        const CodeRing::Place place = ring_.next(sequence.code.size());
        const CodeSlot slot{(sequence.pc & ARENA_UPPER_HALF) + ARENA_CODE_VA + place.offset, place.round};
        write_code(sequence, slot,
                   {memory_->data() + (WIRE_CODE_PA - WIRE_RAM_PA) + place.offset,
                    CodeRing::slot_bytes(sequence.code.size())});
        header_.code_va = slot.va;
        header_.elr_el1 = relocated(header_.elr_el1, sequence, slot);
        header_.elr_el2 = relocated(header_.elr_el2, sequence, slot);
        return slot;
    }
    void write_header(std::uint32_t states, std::span<std::uint8_t> header) override {
        header_.state_count = states;
        std::memcpy(header.data(), &header_, sizeof(header_));
    }
    void encode(const State& state, std::span<std::uint8_t> record) override { difftest::encode(state, record); }
    Decoded decode(const Sequence& sequence, CodeSlot slot, RecordShape shape, std::span<const std::uint8_t> /*header*/,
                   std::span<const std::uint8_t> record, std::uint64_t wanted) const override {
        return difftest::decode(sequence, slot, shape, record, wanted);
    }

  private:
    QemuOptions options_;
    std::string version_;
    Profile profile_;
    std::optional<SharedMemory> memory_;
    std::optional<GuestSession> session_;
    double ended_cpu_seconds_ = 0;
    CodeRing ring_;
    wire_sequence header_{}; // of the sequence that was begun
};

} // namespace

std::unique_ptr<Target> make_qemu_system_target(const std::string& spec) {
    return make_qemu_system_target(parse_qemu_options(spec));
}

std::unique_ptr<Target> make_qemu_system_target(const QemuOptions& options) {
    return make_batch_target(std::make_unique<QemuSystemGuest>(options));
}

} // namespace mtecheck::difftest
