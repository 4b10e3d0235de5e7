// SPDX-License-Identifier: Apache-2.0
//
// mtecheck campaign: from options to a campaign, and from its end to a report and an exit status.
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <iostream>
#include <limits>

#include "difftest/campaign/campaign.h"
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
    "exit status: 0 all agree; 1 something diverges (known defects of the target included); 2 could not run;\n"
    "125 the target supports no case; 130 interrupted\n";
constexpr const char* kDefaultTime = "55s";
constexpr std::array<std::string_view, 4> kProgressWords = {"auto", "none", "line", "json"};

std::filesystem::path free_directory() {
    for (unsigned number = 1;; ++number) {
        std::string digits = std::to_string(number);
        digits.insert(0, digits.size() < 4 ? 4 - digits.size() : 0, '0');
        const std::filesystem::path path = "mtecheck-out/campaign-" + digits;
        if (!std::filesystem::exists(path)) return path;
    }
}

ProgressStyle progress_of(const Options& options) {
    const std::string word = options.choice("progress", kProgressWords);
    if (word == "line") return ProgressStyle::line;
    if (word == "json") return ProgressStyle::json;
    return word == "auto" && ::isatty(STDERR_FILENO) != 0 ? ProgressStyle::line : ProgressStyle::none;
}

Settings settings_of(const Options& options) {
    Settings settings;
    settings.target = options.get("target");
    settings.seed = options.number("seed", 0, std::numeric_limits<std::uint64_t>::max());
    settings.guided = !options.given("no-guided");
    settings.stop_at_first = options.given("stop-at-first");
    settings.shrink = !options.given("no-shrink");
    settings.paths = path_directory(options);
    if (options.given("cases")) settings.cases = options.number("cases", 1, std::uint64_t{1} << 48);
    if (options.given("for") || !options.given("cases")) settings.seconds = options.seconds("for");
    return settings;
}

int status_of(const Tally& tally) {
    if (tally.counts.explained + tally.counts.led_astray + tally.counts.unexplained != 0) return kDiverge;
    return tally.counts.agreed == 0 ? kUntestable : kAgree;
}

} // namespace

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
    options.flag("no-guided", "draw all cases at random, apart from the path corpus");
    options.flag("no-shrink", "leave the examples of findings as they were found");
    options.flag("stop-at-first", "end after the first confirmed divergence that no known defect explains");
    options.value("progress", "STYLE", "none, line, json, or auto: a line on a terminal", "auto");
    options.value("proofs", "FILE", "what `mtecheck prove --json` wrote, for the rows of requirements to cite");
    declare_defects(options);
    if (!options.parse(arguments)) return kAgree;

    const bool resume = options.given("resume");
    if (resume) {
        for (const char* name :
             {"target", "cases", "for", "seed", "output", "paths", "no-guided", "no-shrink", "stop-at-first"}) {
            if (options.given(name)) {
                throw UsageError("mtecheck campaign: --" + std::string(name) +
                                 " cannot be changed when a campaign is resumed: leave it out");
            }
        }
    }
    const unsigned workers = workers_of(options);
    const ProgressStyle style = progress_of(options);
    const std::filesystem::path directory = resume                    ? std::filesystem::path(options.get("resume"))
                                            : options.given("output") ? std::filesystem::path(options.get("output"))
                                                                      : free_directory();
    const Settings settings = resume ? Campaign::settings_of(directory) : settings_of(options);
    Citations proved;
    if (options.given("proofs")) {
        const std::string file = options.get("proofs");
        const nlohmann::json document = parse_json(read_file(file), file);
        proved = citations_from_json(JsonPlace(document, file));
    }
    Factories factories{[spec = settings.target] { return make_target(spec); }, known_defects(options)};

    const std::atomic<bool>& interrupted = interrupted_by_signals();
    const auto campaign = resume ? Campaign::resume(directory, std::move(factories))
                                 : Campaign::start(settings, directory, std::move(factories));
    std::cerr << "mtecheck: " << campaign->profile().version << ", cpu " << campaign->profile().cpu << ", seed "
              << settings.seed << ", " << workers << (workers == 1 ? " worker" : " workers") << ", into "
              << directory.string() << "\n";
    Progress progress(style);
    if (campaign->run(workers, interrupted, progress) == CampaignEnd::interrupted) {
        std::cerr << "mtecheck: interrupted after " << campaign->tally().counts.cases
                  << " cases; go on with: mtecheck campaign --resume " << directory.string() << "\n";
        return kInterrupted;
    }
    const std::vector<Finding> findings = campaign->findings();
    const ReportInput input{campaign->file(), campaign->profile(), campaign->tally(), campaign->defects(),
                            findings,         campaign->paths(),   std::move(proved)};
    const std::string report = (directory / "report.json").string();
    write_durably(report, report_text(input));
    std::cout << render_report(input, (directory / "findings").string()) << "\nreport: " << report << "\n";
    return status_of(campaign->tally());
}

} // namespace mtecheck::difftest
