// SPDX-License-Identifier: Apache-2.0
//
// The agent (difftest/linux/agent), compiled for AArch64 and embedded: the bytes of its ELF file.
#pragma once

#include <cstdint>
#include <span>

namespace mtecheck::difftest {

std::span<const std::uint8_t> agent_image();

} // namespace mtecheck::difftest
