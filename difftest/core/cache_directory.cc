// SPDX-License-Identifier: Apache-2.0
#include "difftest/core/cache_directory.h"

#include <algorithm>
#include <cstdlib>
#include <string>

namespace mtecheck::difftest {

std::optional<std::filesystem::path> cache_directory() {
    // A path that is not absolute is invalid by the XDG rules.
    if (const char* const xdg = std::getenv("XDG_CACHE_HOME"); xdg != nullptr && *xdg == '/')
        return std::filesystem::path(xdg) / "mtecheck";
    if (const char* const home = std::getenv("HOME"); home != nullptr && *home == '/')
        return std::filesystem::path(home) / ".cache" / "mtecheck";
    return std::nullopt;
}

std::optional<std::filesystem::path> installation_directory(std::string_view name) {
    const auto cache = cache_directory();
    if (!cache) return std::nullopt;
    std::string directory(name);
    std::replace(directory.begin(), directory.end(), ':', '-'); // a library path is separated by colons
    return *cache / "targets" / directory;
}

} // namespace mtecheck::difftest
