// SPDX-License-Identifier: Apache-2.0
//
// The verdict about a patch, for programs and for people.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "difftest/campaign/identity.h"
#include "difftest/core/json.h"
#include "difftest/patch/patch.h"

namespace mtecheck::difftest {
namespace {

constexpr std::size_t kMaxDetailed = 10; // causes of a kind that are told in full

constexpr Change kChanges[] = {Change::introduced, Change::changed, Change::still_there, Change::fixed,
                               Change::untestable};

OrderedJson to_json(const Look& look) {
    static constexpr std::string_view kKinds[] = {"agrees", "diverges", "not testable", "not known"};
    OrderedJson out{{"verdict", kKinds[static_cast<std::size_t>(look.kind)]}};
    if (!look.event.empty()) out["event"] = look.event;
    if (look.kind == Look::Kind::diverges) {
        out["group"] = look.key.id();
        out["explained_by"] = look.key.explained_by;
        if (look.key.led_astray) out["led_astray"] = true;
        if (look.key.explained_by.empty()) out["signature"] = to_json(look.key.signature);
        OrderedJson differences = OrderedJson::array();
        for (const Difference& difference : look.differences) {
            differences.push_back(
                OrderedJson{{"field", difference.field}, {"expected", difference.expected}, {"got", difference.got}});
        }
        out["differences"] = std::move(differences);
    }
    if (!look.note.empty()) out["note"] = look.note;
    return out;
}

OrderedJson to_json(const PatchSide& side) {
    OrderedJson counts;
    Counts::each(side.counts, [&](const char* name, std::uint64_t value) { counts[name] = value; });
    return {{"target", side.name},        {"version", side.profile.version}, {"cpu", side.profile.cpu},
            {"live", side.live()},        {"seed", hex_text(side.seed)},     {"mtecheck", side.mtecheck_version},
            {"counts", std::move(counts)}};
}

/// Text that Markdown does not take for markup.
std::string code(const std::string& text) {
    std::string out = "`";
    for (const char c : text) out += c == '`' || c == '\n' ? '\'' : c;
    return out + "`";
}

std::string cause(const GroupKey& key) {
    if (key.explained_by.empty()) return code(to_string(key.signature));
    std::string text;
    for (const std::string& defect : key.explained_by)
        text += (text.empty() ? "known defect " : " with ") + code(defect);
    return key.led_astray ? text + ", led astray" : text;
}

/// The cause of a row, for its heading.
std::string cause(const PatchRow& row) {
    if (row.like.empty()) return cause(row.key());
    std::string text = "like the model with the fault ";
    for (std::size_t i = 0; i < row.like.size(); ++i) text += (i == 0 ? "" : " or ") + code(row.like[i]);
    return text;
}

std::string look_text(const Look& look) {
    switch (look.kind) {
    case Look::Kind::agrees: return "agrees with the model (" + look.event + ")";
    case Look::Kind::diverges: return "diverges: " + cause(look.key);
    case Look::Kind::not_testable: return "cannot be compared: " + look.note;
    case Look::Kind::not_known: return "is not known, but its campaign met the same cause";
    }
    return {};
}

std::string before_text(const Look& look) {
    if (look.kind == Look::Kind::agrees && look.event.empty()) return "its campaign met no such divergence";
    return look_text(look);
}

std::string details(const PatchRow& row, const PatchSide& after) {
    std::string text = "\n* before: " + before_text(row.before) + "\n* after: " + look_text(row.after) + "\n* " +
                       std::to_string(row.examples.size()) + (row.examples.size() == 1 ? " example" : " examples") +
                       ", the shortest:\n\n```\n";
    Finding shown = row.finding;
    shown.target = after.name;
    shown.differences = row.after.differences;
    shown.note = row.after.note;
    std::string description = describe(shown, row.file.empty() ? "FINDING" : row.file);
    // How the finding ended where it was found is said above, for both.
    const std::size_t line = description.find("  expected ");
    if (line != std::string::npos) description.erase(line, description.find('\n', line) + 1 - line);
    return text + description + "```\n";
}

std::string headline(const PatchVerdict& verdict) {
    std::string text;
    for (const Change change : kChanges) {
        if (change == Change::untestable && verdict.of(change) == 0) continue;
        text += (text.empty() ? "" : ", ") + std::to_string(verdict.of(change)) + " " + std::string(to_string(change));
    }
    return text;
}

} // namespace

OrderedJson to_json(const PatchVerdict& verdict, const PatchSide& before, const PatchSide& after) {
    OrderedJson counts;
    for (const Change change : kChanges) {
        std::string name(to_string(change));
        std::replace(name.begin(), name.end(), ' ', '_');
        counts[name] = verdict.of(change);
    }
    counts["waived"] = std::count_if(verdict.rows.begin(), verdict.rows.end(), [](const PatchRow& row) {
        return row.waived && (row.change == Change::introduced || row.change == Change::changed);
    });
    OrderedJson rows = OrderedJson::array();
    for (const PatchRow& row : verdict.rows) {
        OrderedJson item{{"change", to_string(row.change)}};
        if (row.change == Change::changed) item["better"] = row.better;
        item["waived"] = row.waived;
        item["before"] = to_json(row.before);
        item["after"] = to_json(row.after);
        if (!row.like.empty()) item["behaves_like"] = row.like;
        item["examples"] = row.examples;
        if (!row.file.empty()) item["file"] = row.file;
        item["case"] = to_json(row.finding.shown());
        rows.push_back(std::move(item));
    }
    return {{"schema", kPatchSchema},
            {"mtecheck", {{"version", mtecheck_version()}, {"tables", tables_fingerprint()}}},
            {"verdict", verdict.regressed() ? "worse" : "not worse"},
            {"counts", std::move(counts)},
            {"before", to_json(before)},
            {"after", to_json(after)},
            {"broken", verdict.broken},
            {"rows", std::move(rows)}};
}

std::string to_markdown(const PatchVerdict& verdict, const PatchSide& before, const PatchSide& after) {
    std::string text = std::string("**mtecheck: ") +
                       (verdict.regressed() ? "the patch breaks something" : "nothing is introduced") + "** (" +
                       headline(verdict) + ")\n\n|  | before | after |\n|---|---|---|\n";
    text += "| target | " + code(before.name) + (before.live() ? "" : ", stored report") + " | " + code(after.name) +
            " |\n| version | " + before.profile.version + " | " + after.profile.version + " |\n";
    const auto line = [&](const char* name, std::uint64_t Counts::*member) {
        text += std::string("| ") + name + " | " + std::to_string(before.counts.*member) + " | " +
                std::to_string(after.counts.*member) + " |\n";
    };
    line("cases", &Counts::cases);
    line("agree", &Counts::agreed);
    line("explained by known defects", &Counts::explained);
    line("led astray by them", &Counts::led_astray);
    line("unexplained", &Counts::unexplained);
    if (!verdict.broken.empty()) text += "\n### Broken over all cases\n\n";
    for (const std::string& what : verdict.broken) text += "* " + what + "\n";
    for (const Change change : kChanges) {
        if (verdict.of(change) == 0) continue;
        std::string title(to_string(change));
        title.front() = static_cast<char>(title.front() - 'a' + 'A');
        const bool full = change == Change::introduced || change == Change::changed;
        text += "\n### " + title + "\n" + (full ? "" : "\n");
        std::size_t detailed = 0;
        for (const PatchRow& row : verdict.rows) {
            if (row.change != change) continue;
            const std::string marks =
                std::string(row.change == Change::changed && row.better ? ", for the better" : "") +
                (row.waived ? ", waived" : "");
            if (full && ++detailed <= kMaxDetailed) {
                text += "\n#### " + cause(row) + marks + "\n" + details(row, after);
                continue;
            }
            if (full && detailed == kMaxDetailed + 1) text += "\nAnd, without details (verdict.json has them):\n\n";
            text += "* " + (row.key() == GroupKey() ? code(row.examples.front()) : cause(row)) + marks;
            if (change == Change::untestable)
                text += ": " + (row.after.note.empty() ? row.before.note : row.after.note);
            text += " (" + code(row.examples.front()) +
                    (row.examples.size() == 1 ? "" : " and " + std::to_string(row.examples.size() - 1) + " more") +
                    ")\n";
        }
    }
    return text;
}

} // namespace mtecheck::difftest
