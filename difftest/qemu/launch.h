// SPDX-License-Identifier: Apache-2.0
//
// Which QEMU to run, and how: from the words of the user to a command line.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace mtecheck::difftest {

struct QemuOptions {
    std::string spec;    // as the user wrote it
    std::string program; // the binary, or a launcher that ends by executing it
    std::string cpu = "max";
    bool mte = true;
    double case_seconds = 2; // CPU time that one case may take; twenty times that of wall time
    // The ring of code slots, longer than anything that the emulator's translation cache (8 MiB) can remember:
    // a block costs more than 128 bytes of it, and every slot (at most 192 bytes) holds one block or more.
    std::size_t code_bytes = std::size_t{16} << 20;
};

/// `qemu-system[:WHICH][,cpu=NAME][,mte=on|off][,timeout=SECONDS]`. WHICH is a path (it contains a slash) or a
/// version such as 10.0, found in the cache of fetch-qemu or, if it is of that version, on PATH.
/// Throws InputError for a malformed spec, TargetError if there is no such program.
QemuOptions parse_qemu_options(const std::string& spec);

/// The first line of `--version`. Throws TargetError if the program cannot be run.
std::string qemu_version(const std::string& program);

/// The command line for a guest whose memory is the file `memory_path`.
std::vector<std::string> qemu_command(const QemuOptions& options, const std::string& version,
                                      const std::string& memory_path);

} // namespace mtecheck::difftest
