// SPDX-License-Identifier: Apache-2.0
#include "difftest/qemu/guest_session.h"

#include <algorithm>
#include <array>
#include <cinttypes>
#include <cstdio>
#include <cstring>
#include <span>

#include "difftest/qemu/monitor_image.h"
#include "difftest/qemu/setup.h"

namespace mtecheck::difftest {

GuestSession::GuestSession(const QemuOptions& options, const std::string& version, SharedMemory& memory)
    : options_(options), memory_(memory) {
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
    inherited_path(doorbell_.bell()).copy(control.bell_path, WIRE_PATH_BYTES - 1);
    inherited_path(doorbell_.answer()).copy(control.answer_path, WIRE_PATH_BYTES - 1);
    control.ttbr0_el1 = tables_.lower;
    control.ttbr1_el1 = tables_.upper;
    control.ttbr0_el3 = tables_.el3;
    control.initial = initial_setup(tables_);
    std::memcpy(at(WIRE_CONTROL_PA, sizeof(control)).data(), &control, sizeof(control));

    const std::array inherited{memory_.descriptor(), doorbell_.bell(), doorbell_.answer()};
    doorbell_.start(qemu_command(options_, version, inherited_path(memory_.descriptor())), inherited);
    doorbell_.wait_until_ready("the monitor", [this] { return obituary(); });
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

std::uint32_t GuestSession::progress(std::uint32_t command) const { return progress_of(shared().queue, command); }

bool GuestSession::post(unsigned area, std::size_t bytes) {
    return doorbell_.post(shared().queue, WIRE_BATCH_PA + std::uint64_t{area} * WIRE_BATCH_BYTES, bytes);
}

Answer GuestSession::wait(std::uint32_t command) {
    return doorbell_.wait(shared().queue, command, options_.case_seconds);
}

std::string GuestSession::obituary() {
    process().wait(1); // it has closed its files; it may need a moment to end
    process().kill();
    std::string text = "QEMU ended with " + process().how_it_ended();
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
    const std::string output = process().output();
    return output.empty() ? text : text + ": " + output;
}

} // namespace mtecheck::difftest
