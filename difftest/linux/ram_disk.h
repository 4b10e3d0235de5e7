// SPDX-License-Identifier: Apache-2.0
//
// The initial RAM disk of a guest: cpio, format newc, which every Linux takes.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace mtecheck::difftest {

/// One whose /init is this program, with these kernel modules, or other programs, as /module-a, /module-b and so on: at
/// most 26.
std::vector<std::uint8_t> initial_ram_disk(std::span<const std::uint8_t> init, std::span<const std::string> modules);

} // namespace mtecheck::difftest
