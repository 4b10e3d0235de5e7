// SPDX-License-Identifier: Apache-2.0
//
// mtecheck waive, and the option of the verbs that heed waivers.
#include <algorithm>
#include <filesystem>
#include <iostream>
#include <nlohmann/json.hpp>

#include "difftest/cli/verbs.h"
#include "difftest/core/error.h"
#include "difftest/core/json.h"
#include "difftest/findings/files.h"
#include "difftest/findings/finding.h"
#include "difftest/findings/waivers.h"

namespace mtecheck::difftest {
namespace {

constexpr const char* kText =
    "Adds waivers to a file, for what a finding shows: for each known defect that explains it or, if none\n"
    "does, for its signature. What is waived is counted and shown as ever, marked as waived, and the exit\n"
    "status leaves it out, until the waiver expires; --waivers FILE of campaign, report and verify-patch\n"
    "says when it has, or is not needed any more.\n\n"
    "  mtecheck waive mtecheck-out/campaign-0001/findings/random-1-0-19-8.json --file waivers.json \\\n"
    "    --reason 'reported, to be mended in 10.1' --versions 7.2..10.0 --expires 2027-06-30\n";

/// Texts without line breaks and other characters that would garble a report.
std::string plain(const Options& options, const std::string& name) {
    const std::string text = options.get(name);
    if (std::any_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < ' '; })) {
        throw UsageError("mtecheck waive: --" + name + " must be one line of text");
    }
    return text;
}

/// What the finding shows, for the kind of target that it was found on.
std::vector<Waiver> waivers_of(const Finding& finding, const Waiver& pattern, const std::string& file) {
    std::vector<Waiver> result;
    for (const std::string& defect : finding.explained_by) {
        result.push_back(pattern);
        result.back().defect = defect;
    }
    if (!result.empty()) return result;
    if (finding.signature.instruction.empty()) {
        throw InputError(file, "/signature", "is missing: only what a campaign has examined can be waived");
    }
    result.push_back(pattern);
    result.back().signature = finding.signature;
    return result;
}

} // namespace

void declare_waivers(Options& options) {
    options.value("waivers", "FILE", "known divergences that are accepted for a while (see mtecheck waive)");
}

std::optional<Waivers> waivers_for(const Options& options, const std::string& target, const std::string& version) {
    if (!options.given("waivers")) return std::nullopt;
    return Waivers(read_waivers(options.get("waivers")), target, version, today());
}

int run_waive(std::span<char* const> arguments) {
    Options options("waive", "FINDING --reason TEXT --file FILE [OPTION...]", kText);
    options.value("reason", "TEXT", "why the divergence is accepted");
    options.value("file", "FILE", "the file of waivers; it is made if there is none");
    options.value("link", "URL", "where it is discussed");
    options.value("expires", "DATE",
                  "the last day on which it holds, such as 2027-06-30 (default: it does not expire)");
    options.value("versions", "RANGE",
                  "of the target: 7.2, 7.2..10.0, 7.2.. or ..10.0 (default: the version of the finding)");
    options.positional(1, 1);
    if (!options.parse(arguments)) return kAgree;
    for (const char* name : {"reason", "file"}) {
        if (options.get(name).empty()) throw UsageError("mtecheck waive: --" + std::string(name) + " is missing");
    }
    const std::string finding_file = options.arguments().front();
    const Finding finding = read_finding(finding_file);
    Waiver pattern;
    pattern.target = finding.target.substr(0, finding.target.find_first_of(":,")) + "*";
    pattern.versions = options.given("versions") ? options.get("versions") : version_number(finding.version);
    if (!pattern.versions.empty() && !VersionRange::parse(pattern.versions)) {
        throw UsageError("mtecheck waive: --versions " + pattern.versions +
                         ": give a range such as 7.2, 7.2..10.0, 7.2.. or ..10.0");
    }
    pattern.reason = plain(options, "reason");
    pattern.link = plain(options, "link");
    pattern.expires = options.get("expires");
    if (!pattern.expires.empty() && !is_date(pattern.expires)) {
        throw UsageError("mtecheck waive: --expires " + pattern.expires + ": give a date such as 2027-06-30");
    }
    const std::filesystem::path file = options.get("file");
    std::vector<Waiver> all;
    if (std::filesystem::exists(file)) all = read_waivers(file);
    for (Waiver& waiver : waivers_of(finding, pattern, finding_file)) {
        const auto same =
            std::find_if(all.begin(), all.end(), [&](const Waiver& other) { return other.same_subject(waiver); });
        std::cout << (same == all.end() ? "waived: " : "renewed: ") << waiver.subject() << "\n";
        if (same == all.end()) {
            all.push_back(std::move(waiver));
        } else {
            *same = std::move(waiver);
        }
    }
    write_durably(file, dump(to_json(all)));
    return kAgree;
}

} // namespace mtecheck::difftest
