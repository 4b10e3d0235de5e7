// SPDX-License-Identifier: Apache-2.0
//
// mtecheck verify-patch: the same campaign before and after, and what became of each finding.
#include <iostream>
#include <limits>
#include <nlohmann/json.hpp>

#include "difftest/campaign/identity.h"
#include "difftest/cli/limits.h"
#include "difftest/cli/verbs.h"
#include "difftest/core/error.h"
#include "difftest/core/json.h"
#include "difftest/findings/files.h"
#include "difftest/patch/patch.h"

namespace mtecheck::difftest {
namespace {

constexpr const char* kText =
    "Says what a patch to an implementation did. Runs the same campaign (seed and number of cases) on the\n"
    "implementation before and after the patch, then the findings of both on both, each alone: what is\n"
    "fixed, introduced, changed, or still there. Prints Markdown to paste into a review; DIRECTORY keeps\n"
    "it as verdict.md, verdict.json (mtecheck-patch/1), and both campaigns, whose findings `mtecheck\n"
    "replay` takes.\n\n"
    "A divergence that changed for the better (of the known defects behind it some are gone and none is\n"
    "new, or of the fields that differed some agree) is not counted by the exit status, nor is what\n"
    "--waivers names. What no single case decides is counted: store-exclusives of a process made progress\n"
    "before the patch and none passes after it, or the tags that IRG chooses itself were drawn as they may\n"
    "be and are not now. The verdict calls that broken over all cases.\n\n"
    "  mtecheck verify-patch --before qemu-system --after qemu-system:build/qemu-system-aarch64\n\n"
    "exit status: 0 nothing is introduced, changed for the worse or broken over all cases; 1 something is;\n"
    "2 could not run; 130 interrupted\n";
constexpr std::uint64_t kDefaultCases = 300000;

/// Runs one side to its end; nothing if it was interrupted.
std::optional<PatchSide> run_side(const Settings& settings, const std::filesystem::path& directory,
                                  const Options& options, const std::atomic<bool>& interrupted) {
    const Factories factories{[spec = settings.target] { return make_target(spec); }, known_defects(options)};
    const auto campaign = Campaign::start(settings, directory, factories);
    std::cerr << "mtecheck: " << settings.target << ": " << campaign->profile().version << ", cpu "
              << campaign->profile().cpu << ", seed " << settings.seed << ", into " << directory.string() << "\n";
    Progress progress(progress_of(options));
    if (campaign->run(workers_of(options), interrupted, progress) == CampaignEnd::interrupted) return std::nullopt;
    if (campaign->tally().counts.agreed == 0) {
        throw ToolError("target " + settings.target + " agrees with the model in no case: nothing can be said of it");
    }
    return side_of(*campaign, directory, factories);
}

Settings settings_of(const Options& options) {
    Settings settings;
    settings.seed = options.number("seed", 0, std::numeric_limits<std::uint64_t>::max());
    settings.cases = options.number("cases", 1, kMostCases);
    settings.paths = path_directory(options);
    settings.corpus = corpus_of(options);
    return settings;
}

constexpr const char* kNewBaseline = ": run a campaign on the implementation before the patch again";

/// The settings with which the cases of a stored report are run again. InputError if they cannot be.
Settings settings_of(const JsonPlace& report, const PatchSide& side, const Options& options) {
    const auto same = [](const JsonPlace& place, const std::string& what, const std::string& now) {
        if (place.text() != now)
            place.fail("is " + place.text() + ", and " + what + " is " + now + ": it would not draw the same cases" +
                       kNewBaseline);
    };
    same(report.member("mtecheck").member("version"), "this mtecheck", mtecheck_version());
    same(report.member("mtecheck").member("tables"), "the fingerprint of these tables", tables_fingerprint());
    same(report.member("mtecheck").member("stream"), "the stream of tests of this mtecheck", stream_version());
    const JsonPlace campaign = report.member("campaign");
    Settings settings;
    same(campaign.member("generator"), "the generator of this mtecheck", settings.generator);
    settings.seed = side.seed;
    settings.guided = campaign.member("guided").boolean();
    if (const auto missing = campaign.find("missing_units"))
        missing->fail("says that the campaign is not complete: merge its parts again when all are there");
    if (const auto apart = campaign.find("ended_apart"))
        apart->fail("says that its parts ended by time: no single campaign runs the same cases" +
                    std::string(kNewBaseline) + " with --cases");
    if (const auto most = campaign.find("max_groups")) settings.max_groups = most->number(kMostGroups);
    settings.cases = side.counts.cases;
    if (settings.cases == 0) report.member("counts").member("cases").fail("is 0: there is nothing to compare with");
    if (const auto only = campaign.find("only")) {
        if (!ShardSet::parse(only->text())) only->fail("must be a set of shards such as \"0-15/64\"");
        if (const auto seconds = campaign.find("seconds"))
            seconds->fail("says that time may have ended these shards: no campaign runs the same cases" +
                          std::string(kNewBaseline) + " with --cases");
        settings.shards = only->text();
        settings.cases = campaign.member("cases").number(kMostCases);
    }
    settings.corpus = corpus_of(options);
    const auto corpus = campaign.find("corpus");
    if (corpus && settings.corpus.empty()) corpus->fail("says that it began with a corpus: name that with --corpus");
    if (!corpus && !settings.corpus.empty()) campaign.fail("began with no corpus: leave out --corpus");
    if (corpus && case_directory_fingerprint(settings.corpus) != corpus->text())
        corpus->fail("is not the corpus of " + settings.corpus + ": name the one that the baseline began with");
    if (const auto paths = report.find("paths")) {
        settings.paths = path_directory(options);
        const JsonPlace cases = paths->member("cases");
        if (settings.paths.empty() || path_cases_fingerprint(settings.paths) != cases.text())
            cases.fail("is not the path corpus of " + (settings.paths.empty() ? "--paths none" : settings.paths) +
                       ": name the one that the baseline ran with --paths");
    }
    return settings;
}

} // namespace

int run_verify_patch(std::span<char* const> arguments) {
    Options options("verify-patch", "--before TARGET --after TARGET [OPTION...]", kText);
    options.value("before", "TARGET", "the implementation without the patch; `mtecheck targets list` names the kinds");
    options.value("after", "TARGET", "the implementation with the patch");
    options.value("baseline", "REPORT",
                  "instead of --before: the report.json of a campaign on it, whose cases are run again");
    options.value("cases", "N", "how many cases each campaign runs", std::to_string(kDefaultCases));
    options.value("seed", "NUMBER", "which of the streams of cases to run", std::to_string(kDefaultSeed));
    declare_workers(options, "how many targets run at once");
    options.value("output", "DIRECTORY", "where both campaigns and the verdict go (default mtecheck-out/patch-NNNN)");
    declare_paths(options);
    declare_corpus(options);
    declare_progress(options);
    declare_defects(options);
    declare_waivers(options);
    options.flag("json", "print the verdict as JSON");
    if (!options.parse(arguments)) return kAgree;
    if (!options.given("after")) throw UsageError("mtecheck verify-patch: --after is missing");
    if (options.given("before") == options.given("baseline")) {
        throw UsageError("mtecheck verify-patch: give either --before or --baseline");
    }
    for (const char* name : {"cases", "seed"}) {
        if (options.given("baseline") && options.given(name)) {
            throw UsageError("mtecheck verify-patch: --" + std::string(name) +
                             " is that of the baseline: leave it out");
        }
    }
    if (options.given("waivers")) read_waivers(options.get("waivers")); // a mistake in it is told now, not at the end
    std::optional<PatchSide> before;
    Settings settings;
    if (options.given("baseline")) {
        const std::string file = options.get("baseline");
        const nlohmann::json document = parse_json(read_file(file, kMostReportBytes), file);
        const JsonPlace report(document, file);
        before = side_of(report);
        settings = settings_of(report, *before, options);
    } else {
        settings = settings_of(options);
    }
    const std::filesystem::path directory =
        options.given("output") ? std::filesystem::path(options.get("output")) : free_directory("patch");
    const std::atomic<bool>& interrupted = interrupted_by_signals();
    const auto stopped = [] {
        std::cerr << "mtecheck: interrupted\n";
        return kInterrupted;
    };
    if (!before) {
        settings.target = options.get("before");
        before = run_side(settings, directory / "before", options, interrupted);
        if (!before) return stopped();
    }
    settings.target = options.get("after");
    const auto after = run_side(settings, directory / "after", options, interrupted);
    if (!after) return stopped();
    const auto waivers = waivers_for(options, after->name, after->profile.version);
    const auto verdict = judge_patch(*before, *after, waivers.value_or(Waivers()), interrupted);
    if (!verdict) return stopped();
    const std::string json = dump(to_json(*verdict, *before, *after));
    const std::string markdown = to_markdown(*verdict, *before, *after);
    write_durably(directory / "verdict.json", json);
    write_durably(directory / "verdict.md", markdown);
    std::cout << (options.given("json") ? json : markdown);
    return verdict->regressed() ? kDiverge : kAgree;
}

} // namespace mtecheck::difftest
