// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>
#include <tuple>

#include "difftest/report/render.h"

namespace mtecheck::difftest::rendering {
namespace {

using Findings = std::map<std::string, const Finding*>;

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

} // namespace

std::string divergences_text(const JsonPlace& report, const std::vector<Finding>& findings,
                             const std::string& directory) {
    Findings by_id;
    for (const Finding& finding : findings) by_id.emplace(finding.original.id, &finding);
    return causes_text(report) + unexplained_text(report, by_id, directory) + defects_text(report, by_id, directory) +
           waivers_text(report);
}

} // namespace mtecheck::difftest::rendering
