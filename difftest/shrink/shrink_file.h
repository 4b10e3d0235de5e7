// SPDX-License-Identifier: Apache-2.0
//
// Reducing a finding that is a file. While that goes on, FINDING.shrink beside it says how far it is (format
// mtecheck-shrink/1); it goes when the reduced case is in the finding.
//
// Invariant: whenever the process ends and however, the finding is complete, as it was or reduced, and going on gives
// the result of never having stopped.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "difftest/core/json_reader.h"
#include "difftest/shrink/shrinker.h"

namespace mtecheck::difftest {

inline constexpr std::string_view kShrinkSchema = "mtecheck-shrink/1";

/// The file that says how far the reduction of a finding is.
std::filesystem::path progress_file(const std::filesystem::path& finding);

OrderedJson to_json(const ShrinkProgress& progress);
ShrinkProgress shrink_progress_from_json(const JsonPlace& place);

/// Reduces a finding, which was read from `file` or is to be written there, and writes it. Goes on where a process
/// before this one stopped.
ShrinkEnd shrink_to_file(Finding& finding, const std::filesystem::path& file, Examiner& examiner, Target& target,
                         ShrinkSetup setup);

} // namespace mtecheck::difftest
