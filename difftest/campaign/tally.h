// SPDX-License-Identifier: Apache-2.0
//
// What a campaign knows so far: the sum of its merged units. It is what a checkpoint holds and what a report is
// made of.
//
// Invariants: a function of the merged units only; its size is bounded (so many groups are kept apart, the rest
// is counted together), so that memory stays flat however long a campaign runs.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "difftest/campaign/groups.h"
#include "difftest/campaign/unit.h"
#include "difftest/core/json_reader.h"
#include "difftest/statistics/over_all_cases.h"
#include "difftest/statistics/random_tags.h"
#include "difftest/statistics/store_exclusives.h"

namespace mtecheck::difftest {

// What became of a path of the path corpus.
inline constexpr std::uint8_t kPathExercised = 1;
inline constexpr std::uint8_t kPathDiverged = 2;

/// How many elements the vectors indexed by tables of spec have.
struct TableSizes {
    std::size_t requirements = 0;
    std::size_t encodings = 0;
    std::size_t coverage = 0;
    std::size_t paths = 0;           ///< of the path corpus, for the target
    std::size_t groups = kMaxGroups; ///< see GroupTable
};

/// What the tests of one source contributed.
struct SourceTally {
    std::uint64_t cases = 0;
    std::uint64_t diverged = 0;
    std::vector<std::uint8_t> coverage; // 1: a case of it met the decision outcome
};

struct Times {
    double elapsed_seconds = 0;
    double generate_seconds = 0; // these are summed over workers
    double target_seconds = 0;
    double judge_seconds = 0;
    double target_cpu_seconds = 0;
    std::uint64_t target_restarts = 0;
    std::uint64_t interruptions = 0;
};

struct Tally {
    Tally() = default;
    explicit Tally(const TableSizes& sizes);

    /// Adds everything but the candidates of groups, which are for the caller to confirm and enter.
    void add(const UnitResult& result);
    /// Adds another part of the same campaign, but only the number of cases of its groups.
    void add(const Tally& part);
    std::uint64_t units = 0; // 0 .. units-1 are merged
    Counts counts;
    std::vector<RequirementCount> requirements;
    std::vector<std::uint64_t> encodings;
    std::vector<std::uint64_t> coverage;
    std::vector<std::uint8_t> paths; // by number: kPathExercised, kPathDiverged
    std::map<std::string, std::uint64_t> choices;
    StoreExclusives store_exclusives;
    std::map<std::string, std::uint64_t> unsupported;
    std::array<SourceTally, kSourceNames.size()> sources;
    std::optional<RandomTagStatistics> random_tags; // of a campaign that is complete
    std::uint64_t guided_kept = 0;                  // cases that guided units kept
    GroupTable groups;
    Times times;

    std::size_t covered() const;
    OverAllCases over_all_cases() const;
};

OrderedJson to_json(const Tally& tally);
/// InputError if the document is not a tally over tables of these sizes.
Tally tally_from_json(const JsonPlace& place, const TableSizes& sizes);

} // namespace mtecheck::difftest
