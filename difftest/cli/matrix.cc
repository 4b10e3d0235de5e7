// SPDX-License-Identifier: Apache-2.0
//
// mtecheck matrix: one campaign on many targets, each in a directory of its own, and their reports side by side.
#include <algorithm>
#include <cctype>
#include <iostream>
#include <limits>
#include <nlohmann/json.hpp>

#include "difftest/campaign/campaign.h"
#include "difftest/campaign/identity.h"
#include "difftest/campaign/result_files.h"
#include "difftest/cli/limits.h"
#include "difftest/cli/verbs.h"
#include "difftest/core/error.h"
#include "difftest/core/hash.h"
#include "difftest/core/json.h"
#include "difftest/matrix/matrix.h"
#include "difftest/report/report.h"

namespace mtecheck::difftest {
namespace {

constexpr const char* kText =
    "Runs the same campaign (seed and number of cases, as far as the targets' features allow) on many targets, one\n"
    "after the other, and puts the reports side by side: which requirement holds on which target, and of every cause "
    "of\n"
    "divergences where it is and where it is gone. What differs between the targets comes first. DIRECTORY gets\n"
    "matrix.json (mtecheck-matrix/1), matrix.md, and the campaign of each target with its report and findings.\n\n"
    "  mtecheck matrix qemu-system:7.2 qemu-system:10.0 qemu-system:11.1\n"
    "  mtecheck matrix --from before/report.json after/report.json\n\n"
    "A target that cannot start is a row that says so. Whatever ends this, nothing is lost: the same command with the\n"
    "--output of before goes on where it was, and runs only what has no report yet; so a target can also be added.\n\n"
    "Give targets in the order of their versions: what an earlier one has and a later one has not is `gone`.\n\n"
    "exit status: 0 all agree; 1 something diverges on a target (known defects included) and is not waived; 2 could "
    "not\n"
    "run, or a target could not and no other diverges; 125 no target supports any case; 130 interrupted\n";
constexpr std::uint64_t kDefaultCases = 100000;
constexpr std::size_t kMostTargets = 1000;
constexpr std::size_t kMostNameBytes = 80; // of a directory
constexpr const char* kReportFile = "report.json";

/// The directory of a target: its name, as far as that may be one; a hash tells apart what looks alike then.
std::string directory_name(const std::string& target) {
    std::string name;
    bool plain = target.size() <= kMostNameBytes;
    for (const char c : target.substr(0, kMostNameBytes)) {
        const bool kept = std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '.' || c == '_' || c == '-';
        plain = plain && (kept || c == ':');
        name += kept ? c : '-';
    }
    if (plain) return name;
    Hash hash;
    hash.add(target);
    return name + "-" + hex_text(hash.value(), 16).substr(2, 8);
}

Settings settings_of(const Options& options) {
    Settings settings;
    settings.seed = options.number("seed", 0, std::numeric_limits<std::uint64_t>::max());
    settings.guided = !options.given("no-guided");
    settings.shrink = !options.given("no-shrink");
    settings.paths = path_directory(options);
    settings.corpus = corpus_of(options);
    if (options.given("for")) settings.seconds = options.seconds("for");
    if (options.given("cases") || !options.given("for")) settings.cases = options.number("cases", 1, kMostCases);
    return settings;
}

MatrixColumn read_column(const std::filesystem::path& report, const std::string& shown, const std::string& findings,
                         const Options& options) {
    const std::string file = report.string();
    const nlohmann::json document = parse_json(read_file(file, kMostReportBytes), file);
    const JsonPlace place(document, file);
    const JsonPlace target = place.member("target");
    const auto waivers = waivers_for(options, target.member("name").text(), target.member("version").text());
    return column_of(place, shown, findings, waivers.value_or(Waivers()));
}

/// What was begun in a directory must be what is asked for now.
void need_same(const std::filesystem::path& directory, const Settings& settings) {
    const CampaignFile file = read_campaign_file(directory);
    if (file.settings != settings)
        throw InputError(directory.string(), "",
                         "holds a campaign with other settings: give the same options, or another --output");
    if (file.mtecheck_version != mtecheck_version() || file.tables != tables_fingerprint() ||
        file.stream != stream_version())
        throw InputError(directory.string(), "",
                         "holds a campaign of another mtecheck, which draws other cases: give another --output");
}

/// Runs what is left of the campaign on a target, up to its report. False if it was interrupted.
bool complete(const Settings& settings, const std::filesystem::path& directory, const Options& options,
              const std::atomic<bool>& interrupted) {
    const bool begun = std::filesystem::exists(directory / kSettingsFile);
    if (begun) need_same(directory, settings);
    if (begun && std::filesystem::exists(directory / kReportFile)) return true;
    Factories factories{[spec = settings.target] { return make_target(spec); }, known_defects(options)};
    const auto campaign = begun ? Campaign::resume(directory, std::move(factories))
                                : Campaign::start(settings, directory, std::move(factories));
    std::cerr << "mtecheck: " << settings.target << ": " << campaign->profile().version << ", cpu "
              << campaign->profile().cpu << ", seed " << settings.seed << ", into " << directory.string() << "\n";
    Progress progress(progress_of(options));
    if (campaign->run(workers_of(options), interrupted, progress) == CampaignEnd::interrupted) return false;
    const std::vector<Finding> findings = campaign->findings();
    const auto waivers = waivers_for(options, settings.target, campaign->profile().version);
    write_durably(directory / kReportFile,
                  report_text(report_input(*campaign, findings, {}, waivers ? &*waivers : nullptr)));
    return true;
}

/// The columns of all targets; nothing if interrupted.
std::optional<std::vector<MatrixColumn>> run_all(const std::vector<std::string>& targets, Settings settings,
                                                 const std::filesystem::path& output, const Options& options) {
    const std::atomic<bool>& interrupted = interrupted_by_signals();
    std::vector<MatrixColumn> columns;
    for (const std::string& target : targets) {
        settings.target = target;
        const std::string name = directory_name(target);
        try {
            if (!complete(settings, output / name, options, interrupted)) return std::nullopt;
        } catch (const TargetError& error) {
            std::cerr << "mtecheck: " << target << ": " << error.what() << "\n";
            columns.push_back(column_without(target, error.what()));
            continue;
        }
        columns.push_back(
            read_column(output / name / kReportFile, name + "/" + kReportFile, name + "/findings", options));
    }
    return columns;
}

std::vector<MatrixColumn> read_all(const std::vector<std::string>& reports, const Options& options) {
    std::vector<MatrixColumn> columns;
    for (const std::string& report : reports) {
        std::filesystem::path file = report;
        if (std::filesystem::is_directory(file)) file /= kReportFile;
        const std::filesystem::path findings = file.parent_path() / kFindingsDirectory;
        columns.push_back(read_column(
            file, file.string(), std::filesystem::is_directory(findings) ? findings.string() : std::string(), options));
    }
    return columns;
}

/// A name that is wrong is told before anything is run; that there is no such program is for the table.
void need_targets(const std::vector<std::string>& targets) {
    std::map<std::string, std::string> directories;
    for (const std::string& target : targets) {
        try {
            make_target(target);
        } catch (const TargetError&) {
            // it says so when its turn comes
        }
        if (!directories.emplace(directory_name(target), target).second)
            throw UsageError("mtecheck matrix: " + target + " is named twice");
    }
}

int status_of(const Matrix& matrix) {
    if (matrix.diverged()) return kDiverge;
    if (!matrix.all_ran()) return kCouldNotRun;
    return matrix.any_compared() ? kAgree : kUntestable;
}

} // namespace

int run_matrix(std::span<char* const> arguments) {
    Options options("matrix", "TARGET TARGET... [OPTION...] | --from REPORT REPORT...", kText);
    options.flag("from", "join reports of campaigns (report.json, or its directory) instead of running any");
    options.value("cases", "N", "how many cases each campaign runs, rounded up to a whole unit of work",
                  std::to_string(kDefaultCases));
    options.value("for", "TIME", "end each campaign after this time, such as 90s; then they may run different cases");
    options.value("seed", "NUMBER", "which of the streams of cases to run", std::to_string(kDefaultSeed));
    declare_workers(options, "how many targets of a kind run at once");
    options.value("output", "DIRECTORY",
                  "where matrix and campaigns go, or are gone on with (default mtecheck-out/matrix-NNNN; with --from "
                  "no files are written)");
    declare_paths(options);
    declare_corpus(options);
    options.flag("no-guided", "draw all cases at random, apart from the path corpus");
    options.flag("no-shrink", "leave the examples of findings as they were found");
    declare_progress(options);
    declare_defects(options);
    declare_waivers(options);
    options.flag("json", "print the matrix as JSON");
    options.flag("markdown", "print the matrix as Markdown");
    options.positional(1, kMostTargets);
    if (!options.parse(arguments)) return kAgree;
    const bool from = options.given("from");
    if (from) {
        for (const char* name :
             {"cases", "for", "seed", "workers", "paths", "corpus", "no-guided", "no-shrink", "progress", "defects"}) {
            if (options.given(name))
                throw UsageError("mtecheck matrix: --" + std::string(name) +
                                 " is of the campaigns that wrote the reports: leave it out");
        }
    }
    if (options.given("json") && options.given("markdown"))
        throw UsageError("mtecheck matrix: give either --json or --markdown");
    if (options.given("waivers")) read_waivers(options.get("waivers")); // a mistake in it is told now, not at the end
    std::optional<std::filesystem::path> output;
    if (options.given("output"))
        output = options.get("output");
    else if (!from)
        output = free_directory("matrix");
    std::optional<std::vector<MatrixColumn>> columns;
    if (from) {
        columns = read_all(options.arguments(), options);
    } else {
        need_targets(options.arguments());
        columns = run_all(options.arguments(), settings_of(options), *output, options);
    }
    if (!columns) {
        std::cerr << "mtecheck: interrupted; go on with the same command and --output " << output->string() << "\n";
        return kInterrupted;
    }
    const Matrix matrix = join_columns(std::move(*columns));
    const std::string json = dump(to_json(matrix));
    const std::string markdown = to_markdown(matrix);
    if (output) {
        make_directory(*output);
        write_durably(*output / "matrix.json", json);
        write_durably(*output / "matrix.md", markdown);
    }
    if (options.given("json"))
        std::cout << json;
    else if (options.given("markdown"))
        std::cout << markdown;
    else
        std::cout << to_text(matrix) << (output ? "\nmatrix: " + (*output / "matrix.json").string() + "\n" : "");
    return status_of(matrix);
}

} // namespace mtecheck::difftest
