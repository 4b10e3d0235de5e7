// SPDX-License-Identifier: Apache-2.0
//
// mtecheck campaign: from options to a campaign, and from its end to a report and an exit status.
#include <algorithm>
#include <atomic>
#include <iostream>
#include <limits>
#include <optional>

#include "difftest/campaign/campaign.h"
#include "difftest/cli/limits.h"
#include "difftest/cli/verbs.h"
#include "difftest/core/error.h"
#include "difftest/core/json.h"
#include "difftest/report/report.h"

namespace mtecheck::difftest {
namespace {

constexpr const char* kText =
    "Generates instruction sequences, runs them on the target and on the model, and compares every field of the\n"
    "outcomes. What diverges is grouped by the known defect that explains it, else by its signature. Ends with a\n"
    "summary on standard output and DIRECTORY/report.json; every finding is a file that `mtecheck replay` takes.\n\n"
    "First come the cases of the path corpus, one for each path of the model that is feasible, then generated ones.\n"
    "Without --cases and --for a campaign takes about a minute. The same seed gives the same cases, and with\n"
    "--cases the same report whatever the number of workers, except for its section \"times\".\n\n"
    "At its end it reduces the first example of each cause to what matters (see `mtecheck shrink`).\n\n"
    "Ctrl-C, kill -9, a full disk or a crash of the target lose nothing: go on with --resume DIRECTORY.\n\n"
    "exit status: 0 all agree; 1 something diverges (known defects of the target included) and is not waived; 2 could\n"
    "not run; 125 the target supports no case; 130 interrupted\n";
constexpr const char* kDefaultTime = "55s";

Settings settings_of(const Options& options) {
    Settings settings;
    settings.target = options.get("target");
    settings.seed = options.number("seed", 0, std::numeric_limits<std::uint64_t>::max());
    settings.guided = !options.given("no-guided");
    settings.stop_at_first = options.given("stop-at-first");
    settings.shrink = !options.given("no-shrink");
    settings.max_groups = options.number("max-groups", 1, kMostGroups);
    settings.paths = path_directory(options);
    settings.corpus = corpus_of(options);
    settings.distil = options.given("distil");
    if (settings.distil && !settings.guided)
        throw UsageError("mtecheck campaign: --distil keeps what guided generation found: leave out --no-guided");
    if (options.given("shards")) {
        const auto shards = ShardSet::parse(options.get("shards"));
        if (!shards) {
            throw UsageError("mtecheck campaign: --shards " + options.get("shards") +
                             ": give a set of the shards 0 to 63, such as 0-15/64 or 3,8-11/64");
        }
        if (settings.stop_at_first) {
            throw UsageError("mtecheck campaign: --stop-at-first is about a whole campaign: leave out --shards");
        }
        if (!shards->all()) settings.shards = shards->text();
    }
    if (options.given("cases")) settings.cases = options.number("cases", 1, kMostCases);
    if (options.given("for") || !options.given("cases")) settings.seconds = options.seconds("for");
    return settings;
}

} // namespace

int conduct(Campaign& campaign, const Settings& settings, const std::filesystem::path& directory,
            const Options& options) {
    const unsigned workers = workers_of(options);
    const ProgressStyle style = progress_of(options);
    Citations proved = citations_of(options);
    if (options.given("waivers")) read_waivers(options.get("waivers")); // a mistake in it is told now, not at the end
    const std::atomic<bool>& interrupted = interrupted_by_signals();
    std::cerr << "mtecheck: " << campaign.profile().version << ", cpu " << campaign.profile().cpu << ", seed "
              << settings.seed << ", " << workers << (workers == 1 ? " worker" : " workers") << ", into "
              << directory.string() << "\n";
    Progress progress(style);
    if (campaign.run(workers, interrupted, progress) == CampaignEnd::interrupted) {
        std::cerr << "mtecheck: interrupted after " << campaign.tally().counts.cases
                  << " cases; go on with: mtecheck campaign --resume " << directory.string() << "\n";
        return kInterrupted;
    }
    const std::vector<Finding> findings = campaign.findings();
    const auto waivers = waivers_for(options, campaign.profile().target, campaign.profile().version);
    const ReportInput input = report_input(campaign, findings, std::move(proved), waivers ? &*waivers : nullptr);
    const std::string report = (directory / "report.json").string();
    write_durably(report, report_text(input));
    std::cout << render_report(input, (directory / "findings").string()) << "\nreport: " << report << "\n";
    return status_of(campaign.tally(), waivers);
}

int run_campaign(std::span<char* const> arguments) {
    Options options("campaign", "[OPTION...]", kText);
    declare_target(options, "qemu-system");
    options.value("cases", "N", "end after N cases, rounded up to a whole unit of work");
    options.value("for", "TIME", "end after this time, such as 90s, 5m or 1h", kDefaultTime);
    options.value("seed", "NUMBER", "which of the streams of cases to run", std::to_string(kDefaultSeed));
    declare_workers(options, "how many targets run at once");
    options.value("output", "DIRECTORY", "where campaign, findings and report go (default mtecheck-out/campaign-NNNN)");
    options.value("resume", "DIRECTORY", "go on with the campaign of this directory; its settings are kept");
    declare_paths(options);
    declare_corpus(options);
    options.flag("distil", "at the end leave in OUTPUT/corpus few cases that meet all that guided generation met");
    options.flag("no-guided", "draw all cases at random, apart from the path corpus");
    options.flag("no-shrink", "leave the examples of findings as they were found");
    options.value("max-groups", "N",
                  "keep so many groups of divergences apart that known defects explain, and so many others",
                  std::to_string(kMaxGroups));
    options.value(
        "shards", "SET",
        "run some of the 64 logical shards of the campaign only, such as 0-15/64; `mtecheck merge` joins results");
    options.flag("stop-at-first", "end after the first confirmed divergence that no known defect explains");
    declare_progress(options);
    declare_proofs(options);
    declare_defects(options);
    declare_waivers(options);
    if (!options.parse(arguments)) return kAgree;

    const bool resume = options.given("resume");
    if (resume) {
        for (const char* name : {"target", "cases", "for", "seed", "output", "paths", "no-guided", "no-shrink",
                                 "shards", "stop-at-first", "max-groups", "corpus", "distil"}) {
            if (options.given(name)) {
                throw UsageError("mtecheck campaign: --" + std::string(name) +
                                 " cannot be changed when a campaign is resumed: leave it out");
            }
        }
    }
    const std::filesystem::path directory = resume                    ? std::filesystem::path(options.get("resume"))
                                            : options.given("output") ? std::filesystem::path(options.get("output"))
                                                                      : free_directory("campaign");
    const Settings settings = resume ? Campaign::settings_of(directory) : settings_of(options);
    Factories factories{[spec = settings.target] { return make_target(spec); }, known_defects(options)};
    interrupted_by_signals(); // to load a campaign takes a while, too: Ctrl-C ends it as later on
    const auto campaign = resume ? Campaign::resume(directory, std::move(factories))
                                 : Campaign::start(settings, directory, std::move(factories));
    return conduct(*campaign, settings, directory, options);
}

} // namespace mtecheck::difftest
