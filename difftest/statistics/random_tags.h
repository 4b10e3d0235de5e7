// SPDX-License-Identifier: Apache-2.0
//
// The one requirement that no single case can decide: with GCR_EL1.RRND = 1 an implementation chooses the tags of IRG
// itself, "with a distribution no worse than" that of RRND = 0 (Arm ARM, GCR_EL1.RRND). So many draws are made with
// some sets of excluded tags, and counted.
//
// Where the number of allowed tags divides 16 and the tag to start from, RGSR_EL1.TAG, is one of them, RRND = 0 gives
// each the same share: its offset is uniform over 16 and counts modulo that number. So the reference is the uniform
// distribution, and Pearson's chi-square test says whether the draws could be of it. With other sets only exclusion is
// tested. (From an excluded tag, offsets 0 and 1 of AArch64.ChooseNonExcludedTag both lead to the next allowed one.)
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "difftest/core/json_reader.h"
#include "difftest/core/target.h"

namespace mtecheck::difftest {

/// The probability that a right implementation fails, over all tests together.
inline constexpr double kSignificance = 1e-6;

inline constexpr std::string_view kRandomTagRequirement = "MTE-IRG-008";

struct TagDraws {
    std::uint16_t exclude = 0; // GCR_EL1.Exclude
    std::uint64_t draws = 0;
    std::array<std::uint64_t, 16> counts{}; // by tag
    bool uniform_expected = false;          // then these count:
    double chi_square = 0;
    double critical = 0; // of chi_square, at this test's share of kSignificance

    unsigned allowed() const; // how many tags
    std::uint64_t excluded_drawn() const;
    bool passed() const { return excluded_drawn() == 0 && (!uniform_expected || chi_square <= critical); }
};

struct RandomTagStatistics {
    std::vector<TagDraws> draws; // none: not applicable
    std::string why;             // it is not
    bool applicable() const { return why.empty(); }
    bool passed() const;
};

/// Runs the draws on a target. Throws as its run() does.
RandomTagStatistics measure_random_tags(Target& target);

/// What is the same for every run of a right implementation: what was asked, and the verdicts.
OrderedJson to_json(const RandomTagStatistics& statistics);
/// What was counted, which differs from run to run where the target has randomness of its own.
OrderedJson measured_json(const RandomTagStatistics& statistics);

/// Of {"why_not": TEXT} or {"sets": measured_json()}. InputError if it is neither.
RandomTagStatistics random_tags_from_json(const JsonPlace& place);

} // namespace mtecheck::difftest
