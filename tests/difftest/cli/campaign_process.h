// SPDX-License-Identifier: Apache-2.0
//
// What a campaign leaves behind, for tests that run one as a process of its own.
#pragma once

#include <catch2/catch_test_macros.hpp>
#include <chrono>
#include <filesystem>
#include <map>
#include <string>
#include <thread>

#include "difftest/core/json.h"

namespace mtecheck::difftest {

inline void pause(std::uint64_t milliseconds) { std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds)); }

/// The report without "times", which comes last: the very bytes.
inline std::string report_of(const std::filesystem::path& directory) {
    const std::string text = read_file((directory / "report.json").string());
    const std::size_t end = text.rfind("\n  \"times\": {");
    REQUIRE(end != std::string::npos);
    return text.substr(0, end);
}

/// Every file of a directory, by name.
inline std::map<std::string, std::string> files_of(const std::filesystem::path& directory) {
    std::map<std::string, std::string> files;
    for (const auto& entry : std::filesystem::directory_iterator(directory)) {
        files[entry.path().filename().string()] = read_file(entry.path().string());
    }
    return files;
}

/// Every finding of a campaign, by file name.
inline std::map<std::string, std::string> findings_of(const std::filesystem::path& directory) {
    return files_of(directory / "findings");
}

} // namespace mtecheck::difftest
