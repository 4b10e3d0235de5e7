// SPDX-License-Identifier: Apache-2.0
//
// Where mtecheck keeps what it can make or fetch again: by the XDG rules, in a directory of the user's.
#pragma once

#include <filesystem>
#include <optional>
#include <string_view>

namespace mtecheck::difftest {

/// $XDG_CACHE_HOME/mtecheck, or ~/.cache/mtecheck. Nothing if neither is known.
std::optional<std::filesystem::path> cache_directory();

/// Where `mtecheck targets install` puts the implementation of this name, such as qemu-system:10.0.
std::optional<std::filesystem::path> installation_directory(std::string_view name);

} // namespace mtecheck::difftest
