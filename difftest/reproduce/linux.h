// SPDX-License-Identifier: Apache-2.0
//
// A case of a Linux process as an assembly file: its own start code, system calls, signal handler and comparison. It
// runs on any arm64 Linux and under qemu-aarch64.
#pragma once

#include <string>
#include <vector>

#include "difftest/core/case.h"
#include "difftest/core/target.h"
#include "difftest/reproduce/checks.h"

namespace mtecheck::difftest {

/// The case where the reproducer has it: its code begins behind what leads into it.
Case placed_for_linux(const Case& nominal);

/// An outcome of the nominal case, of that one.
Outcome placed_for_linux(const Outcome& outcome, const Case& nominal);

/// The program, of a case that was placed. Throws InputError if a process cannot set it up.
std::string linux_program(const Case& placed, const Profile& profile, const std::vector<Check>& checks);

/// How to link and to run it.
std::vector<std::string> linux_commands(const std::string& name, const Profile& profile);

} // namespace mtecheck::difftest
