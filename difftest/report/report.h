// SPDX-License-Identifier: Apache-2.0
//
// The conformance report: JSON is the truth (mtecheck-report/1, schema in difftest/schema), text is a view of it.
//
// Invariant: everything outside "times" is a function of the settings and the target, byte for byte; "waivers", if
// there are any, of their file and the date, too.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "difftest/campaign/settings.h"
#include "difftest/campaign/tally.h"
#include "difftest/core/json_reader.h"
#include "difftest/core/target.h"
#include "difftest/findings/defects.h"
#include "difftest/findings/finding.h"
#include "difftest/findings/waivers.h"
#include "difftest/paths/path_corpus.h"
#include "difftest/report/citations.h"

namespace mtecheck::difftest {

inline constexpr std::string_view kReportSchema = "mtecheck-report/1";

struct ReportInput {
    const CampaignFile& file;
    const Profile& profile;
    const Tally& tally;
    const std::vector<Defect>& defects;
    const std::vector<Finding>& findings;
    const PathCorpus* paths = nullptr; ///< if the campaign ran it
    Citations proved = {};             ///< of the model, whatever the target
    std::uint64_t missing_units = 0;   ///< of a joined campaign: that no result has
    bool ended_apart = false;          ///< of a joined campaign: its parts ended by time, each for itself
    const Waivers* waivers = nullptr;  ///< for the target; none: waivers were not asked for
};

/// The whole report as text. Findings are most of it; they never are a document in memory all at once, which would take
/// ten times as much.
std::string report_text(const ReportInput& input);

/// The report for people: what was compared, what diverged, grouped, with the shortest example of each group and how
/// to replay it. `findings` is the directory of the campaign's findings, as the reader may name it.
std::string render_report(const JsonPlace& report, const std::string& findings);
std::string render_report(const ReportInput& input, const std::string& findings);

/// The groups of a report, and how many cases each has.
std::vector<std::pair<GroupKey, std::uint64_t>> groups_of(const JsonPlace& report);
std::vector<std::pair<GroupKey, std::uint64_t>> groups_of(const Tally& tally);

/// The member "waivers" of a report.
OrderedJson waivers_json(const Waivers& waivers, const std::vector<std::pair<GroupKey, std::uint64_t>>& groups);

/// Whether a group is left that has cases and is not waived.
bool any_unwaived(const std::vector<std::pair<GroupKey, std::uint64_t>>& groups, const Waivers& waivers);

/// The report but for its findings: "findings" is an empty list.
OrderedJson report_outline(const ReportInput& input);

} // namespace mtecheck::difftest
