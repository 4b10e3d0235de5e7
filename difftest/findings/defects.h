// SPDX-License-Identifier: Apache-2.0
//
// Known defects of targets, as data: corpus/defects/*.json (format mtecheck-defects/1). A defect is a set of
// mutations of the model; it explains a divergence when the model with these mutations agrees exactly with what the
// target did.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "difftest/core/json_reader.h"
#include "difftest/core/target.h"

namespace mtecheck::difftest {

inline constexpr std::string_view kDefectsSchema = "mtecheck-defects/1";

struct Defect {
    std::string id;
    std::string target;                 // pattern with * for the kind of target, e.g. "qemu-system*"
    std::vector<std::string> versions;  // patterns with * for what the target reports as its version
    std::vector<std::string> mutations; // of spec/mutations.json
    std::string summary;
    std::string pseudocode; // the function of Arm's pseudocode that it contradicts
    std::vector<std::string> requirements;
    std::vector<std::string> evidence; // cases of the corpus that show it
    std::string link;                  // where it was reported or fixed
};

/// Whether a whole text matches a pattern in which * stands for any text.
bool matches(std::string_view pattern, std::string_view text);

std::vector<Defect> defects_from_json(const JsonPlace& place);

/// All defects of a file, or of all *.json files of a directory, sorted by id. Two of one id are an InputError.
std::vector<Defect> read_defects(const std::filesystem::path& place);

/// Those that apply to what a target says of itself. A guest of an emulator ("Linux ... in QEMU emulator version ...")
/// has the defects of that, qemu-system, too.
std::vector<Defect> defects_of(const std::vector<Defect>& all, const Profile& profile);

} // namespace mtecheck::difftest
