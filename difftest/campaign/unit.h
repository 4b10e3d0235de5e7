// SPDX-License-Identifier: Apache-2.0
//
// The unit of work of a campaign and what one worker brings back from it.
//
// Invariant: a UnitResult depends on the settings, the target and the unit only, never on another unit; but that of a
// guided unit also on the guided units of its shard before it.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "difftest/findings/finding.h"
#include "difftest/guided/guided_corpus.h"
#include "difftest/statistics/store_exclusives.h"

namespace mtecheck::difftest {

inline constexpr std::uint64_t kShards = 64;
inline constexpr std::uint64_t kSequencesPerUnit = 256;
inline constexpr std::uint64_t kGuidedEvery = 4; // of the units of a shard one is guided, the others are random

/// Consecutive sequences of one shard; units are numbered round-robin over the shards. A campaign that runs the path
/// corpus has units of that before these (see Runner).
struct Unit {
    explicit Unit(std::uint64_t unit_number) : number(unit_number) {}
    std::uint32_t shard() const { return static_cast<std::uint32_t>(number % kShards); }
    std::uint64_t first_index() const { return number / kShards * kSequencesPerUnit; }

    /// Whether its tests are guided by those of the units before in its shard, instead of random.
    bool guided() const { return (number / kShards + shard()) % kGuidedEvery == kGuidedEvery - 1; }

    std::uint64_t number;
};

/// Where the tests of a unit come from.
enum class Source : std::uint8_t { paths, random, guided };
inline constexpr std::array<std::string_view, 3> kSourceNames = {"paths", "random", "guided"};

/// What a guided unit kept for those that come after it in its shard.
struct GuidedResult {
    std::uint32_t shard = 0;
    std::vector<Origin> origins;
    std::shared_ptr<const GuidedCorpus> corpus; // with it; if anything was kept
};

/// What became of cases. Every case is in exactly one of agreed, explained, led_astray, unexplained, unsupported and
/// untestable.
struct Counts {
    std::uint64_t sequences = 0;
    std::uint64_t cases = 0;
    std::uint64_t instructions = 0; // executed by the model
    std::uint64_t agreed = 0;
    std::uint64_t agreed_by_choice = 0; // of agreed: with a choice that the architecture leaves open
    std::uint64_t explained = 0;        // diverged exactly as defects of the target that are known make it
    std::uint64_t led_astray = 0;       // diverged, and such defects lead it out of what the case defines
    std::uint64_t unexplained = 0;      // diverged otherwise, or crashed, hung or garbled
    std::uint64_t unsupported = 0;      // the target cannot set the case up
    std::uint64_t untestable = 0;       // the model has no verdict: too much is left open, or an allowed run escapes

    void add(const Counts& other);
    /// f(name, value) for each counter.
    template <class C, class F>
    static void each(C& counts, F&& f) {
        f("sequences", counts.sequences);
        f("cases", counts.cases);
        f("instructions", counts.instructions);
        f("agreed", counts.agreed);
        f("agreed_by_choice", counts.agreed_by_choice);
        f("explained", counts.explained);
        f("led_astray", counts.led_astray);
        f("unexplained", counts.unexplained);
        f("unsupported", counts.unsupported);
        f("untestable", counts.untestable);
    }
};

/// How often a requirement was at stake, in cases, and in how many of them a divergence speaks against it.
struct RequirementCount {
    std::uint64_t exercised = 0;
    std::uint64_t diverged = 0;
};

/// Divergences of one group that one unit met; the first few in the order of the unit, as candidates for examples.
struct UnitGroup {
    std::uint64_t cases = 0;
    std::vector<Finding> candidates;
};

struct UnitResult {
    Source source = Source::random;
    Counts counts;
    std::vector<RequirementCount> requirements;   // by spec::Requirement
    std::vector<std::uint64_t> encodings;         // cases that ran it, by spec::Encoding
    std::vector<std::uint64_t> coverage;          // cases by decision outcome
    std::map<std::string, std::uint64_t> choices; // cases that agreed by the choice of a don't-care
    StoreExclusives store_exclusives;
    std::map<std::string, std::uint64_t> unsupported; // cases by the reason that the target gives
    std::map<GroupKey, UnitGroup> groups;
    std::vector<std::uint32_t> paths_agreed;   // of the path corpus: paths of cases that agreed
    std::vector<std::uint32_t> paths_diverged; // and of cases that did not
    std::vector<std::string> saved;            // ids of the findings that were written when they were seen
    GuidedResult guided;

    // Times, in seconds; never part of what is compared.
    double generate_seconds = 0;
    double target_seconds = 0;
    double judge_seconds = 0;
    double target_cpu_seconds = 0;
    std::uint64_t target_restarts = 0;
};

} // namespace mtecheck::difftest
