// SPDX-License-Identifier: Apache-2.0
#include "difftest/report/report.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "difftest/campaign/profile_file.h"
#include "difftest/core/json.h"
#include "difftest/report/causes.h"
#include "difftest/report/requirement_rows.h"
#include "spec/disassemble.h"
#include "spec/gen/decisions.h"
#include "spec/gen/isa.h"

namespace mtecheck::difftest {
namespace {

OrderedJson target_json(const CampaignFile& file, const Profile& profile) {
    OrderedJson registers = OrderedJson::object();
    for (const auto& [name, value] : profile.registers) registers[name] = hex_text(value, 16);
    OrderedJson out{{"name", file.settings.target}, {"version", profile.version}, {"cpu", profile.cpu},
                    {"mte", profile.mte},           {"registers", registers},     {"features", profile.features},
                    {"el2", profile.el2},           {"el3", profile.el3}};
    if (profile.process) out["process"] = process_json(profile);
    return out;
}

OrderedJson coverage_json(const Tally& tally) {
    OrderedJson decisions_missed = OrderedJson::array();
    for (std::size_t i = 0; i < tally.coverage.size(); ++i) {
        if (tally.coverage[i] != 0) continue;
        const auto& info = spec::info(static_cast<spec::Decision>(i / 2));
        decisions_missed.push_back(std::string(info.id) + (i % 2 != 0 ? " = true" : " = false"));
    }
    OrderedJson encodings_missed = OrderedJson::array();
    for (std::size_t i = 0; i < tally.encodings.size(); ++i) {
        if (tally.encodings[i] == 0) encodings_missed.push_back(spec::info(static_cast<spec::Encoding>(i)).id);
    }
    const auto encodings_run = static_cast<std::uint64_t>(tally.encodings.size() - encodings_missed.size());
    return {{"decision_outcomes", {{"reached", tally.covered()}, {"of", tally.coverage.size()}}},
            {"encodings", {{"reached", encodings_run}, {"of", tally.encodings.size()}}},
            {"decision_outcomes_not_reached", decisions_missed},
            {"encodings_not_reached", encodings_missed}};
}

/// Groups in the order in which they are told: unexplained first, then by defects, the frequent before the rare.
std::vector<std::pair<const GroupKey*, const TallyGroup*>> ordered_groups(const Tally& tally) {
    std::vector<std::pair<const GroupKey*, const TallyGroup*>> groups;
    for (const auto& [key, group] : tally.groups) groups.emplace_back(&key, &group);
    std::stable_sort(groups.begin(), groups.end(), [](const auto& a, const auto& b) {
        if (a.first->explained_by != b.first->explained_by) return a.first->explained_by < b.first->explained_by;
        if (a.first->led_astray != b.first->led_astray) return b.first->led_astray;
        return a.second->cases > b.second->cases;
    });
    return groups;
}

OrderedJson groups_json(const ReportInput& input) {
    std::set<std::string> kept; // ids of findings
    for (const Finding& finding : input.findings) kept.insert(finding.original.id);
    OrderedJson groups = OrderedJson::array();
    for (const auto& [key, group] : ordered_groups(input.tally)) {
        OrderedJson out = {{"id", key->id()}, {"explained_by", key->explained_by}};
        if (key->led_astray) out["led_astray"] = true;
        out["signature"] = to_json(key->signature);
        out["cases"] = group->cases;
        out["examples"] = group->examples;
        out["not_reproduced"] = group->not_reproduced;
        OrderedJson suspects = OrderedJson::array();
        for (const std::string& id : group->suspects) {
            if (kept.contains(id)) suspects.push_back(id);
        }
        out["suspects"] = std::move(suspects);
        out["behaves_like"] = common_mutations(*group, input.findings);
        groups.push_back(std::move(out));
    }
    return groups;
}

/// The list of bugs.
OrderedJson causes_json(const ReportInput& input) {
    std::map<std::string, const Finding*> by_id;
    for (const Finding& finding : input.findings) by_id[finding.original.id] = &finding;
    OrderedJson causes = OrderedJson::array();
    for (const Cause& cause : causes_of(input.tally, input.defects, input.findings)) {
        OrderedJson out = {{"kind", to_string(cause.kind)},  {"id", cause.id},       {"summary", cause.summary},
                           {"pseudocode", cause.pseudocode}, {"cases", cause.cases}, {"groups", cause.groups}};
        if (!cause.example.empty()) {
            out["example"] = cause.example;
            OrderedJson code = OrderedJson::array();
            for (const std::uint32_t word : by_id.at(cause.example)->shown().sequence.code)
                code.push_back(spec::disassemble(word));
            out["code"] = std::move(code);
        }
        causes.push_back(std::move(out));
    }
    return causes;
}

/// Every known defect of this target, with how often it was met: one that never is may be out of date.
OrderedJson defects_json(const ReportInput& input) {
    OrderedJson defects = OrderedJson::array();
    for (const Defect& defect : input.defects) {
        std::uint64_t cases = 0;
        std::uint64_t led_astray = 0;
        for (const auto& [key, group] : input.tally.groups) {
            if (std::find(key.explained_by.begin(), key.explained_by.end(), defect.id) != key.explained_by.end()) {
                (key.led_astray ? led_astray : cases) += group.cases;
            }
        }
        OrderedJson out = {{"id", defect.id},
                           {"summary", defect.summary},
                           {"pseudocode", defect.pseudocode},
                           {"requirements", defect.requirements},
                           {"mutations", defect.mutations},
                           {"cases", cases},
                           {"led_astray", led_astray}};
        if (!defect.link.empty()) out["link"] = defect.link;
        defects.push_back(std::move(out));
    }
    return defects;
}

/// Paths exercised of those that are feasible for this target, for each instruction.
OrderedJson paths_json(const ReportInput& input) {
    struct Row {
        std::uint64_t exercised = 0;
        std::uint64_t diverged = 0;
        void add(std::uint8_t marks) {
            exercised += (marks & kPathExercised) != 0 ? 1U : 0U;
            diverged += (marks & kPathDiverged) != 0 ? 1U : 0U;
        }
    };
    const PathCorpus& corpus = *input.paths;
    std::vector<Row> rows(spec::encoding_count);
    std::map<std::string, Row> functions;
    for (std::size_t i = 0; i < corpus.paths().size(); ++i) {
        const PathCorpus::Path& path = corpus.paths()[i];
        (path.function.empty() ? rows[static_cast<std::size_t>(path.encoding)] : functions[path.function])
            .add(input.tally.paths[i]);
    }
    Row all;
    std::uint64_t enumerated = 0; // of instructions whose paths were enumerated for such a target
    std::uint64_t feasible = 0;
    OrderedJson instructions = OrderedJson::array();
    for (const auto& info : spec::encodings()) {
        const Row& row = rows[static_cast<std::size_t>(info.encoding)];
        const auto of = corpus.feasible(info.encoding);
        if (of == std::uint64_t{0} || (!of && row.exercised == 0)) continue;
        OrderedJson item{{"encoding", info.id}, {"exercised", row.exercised}, {"diverged", row.diverged}};
        if (of) {
            item["feasible"] = *of;
            feasible += *of;
            enumerated += row.exercised;
        }
        all.exercised += row.exercised;
        all.diverged += row.diverged;
        instructions.push_back(std::move(item));
    }
    OrderedJson called = OrderedJson::array();
    for (const auto& [name, row] : functions) {
        called.push_back(OrderedJson{{"function", name}, {"exercised", row.exercised}, {"diverged", row.diverged}});
    }
    return {{"corpus", corpus.fingerprint()},
            {"cases", input.file.path_cases},
            {"exercised", all.exercised},
            {"diverged", all.diverged},
            {"exercised_of_feasible", enumerated},
            {"feasible", feasible},
            {"called_functions", std::move(called)},
            {"instructions", std::move(instructions)}};
}

/// What each source of tests contributed, and what no other did: so that a weaker one can be retired.
OrderedJson sources_json(const Tally& tally) {
    OrderedJson sources = OrderedJson::array();
    for (std::size_t source = 0; source < kSourceNames.size(); ++source) {
        std::uint64_t groups = 0;
        std::uint64_t groups_alone = 0;
        for (const auto& [key, group] : tally.groups) {
            if (group.by_source[source] == 0) continue;
            ++groups;
            groups_alone += group.by_source[source] == group.cases ? 1U : 0U;
        }
        std::uint64_t outcomes = 0;
        std::uint64_t outcomes_alone = 0;
        for (std::size_t i = 0; i < tally.coverage.size(); ++i) {
            if (tally.sources[source].coverage[i] == 0) continue;
            ++outcomes;
            const auto by = std::count_if(tally.sources.begin(), tally.sources.end(),
                                          [&](const SourceTally& other) { return other.coverage[i] != 0; });
            outcomes_alone += by == 1 ? 1U : 0U;
        }
        sources.push_back({{"source", kSourceNames[source]},
                           {"cases", tally.sources[source].cases},
                           {"diverged", tally.sources[source].diverged},
                           {"groups", groups},
                           {"groups_alone", groups_alone},
                           {"decision_outcomes", outcomes},
                           {"decision_outcomes_alone", outcomes_alone}});
    }
    return sources;
}

OrderedJson times_json(const Times& times, const Counts& counts) {
    const auto rate = [&](double seconds) { return seconds > 0 ? static_cast<double>(counts.cases) / seconds : 0.0; };
    return {{"elapsed_seconds", times.elapsed_seconds},   {"cases_per_second", rate(times.elapsed_seconds)},
            {"generate_seconds", times.generate_seconds}, {"target_seconds", times.target_seconds},
            {"judge_seconds", times.judge_seconds},       {"target_cpu_seconds", times.target_cpu_seconds},
            {"target_restarts", times.target_restarts},   {"interruptions", times.interruptions}};
}

} // namespace

OrderedJson report_outline(const ReportInput& input) {
    const Settings& settings = input.file.settings;
    OrderedJson out;
    out["schema"] = kReportSchema;
    out["mtecheck"] = {{"version", input.file.mtecheck_version}, {"tables", input.file.tables}};
    if (!input.file.stream.empty()) out["mtecheck"]["stream"] = input.file.stream;
    out["target"] = target_json(input.file, input.profile);
    out["campaign"] = {{"generator", settings.generator},
                       {"seed", hex_text(settings.seed)},
                       {"guided", settings.guided},
                       {"shards", kShards},
                       {"units", input.tally.units}};
    if (settings.cases != 0) out["campaign"]["cases"] = settings.cases;
    if (settings.seconds != 0) out["campaign"]["seconds"] = settings.seconds;
    if (!input.file.corpus.empty()) out["campaign"]["corpus"] = input.file.corpus;
    if (settings.max_groups != kMaxGroups) out["campaign"]["max_groups"] = settings.max_groups;
    if (input.ended_apart) out["campaign"]["ended_apart"] = true;
    if (!settings.shards.empty()) out["campaign"]["only"] = settings.shards;
    if (input.missing_units != 0) out["campaign"]["missing_units"] = input.missing_units;
    OrderedJson counts;
    Counts::each(input.tally.counts, [&](const char* name, std::uint64_t value) { counts[name] = value; });
    out["counts"] = std::move(counts);
    out["unsupported"] = input.tally.unsupported;
    out["choices"] = input.tally.choices;
    if (input.tally.store_exclusives.any()) out["store_exclusives"] = to_json(input.tally.store_exclusives);
    out["coverage"] = coverage_json(input.tally);
    out["sources"] = sources_json(input.tally);
    if (input.paths != nullptr) out["paths"] = paths_json(input);
    if (input.tally.random_tags) out["random_tags"] = to_json(*input.tally.random_tags);
    out["requirements"] = requirement_rows(input);
    out["defects"] = defects_json(input);
    out["causes"] = causes_json(input);
    out["groups"] = groups_json(input);
    if (input.waivers != nullptr) out["waivers"] = waivers_json(*input.waivers, groups_of(input.tally));
    out["findings"] = OrderedJson::array();
    out["times"] = times_json(input.tally.times, input.tally.counts);
    if (input.tally.random_tags && input.tally.random_tags->applicable())
        out["times"]["random_tags"] = measured_json(*input.tally.random_tags);
    return out;
}

std::string report_text(const ReportInput& input) {
    const std::string outline = dump(report_outline(input));
    if (input.findings.empty()) return outline;
    // A line break in a text is escaped, so this is the member of the report itself.
    constexpr std::string_view kEmpty = "\n  \"findings\": [";
    const std::size_t at = outline.rfind(kEmpty) + kEmpty.size();
    std::string text = outline.substr(0, at);
    for (const Finding& finding : input.findings) {
        if (text.back() == '}') text += ',';
        std::string item = dump(to_json(finding));
        item.pop_back(); // the last line break
        text += "\n    ";
        for (const char c : item) {
            text += c;
            if (c == '\n') text += "    ";
        }
    }
    return text + "\n  " + outline.substr(at);
}

} // namespace mtecheck::difftest
