// SPDX-License-Identifier: Apache-2.0
//
// What verbs that run or report campaigns share: where results go, how they say how they are getting on, and the exit
// status of what was found.
#include <nlohmann/json.hpp>
#include <unistd.h>

#include <array>

#include "difftest/campaign/campaign.h"
#include "difftest/campaign/progress.h"
#include "difftest/cli/verbs.h"
#include "difftest/report/report.h"

namespace mtecheck::difftest {
namespace {

constexpr std::array<std::string_view, 4> kProgressWords = {"auto", "none", "line", "json"};

} // namespace

std::filesystem::path free_directory(const std::string& what) {
    for (unsigned number = 1;; ++number) {
        std::string digits = std::to_string(number);
        digits.insert(0, digits.size() < 4 ? 4 - digits.size() : 0, '0');
        const std::filesystem::path path = "mtecheck-out/" + what + "-" + digits;
        if (!std::filesystem::exists(path)) return path;
    }
}

void declare_progress(Options& options) {
    options.value("progress", "STYLE", "none, line, json, or auto: a line on a terminal", "auto");
}

ProgressStyle progress_of(const Options& options) {
    const std::string word = options.choice("progress", kProgressWords);
    if (word == "line") return ProgressStyle::line;
    if (word == "json") return ProgressStyle::json;
    return word == "auto" && ::isatty(STDERR_FILENO) != 0 ? ProgressStyle::line : ProgressStyle::none;
}

void declare_proofs(Options& options) {
    options.value("proofs", "FILE", "what `mtecheck prove --json` wrote, for the rows of requirements to cite");
}

Citations citations_of(const Options& options) {
    if (!options.given("proofs")) return {};
    const std::string file = options.get("proofs");
    const nlohmann::json document = parse_json(read_file(file), file);
    return citations_from_json(JsonPlace(document, file));
}

ReportInput report_input(const Campaign& campaign, const std::vector<Finding>& findings, Citations proved,
                         const Waivers* waivers) {
    return {.file = campaign.file(),
            .profile = campaign.profile(),
            .tally = campaign.tally(),
            .defects = campaign.defects(),
            .findings = findings,
            .paths = campaign.paths(),
            .proved = std::move(proved),
            .waivers = waivers};
}

int status_of(const Tally& tally, const std::optional<Waivers>& waivers) {
    if (any_unwaived(groups_of(tally), waivers.value_or(Waivers()))) return kDiverge;
    if (!tally.over_all_cases().pass()) return kDiverge;
    return tally.counts.agreed == 0 ? kUntestable : kAgree;
}

} // namespace mtecheck::difftest
