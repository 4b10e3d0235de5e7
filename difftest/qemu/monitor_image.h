// SPDX-License-Identifier: Apache-2.0
//
// The monitor (difftest/qemu/guest/), compiled for AArch64 and embedded: the bytes to put at WIRE_MONITOR_PA.
#pragma once

#include <cstdint>
#include <span>

namespace mtecheck::difftest {

std::span<const std::uint8_t> monitor_image();

} // namespace mtecheck::difftest
