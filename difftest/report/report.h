// SPDX-License-Identifier: Apache-2.0
//
// The conformance report: JSON is the truth (mtecheck-report/1, schema in difftest/schema), text is a view of it.
//
// Invariant: everything outside "times" is a function of the settings and the target, byte for byte.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "difftest/campaign/settings.h"
#include "difftest/campaign/tally.h"
#include "difftest/core/json_reader.h"
#include "difftest/core/target.h"
#include "difftest/findings/defects.h"
#include "difftest/findings/finding.h"
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
};

/// The whole report as text. Findings are most of it; they never are a document in memory all at once, which would take
/// ten times as much.
std::string report_text(const ReportInput& input);

/// The report for people: what was compared, what diverged, grouped, with the shortest example of each group and how
/// to replay it. `findings` is the directory of the campaign's findings, as the reader may name it.
std::string render_report(const JsonPlace& report, const std::string& findings);
std::string render_report(const ReportInput& input, const std::string& findings);

/// The report but for its findings: "findings" is an empty list.
OrderedJson report_outline(const ReportInput& input);

} // namespace mtecheck::difftest
