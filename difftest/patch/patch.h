// SPDX-License-Identifier: Apache-2.0
//
// What a patch to an implementation changed: the findings of a campaign on the implementation before the patch, and of
// the same campaign on the one after it, each run alone on both. Format of the verdict: mtecheck-patch/1.
//
// Invariants:
//  - a finding is called fixed, introduced or changed only if both sides did the same twice, the second time on
//    freshly started targets;
//  - what cannot be told is called untestable, with the reason, never left out.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "difftest/campaign/campaign.h"
#include "difftest/findings/waivers.h"
#include "difftest/statistics/over_all_cases.h"

namespace mtecheck::difftest {

inline constexpr std::string_view kPatchSchema = "mtecheck-patch/1";

/// In the order in which they are told.
enum class Change : std::uint8_t { introduced, changed, still_there, fixed, untestable };

std::string_view to_string(Change change);

/// One of the two implementations, and what a campaign found on it.
struct PatchSide {
    std::string name; // as given on the command line
    Profile profile;
    std::string mtecheck_version;
    std::uint64_t seed = 0;
    Counts counts;
    OverAllCases over_all_cases;
    std::vector<std::pair<GroupKey, std::uint64_t>> groups; // and how many cases each has
    std::vector<Finding> findings;
    std::string directory; // of its findings, if they are files
    // Of a side that can still be run; a stored report has none.
    std::function<std::unique_ptr<Target>()> make_target;
    std::vector<Defect> defects; // that apply to it

    bool live() const { return static_cast<bool>(make_target); }
};

/// A side out of a campaign that has ended.
PatchSide side_of(const Campaign& campaign, const std::filesystem::path& directory, const Factories& factories);
/// A side out of a stored report.
PatchSide side_of(const JsonPlace& report);

/// What one side did with a case.
struct Look {
    enum class Kind : std::uint8_t { agrees, diverges, not_testable, not_known };
    Kind kind = Kind::not_known;
    std::string event; // how the run ended
    GroupKey key;      // of a divergence
    std::vector<Difference> differences;
    Outcome got; // of a divergence
    std::string note;

    bool operator==(const Look&) const = default;
};

/// A cause, and what the patch did to it. Findings that look alike before and after are one row.
struct PatchRow {
    Change change = Change::untestable;
    bool better = false; // of `changed`: less of it is left
    bool waived = false; // accepted by a waiver for the implementation after the patch
    Look before;         // of the first example
    Look after;
    std::vector<std::string> like;     // mutations of the model that do the same in every example; unless explained
    std::vector<std::string> examples; // ids of cases
    Finding finding;                   // the shortest of them
    std::string file;                  // of that, if it is one

    const GroupKey& key() const { return after.kind == Look::Kind::diverges ? after.key : before.key; }
    /// Whether the exit status says so.
    bool counts() const { return !waived && (change == Change::introduced || (change == Change::changed && !better)); }
};

struct PatchVerdict {
    std::vector<PatchRow> rows;            // in the order of Change
    std::vector<std::string> broken;       // of what no single case decides; for people
    std::uint64_t of(Change change) const; // how many rows
    bool regressed() const;
};

/// Runs the findings of both sides on both. `before` may be a stored report, `after` is live. Nothing if interrupted.
std::optional<PatchVerdict> judge_patch(const PatchSide& before, const PatchSide& after, const Waivers& waivers,
                                        const std::atomic<bool>& interrupt);

OrderedJson to_json(const PatchVerdict& verdict, const PatchSide& before, const PatchSide& after);
/// To paste into a review.
std::string to_markdown(const PatchVerdict& verdict, const PatchSide& before, const PatchSide& after);

} // namespace mtecheck::difftest
