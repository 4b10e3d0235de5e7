// SPDX-License-Identifier: Apache-2.0
//
// Looking at processes from outside, by /proc.
#pragma once

#include <sys/types.h>

#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

namespace mtecheck::difftest {

/// The processes whose parent is `parent`.
inline std::vector<pid_t> children_of(pid_t parent) {
    std::vector<pid_t> found;
    for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
        const std::string name = entry.path().filename().string();
        pid_t pid = 0;
        if (std::from_chars(name.data(), name.data() + name.size(), pid).ec != std::errc()) continue;
        std::ifstream file(entry.path() / "stat");
        std::string text;
        std::getline(file, text);
        const std::size_t behind_name = text.rfind(") ");
        if (behind_name == std::string::npos) continue;
        // "S 1234 ...": state and parent
        if (std::atoi(text.c_str() + behind_name + 4) == parent) found.push_back(pid);
    }
    return found;
}

/// The arguments of a process, each followed by a zero; empty if it has ended.
inline std::string arguments_of(pid_t pid) {
    std::ifstream file("/proc/" + std::to_string(pid) + "/cmdline", std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

/// The most memory that a process has had resident so far, in MiB; 0 if it has ended.
inline double peak_memory_of(pid_t pid) {
    std::ifstream file("/proc/" + std::to_string(pid) + "/status");
    constexpr std::string_view kLabel = "VmHWM:";
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with(kLabel)) return std::atof(line.c_str() + kLabel.size()) / 1024;
    }
    return 0;
}

} // namespace mtecheck::difftest
