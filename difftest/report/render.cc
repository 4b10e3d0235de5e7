// SPDX-License-Identifier: Apache-2.0
//
// The readable view of a report.
#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <tuple>

#include "difftest/core/error.h"
#include "difftest/core/json.h"
#include "difftest/report/report.h"

namespace mtecheck::difftest {
namespace {

constexpr std::size_t kMaxItems = 100000;
constexpr std::uint64_t kMaxCount = std::uint64_t{1} << 62;
constexpr std::size_t kMaxMissed = 12;

std::string grouped(std::uint64_t number) {
    std::string text = std::to_string(number);
    for (std::size_t i = text.size(); i > 3; i -= 3) text.insert(i - 3, ",");
    return text;
}

std::string plural(std::uint64_t number, const std::string& noun) {
    return grouped(number) + " " + noun + (number == 1 ? "" : "s");
}

std::string joined(const std::vector<std::string>& words, std::size_t limit = kMaxItems) {
    std::string text;
    for (std::size_t i = 0; i < std::min(words.size(), limit); ++i) text += (i == 0 ? "" : ", ") + words[i];
    if (words.size() > limit) text += " and " + std::to_string(words.size() - limit) + " more";
    return text;
}

using Findings = std::map<std::string, const Finding*>;

std::vector<Finding> findings_of(const JsonPlace& report) {
    std::vector<Finding> result;
    const JsonPlace list = report.member("findings");
    const std::size_t size = list.array_size(kMaxItems);
    for (std::size_t i = 0; i < size; ++i) result.push_back(finding_from_json(list.element(i)));
    return result;
}

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

const Finding* shortest_example(const JsonPlace& group, const Findings& findings) {
    const Finding* best = nullptr;
    for (const char* list : {"examples", "suspects"}) {
        for (const std::string& id : group.member(list).texts(kMaxItems)) {
            const auto found = findings.find(id);
            if (found == findings.end()) continue;
            const Finding& candidate = *found->second;
            if (best == nullptr || candidate.shown().sequence.code.size() < best->shown().sequence.code.size())
                best = &candidate;
        }
        if (best != nullptr) break;
    }
    return best;
}

/// The best example of a defect: one that is compared to its end, of no other defect, and short.
const Finding* example_of(const std::string& defect, const JsonPlace& groups, const Findings& findings) {
    const auto rank = [](const Finding& finding) {
        return std::tuple(finding.led_astray, finding.explained_by.size() > 1, finding.shown().sequence.code.size());
    };
    const Finding* best = nullptr;
    const std::size_t size = groups.array_size(kMaxItems);
    for (std::size_t i = 0; i < size; ++i) {
        const JsonPlace group = groups.element(i);
        const auto by = group.member("explained_by").texts(kMaxItems);
        if (std::find(by.begin(), by.end(), defect) == by.end()) continue;
        const Finding* candidate = shortest_example(group, findings);
        if (candidate != nullptr && (best == nullptr || rank(*candidate) < rank(*best))) best = candidate;
    }
    return best;
}

std::string example_text(const Finding& example, const std::string& directory) {
    return describe(example, (directory.empty() ? "" : directory + "/") + file_name(example.original.id));
}

/// Whether the group is covered by waivers of the report.
bool is_waived(const JsonPlace& report, const std::string& group) {
    const auto waivers = report.find("waivers");
    if (!waivers) return false;
    const auto groups = waivers->member("groups").texts(kMaxItems);
    return std::find(groups.begin(), groups.end(), group) != groups.end();
}

/// Whether a waiver of the report that has not expired is about this known defect.
bool is_defect_waived(const JsonPlace& report, const std::string& defect) {
    const auto waivers = report.find("waivers");
    if (!waivers) return false;
    const JsonPlace list = waivers->member("list");
    const std::size_t size = list.array_size(kMaxItems);
    for (std::size_t i = 0; i < size; ++i) {
        const JsonPlace waiver = list.element(i);
        const auto about = waiver.find("defect");
        if (about && about->text() == defect && waiver.member("applies").boolean() &&
            !waiver.member("expired").boolean()) {
            return true;
        }
    }
    return false;
}

/// Every waiver: how much it covers, and what is the matter with it.
std::string waivers_text(const JsonPlace& report) {
    const auto waivers = report.find("waivers");
    if (!waivers) return {};
    std::string text;
    std::uint64_t elsewhere = 0;
    const JsonPlace list = waivers->member("list");
    const std::size_t size = list.array_size(kMaxItems);
    for (std::size_t i = 0; i < size; ++i) {
        const JsonPlace waiver = list.element(i);
        if (!waiver.member("applies").boolean()) {
            ++elsewhere;
            continue;
        }
        const auto link = waiver.find("link");
        const auto expires = waiver.find("expires");
        const std::uint64_t cases = waiver.member("cases").number(kMaxCount);
        text += "\n" + waiver.member("about").text() + ": " + plural(cases, "case") + "\n  " +
                waiver.member("reason").text() + (link ? " (" + link->text() + ")" : "") + "\n";
        if (waiver.member("expired").boolean()) {
            text += "  EXPIRED on " + expires->text() + ": it waives nothing any more; renew it or take it out\n";
        } else if (expires) {
            text += "  until " + expires->text() + "\n";
        }
        if (cases == 0) text += "  DOES NOT OCCUR in this campaign: take it out if the defect is mended\n";
    }
    if (elsewhere != 0) text += "\n" + plural(elsewhere, "waiver") + " for other targets or versions\n";
    return text.empty() ? text : "\nWAIVERS\n" + text;
}

std::string unexplained_text(const JsonPlace& report, const Findings& findings, const std::string& directory) {
    std::string text;
    const JsonPlace groups = report.member("groups");
    const std::size_t size = groups.array_size(kMaxItems);
    for (std::size_t i = 0; i < size; ++i) {
        const JsonPlace group = groups.element(i);
        if (!group.member("explained_by").texts(kMaxItems).empty()) continue;
        text += "\n[" + group.member("id").text() + "] " + plural(group.member("cases").number(kMaxCount), "case") +
                ": " + to_string(signature_from_json(group.member("signature"))) + "\n";
        if (is_waived(report, group.member("id").text())) text += "  waived\n";
        if (const auto like = group.member("behaves_like").texts(kMaxItems); !like.empty()) {
            text += "  behaves like the model with the mutation " + joined(like) + "\n";
        }
        if (const std::uint64_t count = group.member("not_reproduced").number(kMaxCount); count != 0) {
            text += "  " + plural(count, "case") + " of these agreed when run alone\n";
        }
        if (const Finding* example = shortest_example(group, findings)) text += example_text(*example, directory);
    }
    return text.empty() ? text : "\nUNEXPLAINED DIVERGENCES\n" + text;
}

/// Each known defect that was met, with the shortest case that shows it: alone, if there is one.
std::string defects_text(const JsonPlace& report, const Findings& findings, const std::string& directory) {
    std::string text;
    std::vector<std::string> unmet;
    const JsonPlace groups = report.member("groups");
    const JsonPlace defects = report.member("defects");
    const std::size_t size = defects.array_size(kMaxItems);
    for (std::size_t i = 0; i < size; ++i) {
        const JsonPlace defect = defects.element(i);
        const std::string& id = defect.member("id").text();
        const std::uint64_t cases = defect.member("cases").number(kMaxCount);
        const std::uint64_t led_astray = defect.member("led_astray").number(kMaxCount);
        if (cases + led_astray == 0) {
            unmet.push_back(id);
            continue;
        }
        text += "\n" + id + ": " + defect.member("summary").text() + "\n  contradicts " +
                defect.member("pseudocode").text() + "; " + plural(cases, "case") +
                (led_astray == 0 ? "" : ", and " + grouped(led_astray) + " led astray") +
                (is_defect_waived(report, id) ? "; waived" : "") + "\n";
        const Finding* example = example_of(id, groups, findings);
        if (example != nullptr && example->explained_by.size() > 1) {
            text += "  together with others: " + joined(example->explained_by) + "\n";
        }
        if (example != nullptr && example->led_astray) text += "  led astray: compared as far as that only\n";
        if (example != nullptr) text += example_text(*example, directory);
    }
    if (!text.empty()) text = "\nKNOWN DEFECTS OF THE TARGET\n" + text;
    if (!unmet.empty()) text += "\nknown defects that were not met: " + joined(unmet) + "\n";
    return text;
}

/// The list of bugs: one line for each.
std::string causes_text(const JsonPlace& report) {
    const auto causes = report.find("causes"); // older reports have none
    const std::size_t size = causes ? causes->array_size(kMaxItems) : 0;
    if (size == 0) return {};
    std::string text = "\nFINDINGS, BY CAUSE\n";
    for (std::size_t i = 0; i < size; ++i) {
        const JsonPlace cause = causes->element(i);
        std::string number = std::to_string(i + 1) + ". ";
        number.insert(0, number.size() < 5 ? 5 - number.size() : 0, ' ');
        const std::string& kind = cause.member("kind").text();
        text += number + (kind == "defect" ? "" : kind + ": ") + cause.member("summary").text() + " [" +
                cause.member("id").text() + "]; " + cause.member("pseudocode").text() + "; " +
                plural(cause.member("cases").number(kMaxCount), "case") + " in " +
                plural(cause.member("groups").array_size(kMaxItems), "group");
        if (const auto code = cause.find("code")) {
            std::string shown;
            for (const std::string& instruction : code->texts(kMaxItems))
                shown += (shown.empty() ? "" : "; ") + instruction;
            text += "; shortest: " + shown;
        }
        text += "\n";
    }
    return text;
}

std::string groups_text(const JsonPlace& report, const std::vector<Finding>& list, const std::string& directory) {
    Findings findings;
    for (const Finding& finding : list) findings.emplace(finding.original.id, &finding);
    return causes_text(report) + unexplained_text(report, findings, directory) +
           defects_text(report, findings, directory) + waivers_text(report);
}

std::string render(const JsonPlace& report, const std::vector<Finding>& list, const std::string& findings) {
    const JsonPlace target = report.member("target");
    const JsonPlace campaign = report.member("campaign");
    std::string text = "target        " + target.member("name").text() + ": " + target.member("version").text() +
                       ", cpu " + target.member("cpu").text() + "\n";
    text += "campaign      generator " + campaign.member("generator").text() + ", seed " +
            hex_text(campaign.member("seed").hex()) + ", mtecheck " +
            report.member("mtecheck").member("version").text() + "\n";
    if (const auto only = campaign.find("only")) text += "only          shards " + only->text() + "\n";
    if (const auto missing = campaign.find("missing_units")) {
        text += "INCOMPLETE    " + plural(missing->number(kMaxCount), "unit") + " of work are missing\n";
    }
    if (const auto process = target.find("process")) {
        const auto absent = process->find("absent");
        text += absent ? "process       simulated: what it does not have or show\n"
                       : "process       a Linux process can neither set nor see\n";
        const JsonPlace limits = process->member("limits");
        const std::size_t count = limits.array_size(kMaxCount);
        for (std::size_t i = 0; i < count; ++i) {
            const JsonPlace limit = limits.element(i);
            text += "                " + limit.member("what").text() + ": " + limit.member("why").text() + "\n";
        }
        const std::size_t missing = absent ? absent->array_size(kMaxCount) : 0;
        for (std::size_t i = 0; i < missing; ++i)
            text += (i == 0 ? "                encodings that it turned out not to have: " : ", ") +
                    absent->element(i).text();
        if (missing != 0) text += "\n";
    }
    return text + counts_text(report) + requirements_text(report) + groups_text(report, list, findings);
}

} // namespace

std::string render_report(const JsonPlace& report, const std::string& findings) {
    if (report.member("schema").text() != kReportSchema) {
        report.member("schema").fail("must be \"" + std::string(kReportSchema) +
                                     "\", the format that this program reads");
    }
    return render(report, findings_of(report), findings);
}

std::string render_report(const ReportInput& input, const std::string& findings) {
    const std::string file = "report";
    const nlohmann::json outline = parse_json(dump(report_outline(input)), file);
    return render(JsonPlace(outline, file), input.findings, findings);
}

} // namespace mtecheck::difftest
