// SPDX-License-Identifier: Apache-2.0
//
// The files of a directory that are of one kind, by how their names end: as a corpus is stored.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace mtecheck::difftest {

/// In the order of their names. InputError if there is no such directory.
std::vector<std::filesystem::path> files_ending(const std::filesystem::path& directory, std::string_view end);

/// A hash of the names and the bytes of files.
std::string fingerprint_of(std::span<const std::filesystem::path> files);

} // namespace mtecheck::difftest
