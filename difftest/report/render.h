// SPDX-License-Identifier: Apache-2.0
//
// Parts of the readable view of a report, and what they are written with.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "difftest/core/json_reader.h"
#include "difftest/findings/finding.h"

namespace mtecheck::difftest::rendering {

inline constexpr std::size_t kMaxItems = 100000;
inline constexpr std::uint64_t kMaxCount = std::uint64_t{1} << 62;

/// With a comma between thousands.
std::string grouped(std::uint64_t number);
std::string plural(std::uint64_t number, const std::string& noun);
/// With commas between; how many more there are, from `limit` on.
std::string joined(const std::vector<std::string>& words, std::size_t limit = kMaxItems);

/// How many cases had which verdict; requirements, coverage, paths, and what is measured over all cases.
std::string totals_text(const JsonPlace& report);

/// What diverged: by cause, unexplained with examples, by known defect with an example, and the waivers. `directory` is
/// that of the findings.
std::string divergences_text(const JsonPlace& report, const std::vector<Finding>& findings,
                             const std::string& directory);

} // namespace mtecheck::difftest::rendering
