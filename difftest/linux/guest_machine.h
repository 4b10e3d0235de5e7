// SPDX-License-Identifier: Apache-2.0
//
// The machine of a guest: qemu-system-aarch64 with a kernel, the agent as its init, and a port between the agent and
// this process. It boots, or goes on from what was kept of one that booted.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "difftest/batch/command_pipe.h"

namespace mtecheck::difftest {

inline constexpr std::size_t kGuestMebibytes = 512;
/// How long one that boots may be silent, on a machine with other things to do.
inline constexpr double kBootSeconds = 300;

struct GuestMachine {
    std::string program; // qemu-system-aarch64
    std::string version; // the first line of its --version
    std::string cpu;     // for -cpu
    std::filesystem::path kernel;
    std::vector<std::uint8_t> ram_disk;
};

/// Boots it.
std::unique_ptr<CommandPipe> boot(const GuestMachine& machine);

/// Its memory in a file of kGuestMebibytes, and QEMU's monitor (qmp.h).
struct GuestFiles {
    int memory;
    int state;   // of everything else but memory
    int monitor; // QEMU's end of a pair of sockets
};

/// Boots it; what it writes to memory is written to the file.
std::unique_ptr<CommandPipe> boot(const GuestMachine& machine, const GuestFiles& files);

/// Starts it with the memory of the file, of which it has a copy of its own. It waits for its state.
std::unique_ptr<CommandPipe> wait_for_state(const GuestMachine& machine, const GuestFiles& files);

/// All that the command line says of the machine, whatever it starts from: two that differ have no snapshot in common.
std::string description(const GuestMachine& machine);

} // namespace mtecheck::difftest
