// SPDX-License-Identifier: Apache-2.0
#include <map>

#include "difftest/campaign/unit.h"
#include "difftest/report/render.h"

namespace mtecheck::difftest::rendering {
namespace {

constexpr std::size_t kMaxMissed = 12;

/// Cases of which the end cannot be compared, and the defects that are to blame.
std::string led_astray_text(const JsonPlace& report, std::uint64_t cases) {
    std::vector<std::string> by;
    const JsonPlace defects = report.member("defects");
    const std::size_t size = defects.array_size(kMaxItems);
    for (std::size_t i = 0; i < size; ++i) {
        const std::uint64_t count = defects.element(i).member("led_astray").number(kMaxCount);
        if (count != 0) by.push_back(defects.element(i).member("id").text() + " " + grouped(count));
    }
    return "led astray    " + grouped(cases) +
           " by known defects, out of what the case defines: nothing can be compared from there on\n" +
           "              (" + joined(by) + ")\n";
}

/// What was seen in a batch and not again when run alone.
std::string batch_only_text(const JsonPlace& report) {
    std::uint64_t cases = 0;
    std::uint64_t led_astray = 0;
    const JsonPlace groups = report.member("groups");
    const std::size_t size = groups.array_size(kMaxItems);
    for (std::size_t i = 0; i < size; ++i) {
        const std::uint64_t count = groups.element(i).member("not_reproduced").number(kMaxCount);
        cases += count;
        if (groups.element(i).find("led_astray")) led_astray += count;
    }
    if (cases == 0) return {};
    std::string text = "batch only    " + plural(cases, "divergence") +
                       " tried alone did not show again: replay of a finding that says so runs its batch\n";
    if (led_astray != 0) {
        text += "              (" + grouped(led_astray) +
                " of them led astray: what they met outside of their windows, earlier cases had left there)\n";
    }
    return text;
}

/// What the sources of tests contributed, if there was more than one.
std::string sources_text(const JsonPlace& sources) {
    std::string text;
    unsigned used = 0;
    const std::size_t size = sources.array_size(kSourceNames.size());
    for (std::size_t i = 0; i < size; ++i) {
        const JsonPlace item = sources.element(i);
        const auto count = [&](const char* name) { return item.member(name).number(kMaxCount); };
        if (count("cases") == 0) continue;
        ++used;
        text += (text.empty() ? "sources       " : "              ") + item.member("source").text() + ": " +
                plural(count("cases"), "case") + ", " + grouped(count("diverged")) + " diverged; of the groups " +
                grouped(count("groups")) + ", " + grouped(count("groups_alone")) + " alone\n";
    }
    return used > 1 ? text : std::string();
}

std::string random_tags_text(const JsonPlace& random_tags) {
    if (!random_tags.find("passed")) return {};
    const JsonPlace sets = random_tags.member("sets");
    std::vector<std::string> failed;
    const std::size_t size = sets.array_size(kMaxItems);
    for (std::size_t i = 0; i < size; ++i) {
        if (!sets.element(i).member("passed").boolean()) failed.push_back(sets.element(i).member("exclude").text());
    }
    const std::string what =
        "random tags   IRG with GCR_EL1.RRND = 1 and " + plural(size, "set") + " of excluded tags: ";
    if (failed.empty()) return what + "as required\n";
    return what + "NOT as " + random_tags.member("requirement").text() + " requires with " + joined(failed) + "\n";
}

/// How often a store-exclusive that fits passed, and failed.
std::string store_exclusives_text(const JsonPlace& counted) {
    const std::string text = "exclusives    store-exclusives that fit passed in " +
                             plural(counted.member("passed").number(kMaxCount), "case") + ", failed in " +
                             grouped(counted.member("failed").number(kMaxCount));
    if (counted.member("make_progress").boolean()) return text + "\n";
    return text + ": NO PROGRESS, as " + counted.member("rule").text() + " requires\n";
}

std::string counts_text(const JsonPlace& report) {
    const JsonPlace counts = report.member("counts");
    const auto count = [&](const char* name) { return counts.member(name).number(kMaxCount); };
    std::string text = "compared      " + plural(count("cases"), "case") + " (" +
                       plural(count("sequences"), "sequence") + ", " + plural(count("instructions"), "instruction") +
                       ")\n";
    text += "agree         " + grouped(count("agreed"));
    if (count("agreed_by_choice") != 0) {
        text += " (" + grouped(count("agreed_by_choice")) + " by a choice that the architecture leaves open)";
    }
    text += "\ndiverge       " + grouped(count("explained")) + " explained by known defects of the target, " +
            grouped(count("unexplained")) + " UNEXPLAINED\n";
    if (count("led_astray") != 0) text += led_astray_text(report, count("led_astray"));
    if (const auto waivers = report.find("waivers")) {
        text += "waived        " + grouped(waivers->member("cases").number(kMaxCount)) +
                " of the divergent cases (WAIVERS below)\n";
    }
    text += batch_only_text(report);
    if (count("unsupported") != 0)
        text += "unsupported   " + grouped(count("unsupported")) + " that the target cannot set up\n";
    if (count("untestable") != 0)
        text += "untestable    " + grouped(count("untestable")) + " without a verdict of the model\n";
    return text;
}

/// Paths exercised of those that are feasible; by name, the instructions that fall short.
std::string paths_text(const JsonPlace& paths) {
    const auto number = [&](const char* name) { return paths.member(name).number(kMaxCount); };
    std::string text = "paths         " + grouped(number("exercised_of_feasible")) + " exercised of " +
                       grouped(number("feasible")) + " that are feasible";
    if (number("exercised") != number("exercised_of_feasible")) {
        text += ", and " + grouped(number("exercised") - number("exercised_of_feasible")) +
                " of instructions whose paths were not enumerated for such a target";
    }
    text += "\n";
    std::vector<std::string> short_of;
    const JsonPlace rows = paths.member("instructions");
    const std::size_t size = rows.array_size(kMaxItems);
    for (std::size_t i = 0; i < size; ++i) {
        const JsonPlace row = rows.element(i);
        const auto feasible = row.find("feasible");
        const std::uint64_t exercised = row.member("exercised").number(kMaxCount);
        if (!feasible || exercised == feasible->number(kMaxCount)) continue;
        short_of.push_back(row.member("encoding").text() + " " + grouped(exercised) + " of " +
                           grouped(feasible->number(kMaxCount)));
    }
    if (!short_of.empty()) text += "              not all of: " + joined(short_of, kMaxMissed) + "\n";
    return text;
}

std::string requirements_text(const JsonPlace& report) {
    std::map<std::string, std::uint64_t> by_status;
    const JsonPlace rows = report.member("requirements");
    const std::size_t size = rows.array_size(kMaxItems);
    for (std::size_t i = 0; i < size; ++i) ++by_status[rows.element(i).member("status").text()];
    std::string text = "requirements  ";
    bool first = true;
    for (const char* status : {"agreed", "diverged", "not reached", "not applicable"}) {
        text += (first ? "" : ", ") + grouped(by_status[status]) + " " + status;
        first = false;
    }
    std::uint64_t proved = 0;
    for (std::size_t i = 0; i < size; ++i) proved += rows.element(i).find("proved_by") ? 1U : 0U;
    if (proved != 0) text += "\n              " + grouped(proved) + " proved of the model";
    const JsonPlace coverage = report.member("coverage");
    const auto reached = [&](const char* name) {
        const JsonPlace item = coverage.member(name);
        return grouped(item.member("reached").number(kMaxCount)) + " of " +
               grouped(item.member("of").number(kMaxCount));
    };
    text += "\ncoverage      " + reached("decision_outcomes") + " decision outcomes of the model, " +
            reached("encodings") + " encodings\n";
    const auto missed = coverage.member("decision_outcomes_not_reached").texts(kMaxItems);
    if (!missed.empty()) text += "              not reached: " + joined(missed, kMaxMissed) + "\n";
    if (const auto random_tags = report.find("random_tags")) text += random_tags_text(*random_tags);
    if (const auto counted = report.find("store_exclusives")) text += store_exclusives_text(*counted);
    text += sources_text(report.member("sources"));
    if (const auto paths = report.find("paths")) text += paths_text(*paths);
    return text;
}

} // namespace

std::string totals_text(const JsonPlace& report) { return counts_text(report) + requirements_text(report); }

} // namespace mtecheck::difftest::rendering
