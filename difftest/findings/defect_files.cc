// SPDX-License-Identifier: Apache-2.0
#include "difftest/findings/defect_files.h"

#include <system_error>

namespace mtecheck::difftest {

std::vector<std::filesystem::path> json_files(const std::filesystem::path& place) {
    std::error_code error;
    if (std::filesystem::is_regular_file(place, error)) return {place};
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(place, error)) {
        if (entry.path().extension() == ".json") {
            files.push_back(entry.path());
        }
    }
    if (error) {
        throw InputError(place.string(), "", "is neither a directory nor a file that can be read: " + error.message());
    }
    std::sort(files.begin(), files.end());
    return files;
}

} // namespace mtecheck::difftest
