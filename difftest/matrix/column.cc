// SPDX-License-Identifier: Apache-2.0
//
// From a report to a column.
#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>

#include "difftest/findings/finding.h"
#include "difftest/matrix/matrix.h"
#include "difftest/report/report.h"
#include "difftest/statistics/over_all_cases.h"

namespace mtecheck::difftest {
namespace {

constexpr std::size_t kMaxItems = 100000;
constexpr std::uint64_t kMaxCount = std::numeric_limits<std::int64_t>::max();
constexpr std::uint64_t kMaxMte = 15;
constexpr std::string_view kStatus[] = {"agreed", "diverged", "not reached", "not applicable"};

/// What determined the tests of a campaign, apart from the target. One that time ended ran as many as there was time
/// for: two of these never are known to have run the same.
std::string stream_of(const JsonPlace& report) {
    const JsonPlace campaign = report.member("campaign");
    std::string text =
        report.member("mtecheck").member("version").text() + " " + report.member("mtecheck").member("tables").text();
    if (const auto stream = report.member("mtecheck").find("stream"))
        text += " " + stream->text(); // older ones have none
    for (const char* name : {"generator", "seed", "guided", "cases", "seconds", "corpus", "max_groups", "only",
                             "missing_units", "ended_apart"}) {
        if (const auto value = campaign.find(name)) text += std::string(" ") + name + "=" + value->value().dump();
    }
    if (const auto paths = report.find("paths")) text += " paths=" + paths->member("cases").text();
    return text;
}

void read_requirements(const JsonPlace& report, MatrixColumn& column) {
    const JsonPlace rows = report.member("requirements");
    const std::size_t size = rows.array_size(kMaxItems);
    for (std::size_t i = 0; i < size; ++i) {
        const JsonPlace row = rows.element(i);
        const std::string& id = row.member("id").text();
        RequirementCell cell;
        cell.status = kStatus[row.member("status").one_of(kStatus)];
        cell.exercised = row.member("exercised").number(kMaxCount);
        cell.diverged = row.member("diverged").number(kMaxCount);
        if (const auto why = row.find("why")) cell.why = why->text();
        if (!column.requirements.emplace(id, std::move(cell)).second) row.fail("is a second row for " + id);
        column.requirement_ids.push_back(id);
        column.titles[id] = row.member("title").text();
    }
}

/// Of each finding, the requirements whose rows name it.
std::map<std::string, std::vector<std::string>> requirements_by_finding(const JsonPlace& report) {
    std::map<std::string, std::vector<std::string>> result;
    const JsonPlace rows = report.member("requirements");
    const std::size_t size = rows.array_size(kMaxItems);
    for (std::size_t i = 0; i < size; ++i) {
        const auto findings = rows.element(i).find("findings");
        if (!findings) continue;
        for (const std::string& id : findings->texts(kMaxItems))
            result[id].push_back(rows.element(i).member("id").text());
    }
    return result;
}

void read_defects(const JsonPlace& report, MatrixColumn& column) {
    const JsonPlace defects = report.member("defects");
    const std::size_t size = defects.array_size(kMaxItems);
    for (std::size_t i = 0; i < size; ++i) {
        const JsonPlace defect = defects.element(i);
        column.defects[defect.member("id").text()] = {defect.member("mutations").texts(kMaxItems),
                                                      defect.member("requirements").texts(kMaxItems)};
    }
}

void read_causes(const JsonPlace& report, const std::string& findings, MatrixColumn& column) {
    const auto at_stake = requirements_by_finding(report);
    const JsonPlace causes = report.member("causes");
    const std::size_t size = causes.array_size(kMaxItems);
    for (std::size_t i = 0; i < size; ++i) {
        const JsonPlace cause = causes.element(i);
        CauseCell cell;
        cell.kind = kCauseKinds[cause.member("kind").one_of(kCauseKinds)];
        cell.id = cause.member("id").text();
        cell.summary = cause.member("summary").text();
        cell.pseudocode = cause.member("pseudocode").text();
        cell.cases = cause.member("cases").number(kMaxCount);
        cell.groups = cause.member("groups").texts(kMaxItems);
        if (const auto example = cause.find("example")) {
            cell.example = example->text();
            if (!findings.empty()) cell.file = findings + "/" + file_name(cell.example);
            if (const auto rows = at_stake.find(cell.example); rows != at_stake.end()) cell.requirements = rows->second;
        }
        if (const auto code = cause.find("code")) cell.code = code->texts(kMaxItems);
        if (const auto known = column.defects.find(cell.id); cell.kind == "defect" && known != column.defects.end())
            cell.requirements = known->second.requirements;
        column.causes.push_back(std::move(cell));
    }
}

} // namespace

MatrixColumn column_of(const JsonPlace& report, const std::string& file, const std::string& findings,
                       const Waivers& waivers) {
    if (report.member("schema").text() != kReportSchema) {
        report.member("schema").fail("must be \"" + std::string(kReportSchema) + "\", the report of a campaign");
    }
    MatrixColumn column;
    column.report = file;
    const JsonPlace target = report.member("target");
    column.name = target.member("name").text();
    column.version = target.member("version").text();
    column.cpu = target.member("cpu").text();
    column.mte = target.member("mte").number(kMaxMte);
    column.stream = stream_of(report);
    const JsonPlace counts = report.member("counts");
    Counts::each(column.counts,
                 [&](const char* name, std::uint64_t& value) { value = counts.member(name).number(kMaxCount); });
    read_requirements(report, column);
    read_defects(report, column);
    read_causes(report, findings, column);
    column.diverged = any_unwaived(groups_of(report), waivers) || !over_all_cases_of(report).pass();
    return column;
}

MatrixColumn column_without(const std::string& name, const std::string& problem) {
    MatrixColumn column;
    column.name = name;
    column.problem = problem.empty() ? "no reason is given" : problem;
    for (char& c : column.problem) {
        if (static_cast<unsigned char>(c) < ' ') c = ' '; // what a target printed may have many lines
    }
    return column;
}

} // namespace mtecheck::difftest
