// SPDX-License-Identifier: Apache-2.0
//
// A case as a program for bare metal that starts at EL3.
#pragma once

#include <string>
#include <vector>

#include "difftest/core/case.h"
#include "difftest/core/target.h"
#include "difftest/reproduce/checks.h"

namespace mtecheck::difftest {

/// How to link and to run it.
std::vector<std::string> bare_metal_commands(const std::string& name, const Profile& profile);

/// Throws InputError for a case that target qemu-system cannot set up.
std::string bare_metal_program(const Case& value, const Profile& profile, const std::vector<Check>& checks);

} // namespace mtecheck::difftest
