// SPDX-License-Identifier: Apache-2.0
//
// The test of the tester: the default campaign against the model with each of its deliberate faults. The score is how
// many of them it finds.
//
// Invariant: how many cases a fault takes to be found is a function of seed and path corpus; the time is not.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "difftest/campaign/settings.h"
#include "difftest/core/json_reader.h"
#include "spec/gen/mutations.h"

namespace mtecheck::difftest {

inline constexpr std::string_view kSelftestSchema = "mtecheck-selftest/1";
inline constexpr std::uint64_t kSelftestSeconds = 60; // for each fault

struct SelftestSettings {
    std::uint64_t seconds = kSelftestSeconds;
    std::uint64_t seed = kDefaultSeed;
    std::string paths;                     // directory of the path corpus; empty: without
    std::vector<spec::Mutation> mutations; // which faults to plant
    unsigned workers = 1;                  // campaigns at a time, with one worker each
    std::filesystem::path directory;       // for the campaigns, one at a time for each worker
};

struct FaultScore {
    spec::Mutation mutation{};
    bool found = false;      // a confirmed divergence
    bool recognised = false; // a finding says that it behaves like the model with this fault
    double seconds = 0;
    std::uint64_t cases = 0; // that the campaign took
    std::string generator;   // of the first finding
    std::string signature;   // of the first group
};

/// A family of requirements, such as CHK of MTE-CHK-003, and the faults that break one of it.
struct RequirementFamily {
    std::string name;
    std::size_t requirements = 0;
    std::size_t testable = 0; // on the model: within scope, and of a feature that it has
    std::size_t mutations = 0;
    bool covered() const { return testable == 0 || mutations != 0; }
};

/// Those whose names match one of the patterns (* is any text), or all; without those that are beyond campaigns.
/// InputError for a pattern that matches nothing.
std::vector<spec::Mutation> select_mutations(const std::vector<std::string>& patterns);

/// `done` is called after each fault, never concurrently. Faults that were not begun before `interrupt` was set are
/// left out.
std::vector<FaultScore> run_selftest(const SelftestSettings& settings, const std::atomic<bool>& interrupt,
                                     const std::function<void(const FaultScore&)>& done = {});

std::vector<RequirementFamily> requirement_families();

struct SelftestResult {
    SelftestSettings settings;
    std::vector<FaultScore> scores;
    std::vector<RequirementFamily> families;

    std::size_t found() const;
    /// Every fault was found, and no family is without one.
    bool passed() const;
};

OrderedJson to_json(const SelftestResult& result);
std::string to_text(const SelftestResult& result);
/// One line about one fault.
std::string to_text(const FaultScore& score);

} // namespace mtecheck::difftest
