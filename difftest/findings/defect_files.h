// SPDX-License-Identifier: Apache-2.0
//
// Where descriptions of known defects are read from, whatever they describe: a file, or a directory of files.
#pragma once

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "difftest/core/error.h"
#include "difftest/core/json_reader.h"

namespace mtecheck::difftest {

/// The *.json files of a directory, sorted; or the file itself. Throws InputError.
std::vector<std::filesystem::path> json_files(const std::filesystem::path& place);

/// All that `from_json` finds in these files, sorted by id. Two of one id are an InputError.
template <class Described>
std::vector<Described> read_described(const std::filesystem::path& place,
                                      std::vector<Described> (*from_json)(const JsonPlace&)) {
    std::vector<Described> result;
    for (const std::filesystem::path& path : json_files(place)) {
        const std::string file = path.string();
        const nlohmann::json document = parse_json(read_file(path), file);
        for (Described& described : from_json(JsonPlace(document, file))) {
            const auto same = [&](const Described& other) { return other.id == described.id; };
            if (std::any_of(result.begin(), result.end(), same)) {
                throw InputError(file, "",
                                 "defect \"" + described.id + "\" is described twice: give each an id of its own");
            }
            result.push_back(std::move(described));
        }
    }
    std::sort(result.begin(), result.end(), [](const auto& a, const auto& b) { return a.id < b.id; });
    return result;
}

} // namespace mtecheck::difftest
