// SPDX-License-Identifier: Apache-2.0
#include "difftest/core/directory_files.h"

#include <algorithm>

#include "difftest/core/error.h"
#include "difftest/core/hash.h"
#include "difftest/core/json_reader.h"

namespace mtecheck::difftest {

std::vector<std::filesystem::path> files_ending(const std::filesystem::path& directory, std::string_view end) {
    if (!std::filesystem::is_directory(directory)) throw InputError(directory.string(), "", "is no directory");
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(directory)) {
        if (entry.path().filename().string().ends_with(end)) files.push_back(entry.path());
    }
    std::sort(files.begin(), files.end());
    return files;
}

std::string fingerprint_of(std::span<const std::filesystem::path> files) {
    Hash hash;
    for (const auto& file : files) {
        hash.add(file.filename().string());
        hash.add(read_file(file));
    }
    return hex_text(hash.value(), 16);
}

} // namespace mtecheck::difftest
