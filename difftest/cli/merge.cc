// SPDX-License-Identifier: Apache-2.0
//
// mtecheck merge.
#include "difftest/campaign/merge.h"

#include <iostream>

#include "difftest/cli/verbs.h"
#include "difftest/findings/files.h"
#include "difftest/report/report.h"

namespace mtecheck::difftest {
namespace {

constexpr const char* kText =
    "Joins the results of campaigns that ran some shards each (campaign --shards), wherever they ran,\n"
    "into DIRECTORY, and writes the report that one campaign over all shards would have written: the same\n"
    "but for its section \"times\". A RESULT is the directory of a campaign. Their order does not matter;\n"
    "of two with the same shards the one that got further counts. Results that are not complete are\n"
    "merged as they are; what is missing is told, and is in the report. A joined result can be merged\n"
    "again if its parts were complete.\n\n"
    "exit status: 0 all agree; 1 something diverges and is not waived; 2 could not run; 125 nothing was\n"
    "compared\n";

} // namespace

int run_merge(std::span<char* const> arguments) {
    Options options("merge", "RESULT... --output DIRECTORY", kText);
    options.value("output", "DIRECTORY", "where the joined campaign, its findings and its report go");
    declare_paths(options);
    options.value("corpus", "DIRECTORY", "the corpus that the campaigns began with, if any");
    declare_proofs(options);
    declare_defects(options);
    declare_waivers(options);
    options.positional(1, 10000);
    if (!options.parse(arguments)) return kAgree;
    if (!options.given("output")) throw UsageError("mtecheck merge: --output DIRECTORY is missing");
    const std::filesystem::path directory = options.get("output");
    const Citations proved = citations_of(options);
    const MergedCampaign merged = merge_campaigns({options.arguments().begin(), options.arguments().end()}, directory,
                                                  path_directory(options), corpus_of(options));
    for (const std::string& remark : merged.remarks) std::cerr << "mtecheck: " << remark << "\n";
    const auto defects = defects_of(known_defects(options), merged.profile);
    const auto waivers = waivers_for(options, merged.file.settings.target, merged.profile.version);
    const ReportInput input{.file = merged.file,
                            .profile = merged.profile,
                            .tally = merged.tally,
                            .defects = defects,
                            .findings = merged.findings,
                            .paths = merged.stored.paths.get(),
                            .proved = proved,
                            .missing_units = merged.missing_units,
                            .ended_apart = merged.ended_apart,
                            .waivers = waivers ? &*waivers : nullptr};
    const std::string report = (directory / "report.json").string();
    write_durably(report, report_text(input));
    std::cout << render_report(input, (directory / "findings").string()) << "\nreport: " << report << "\n";
    return status_of(merged.tally, waivers);
}

} // namespace mtecheck::difftest
