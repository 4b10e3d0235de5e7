// SPDX-License-Identifier: Apache-2.0
//
// What a connection did to bytes.
#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace mtecheck::difftest {

/// For people: the first byte that came otherwise than it was sent, or not at all, or that nobody sent. Empty if all
/// that came is as it was sent, of which there may be more.
std::string changed_bytes(std::span<const std::uint8_t> sent, std::span<const std::uint8_t> came);

} // namespace mtecheck::difftest
