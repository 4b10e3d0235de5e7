// SPDX-License-Identifier: Apache-2.0
//
// What an implementation's ID registers say, as a Profile.
#pragma once

#include "difftest/core/target.h"
#include "difftest/qemu/wire.h"

namespace mtecheck::difftest {

/// Everything but the names that the user and the program gave (target, version, cpu).
Profile read_profile(const wire_control& control);

} // namespace mtecheck::difftest
