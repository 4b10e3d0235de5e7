// SPDX-License-Identifier: Apache-2.0
//
// The golden corpus against the model: is what Arm's pseudocode did one of the outcomes that the model allows?
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <vector>

#include "difftest/golden/golden_file.h"
#include "difftest/judge/judge.h"

namespace mtecheck::difftest {

struct GoldenCounts {
    std::uint64_t cases = 0;
    std::uint64_t agreed = 0;
    std::uint64_t by_choice = 0; // of those agreed: the pseudocode's outcome is not the model's first one
    std::uint64_t diverged = 0;

    GoldenCounts& operator+=(const GoldenCounts& other);
};

/// Called for each divergence; the case's expectation is judge.expectation().
using OnGoldenDivergence = std::function<void(const GoldenCase& golden, const Verdict& verdict)>;

/// Runs all records of a golden file. `judge` may hold a mutant.
GoldenCounts run_golden(const std::filesystem::path& file, Judge& judge, const OnGoldenDivergence& on_divergence);

/// The golden files in a directory, sorted by name; a file stands for itself.
std::vector<std::filesystem::path> golden_files(const std::filesystem::path& path);

} // namespace mtecheck::difftest
