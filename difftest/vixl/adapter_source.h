// SPDX-License-Identifier: Apache-2.0
//
// The source of the adapter to VIXL's simulator, with the headers of this project that it needs in their places.
#pragma once

#include <cstdint>
#include <span>

namespace mtecheck::difftest {

std::span<const std::uint8_t> vixl_adapter_source();

} // namespace mtecheck::difftest
