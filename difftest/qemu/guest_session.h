// SPDX-License-Identifier: Apache-2.0
//
// One running QEMU with the monitor in it: boot, doorbell, answer, and how it failed.
//
// The guest's memory belongs to the caller and may outlive several sessions.
#pragma once

#include <cstdint>
#include <string>

#include "difftest/batch/doorbell.h"
#include "difftest/batch/file_descriptor.h"
#include "difftest/qemu/launch.h"
#include "difftest/qemu/page_tables.h"
#include "difftest/qemu/wire.h"

namespace mtecheck::difftest {

class GuestSession {
  public:
    /// Writes monitor, tables and control page into `memory`, starts QEMU, and waits until the monitor is ready.
    /// Throws TargetError.
    GuestSession(const QemuOptions& options, const std::string& version, SharedMemory& memory);

    /// Gives it the batch that is in area 0 or 1, behind one that may be running. False if the process has ended.
    bool post(unsigned area, std::size_t bytes);
    Answer wait(std::uint32_t command);

    /// Number of the batch posted last: part of the signature of its results.
    std::uint32_t command() const { return doorbell_.command(); }
    /// Index of the state of this batch that is or was run last; 0 if it was not begun.
    std::uint32_t progress(std::uint32_t command) const;
    /// For people, after died: how it ended and what it printed.
    std::string obituary();

    wire_control control() const;
    Process& process() const { return doorbell_.process(); }
    const PageTables& tables() const { return tables_; }

  private:
    volatile wire_control& shared() const;

    const QemuOptions& options_;
    SharedMemory& memory_;
    PageTables tables_;
    Doorbell doorbell_;
};

} // namespace mtecheck::difftest
