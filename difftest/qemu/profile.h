// SPDX-License-Identifier: Apache-2.0
//
// What an implementation's ID registers say, as a Profile.
#pragma once

#include <cstdint>
#include <span>

#include "difftest/core/record.h"
#include "difftest/core/target.h"

namespace mtecheck::difftest {

/// Everything but GMID_EL1 and the names that the user and the program gave (target, version, cpu).
Profile read_profile(std::span<const std::uint64_t, WIRE_ID_COUNT> id);

} // namespace mtecheck::difftest
