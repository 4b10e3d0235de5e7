// SPDX-License-Identifier: Apache-2.0
//
// Directories for tests that write files: below the build directory, empty at the start of the test, and of one process
// alone, since tests run side by side.
#pragma once

#include <unistd.h>

#include <filesystem>
#include <string>

#include "tests/places.h"

namespace mtecheck::difftest {

/// Where scratch_path() and scratch_directory() put `name` in this process; touches nothing.
inline std::filesystem::path scratch_place(const std::string& name) {
    return std::filesystem::path(mtecheck::places::build()) / "tests" / "scratch" /
           (name + "-" + std::to_string(getpid()));
}

inline std::filesystem::path scratch_path(const std::string& name) {
    const std::filesystem::path path = scratch_place(name);
    std::filesystem::remove_all(path);
    std::filesystem::create_directories(path.parent_path());
    return path;
}

inline std::filesystem::path scratch_directory(const std::string& name) {
    const std::filesystem::path path = scratch_path(name);
    std::filesystem::create_directories(path);
    return path;
}

} // namespace mtecheck::difftest
