// SPDX-License-Identifier: Apache-2.0
//
// Which QEMU to run, and how: from the words of the user to a command line.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mtecheck::difftest {

struct QemuOptions {
    std::string spec;    // as the user wrote it
    std::string program; // the binary, or a launcher that ends by executing it
    std::string cpu = "max";
    std::string cpu_properties;     // what follows the name of the CPU: ",NAME=VALUE" for each
    std::string machine_properties; // and the monitor's own settings of the machine
    bool mte = true;
    double case_seconds = 2; // CPU time that one case may take; twenty times that of wall time
    // The ring of code slots, longer than anything that the emulator's translation cache (8 MiB) can remember:
    // a block costs more than 128 bytes of it, and every slot (at most 192 bytes) holds one block or more.
    std::size_t code_bytes = std::size_t{16} << 20;
};

/// What is installed, and what the options are about.
struct QemuKind {
    std::string_view name;                    // "qemu-system"
    std::array<std::string_view, 2> programs; // on PATH; an installation has the first
    std::string_view package;                 // Debian's
    bool has_machine;                         // machine.PROPERTY and mte are options
};
inline constexpr QemuKind kQemuSystem{
    "qemu-system", {"qemu-system-aarch64", "qemu-system-aarch64"}, "qemu-system-arm", true};
inline constexpr QemuKind kQemuUser{"qemu-user", {"qemu-aarch64", "qemu-aarch64-static"}, "qemu-user", false};

/// `qemu-system[:WHICH][,OPTION=VALUE...]`; the options are cpu=NAME, cpu.PROPERTY=VALUE, machine.PROPERTY=VALUE,
/// mte=on|off and timeout=SECONDS. WHICH is a path (it contains a slash) or a version such as 10.0, one that was
/// installed with `mtecheck targets install` or, if it is of that version, the one on PATH.
/// Throws InputError for a malformed spec, TargetError if there is no such program.
QemuOptions parse_qemu_options(const std::string& spec, const QemuKind& kind = kQemuSystem);

/// The first line of `--version`. Throws TargetError if the program cannot be run.
std::string qemu_version(const std::string& program);

/// Major and minor, {7, 2} of "QEMU emulator version 7.2.22 (...)"; zeros if there is none.
std::pair<int, int> version_number(const std::string& line);

/// The CPU and its properties, for -cpu.
std::string cpu_of(const QemuOptions& options, const std::string& version);

/// The command line for a guest whose memory is the file `memory_path`.
std::vector<std::string> qemu_command(const QemuOptions& options, const std::string& version,
                                      const std::string& memory_path);

} // namespace mtecheck::difftest
