// SPDX-License-Identifier: Apache-2.0
#include "difftest/qemu/guest_session.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cinttypes>
#include <cstdio>
#include <cstring>
#include <span>

#include <poll.h>
#include <unistd.h>

#include "difftest/qemu/monitor_image.h"
#include "difftest/qemu/setup.h"

namespace mtecheck::difftest {

namespace {

constexpr double kBootSeconds = 20; // wall time, for one of several attempts; a loaded machine needs some
constexpr int kPollMilliseconds = 20;
constexpr double kWallToCpu = 20; // how much longer than its CPU time a case may take on a loaded machine

using Clock = std::chrono::steady_clock;

double since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

enum class Event { byte, end, nothing };

Event read_byte(int descriptor) {
    pollfd request{.fd = descriptor, .events = POLLIN, .revents = 0};
    if (::poll(&request, 1, kPollMilliseconds) <= 0) return Event::nothing;
    char byte = 0;
    const ssize_t got = ::read(descriptor, &byte, 1);
    if (got < 0 && (errno == EINTR || errno == EAGAIN)) return Event::nothing;
    return got == 1 ? Event::byte : Event::end;
}

} // namespace

GuestSession::GuestSession(const QemuOptions& options, const std::string& version, SharedMemory& memory)
    : options_(options), memory_(memory), bell_(make_pipe()), answer_(make_pipe()) {
    const auto at = [&](std::uint64_t pa, std::size_t bytes) {
        return std::span(memory_.data() + (pa - WIRE_RAM_PA), bytes);
    };
    const std::span<std::uint8_t> monitor = at(WIRE_MONITOR_PA, WIRE_TABLES_PA - WIRE_MONITOR_PA);
    std::fill(monitor.begin(), monitor.end(), std::uint8_t{0});
    const std::span<const std::uint8_t> image = monitor_image();
    std::copy(image.begin(), image.end(), monitor.begin());
    tables_ = build_page_tables(at(WIRE_TABLES_PA, WIRE_TABLES_BYTES), WIRE_TABLES_PA);

    wire_control control{};
    control.magic = WIRE_MAGIC;
    control.version = WIRE_VERSION;
    inherited_path(bell_.read.get()).copy(control.bell_path, WIRE_PATH_BYTES - 1);
    inherited_path(answer_.write.get()).copy(control.answer_path, WIRE_PATH_BYTES - 1);
    control.ttbr0_el1 = tables_.lower;
    control.ttbr1_el1 = tables_.upper;
    control.ttbr0_el3 = tables_.el3;
    control.initial = initial_setup(tables_);
    std::memcpy(at(WIRE_CONTROL_PA, sizeof(control)).data(), &control, sizeof(control));

    const std::array inherited{memory_.descriptor(), bell_.read.get(), answer_.write.get()};
    process_ =
        std::make_unique<Process>(qemu_command(options_, version, inherited_path(memory_.descriptor())), inherited);
    // From here on the end of the process is the end of the answers; its doorbell we keep open on both sides, so
    // that ringing it can never raise SIGPIPE.
    answer_.write.reset();

    const Clock::time_point start = Clock::now();
    for (Event event = Event::nothing; event != Event::byte;) {
        event = read_byte(answer_.read.get());
        if (event == Event::end) {
            const std::string text = "QEMU cannot run the monitor: " + obituary();
            if (!process_->exit_status()) throw LostAtBoot(text);
            throw TargetError(text);
        }
        if (event == Event::nothing && since(start) > kBootSeconds)
            throw LostAtBoot("the monitor in QEMU does not come up; QEMU says: " + process_->output());
    }
    if (shared().ready != WIRE_MAGIC) throw TargetError("the monitor in QEMU answers nonsense");
}

volatile wire_control& GuestSession::shared() const {
    return *reinterpret_cast<volatile wire_control*>(memory_.data() + (WIRE_CONTROL_PA - WIRE_RAM_PA));
}

wire_control GuestSession::control() const {
    wire_control copy;
    std::memcpy(&copy, memory_.data() + (WIRE_CONTROL_PA - WIRE_RAM_PA), sizeof(copy));
    return copy;
}

std::uint32_t GuestSession::progress() const { return shared().progress; }

bool GuestSession::post(unsigned area, std::size_t bytes) {
    if (!process_->running()) return false;
    volatile wire_control& control = shared();
    control.batch_pa = WIRE_BATCH_PA + std::uint64_t{area} * WIRE_BATCH_BYTES;
    control.batch_bytes = bytes;
    control.progress = 0;
    control.command = ++command_;
    return ::write(bell_.write.get(), "", 1) == 1;
}

GuestSession::Answer GuestSession::wait() {
    std::uint32_t seen = progress();
    Clock::time_point wall = Clock::now();
    double cpu = process_->cpu_seconds();
    for (;;) {
        switch (read_byte(answer_.read.get())) {
        case Event::byte:
            if (shared().done == command_) return Answer::done;
            break;
        case Event::end: return shared().done == command_ ? Answer::done : Answer::died;
        case Event::nothing:
            if (const std::uint32_t now = progress(); now != seen) {
                seen = now;
                wall = Clock::now();
                cpu = process_->cpu_seconds();
            } else if (process_->cpu_seconds() - cpu > options_.case_seconds ||
                       since(wall) > options_.case_seconds * kWallToCpu) {
                process_->kill();
                return Answer::runaway;
            }
        }
    }
}

std::string GuestSession::obituary() {
    process_->wait(1); // it has closed its files; it may need a moment to end
    process_->kill();
    std::string text = "QEMU ended with " + process_->how_it_ended();
    const volatile wire_control& control = shared();
    if (control.fault == WIRE_MAGIC) {
        std::array<char, 160> line{};
        std::snprintf(line.data(), line.size(),
                      " after an exception in the monitor (ESR 0x%" PRIx64 ", ELR 0x%" PRIx64 ", FAR 0x%" PRIx64 ")",
                      std::uint64_t{control.fault_esr}, std::uint64_t{control.fault_elr},
                      std::uint64_t{control.fault_far});
        text += line.data();
    } else if (control.ready != WIRE_MAGIC && control.boot_el != 0 && control.boot_el != 3) {
        text += " (the CPU starts at EL" + std::to_string(control.boot_el) + ", the monitor needs EL3)";
    }
    const std::string output = process_->output();
    return output.empty() ? text : text + ": " + output;
}

} // namespace mtecheck::difftest
