// SPDX-License-Identifier: Apache-2.0
//
// The matrix for programs, for a review and for a terminal.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "difftest/campaign/identity.h"
#include "difftest/core/json.h"
#include "difftest/matrix/matrix.h"

namespace mtecheck::difftest {
namespace {

using Presence = MatrixCause::Presence;

constexpr std::string_view kSpread[] = {"verdict", "reach", "none"};
constexpr const char* kNoSameTests =
    "The reports are not of one campaign (other seeds, numbers of cases or versions of mtecheck, or ended by time): "
    "a cause that one of them did not meet may be there.";

std::string grouped(std::uint64_t number) {
    std::string text = std::to_string(number);
    for (std::size_t i = text.size(); i > 3; i -= 3) text.insert(i - 3, ",");
    return text;
}

std::string padded(std::string text, std::size_t width) {
    text.resize(std::max(text.size() + 1, width), ' ');
    return text;
}

std::size_t count(const Matrix& matrix, Spread spread) {
    return static_cast<std::size_t>(std::count_if(matrix.requirements.begin(), matrix.requirements.end(),
                                                  [&](const MatrixRequirement& row) { return row.differs == spread; }));
}

/// What is diverged on every target that has the row: the same everywhere, and still no good news.
bool diverges_everywhere(const MatrixRequirement& row) {
    return row.differs == Spread::none && std::any_of(row.cells.begin(), row.cells.end(), [](const auto& cell) {
               return cell && cell->status == "diverged";
           });
}

std::string cell_text(const std::optional<RequirementCell>& cell) {
    if (!cell) return "-";
    return cell->status == "diverged" ? "diverged " + grouped(cell->diverged) : cell->status;
}

/// Why the row is not reached or not applicable somewhere, each reason once.
std::string reasons(const MatrixRequirement& row, const Matrix& matrix) {
    std::vector<std::pair<std::string, std::string>> by_reason;
    for (std::size_t i = 0; i < row.cells.size(); ++i) {
        if (!row.cells[i] || row.cells[i]->why.empty()) continue;
        const std::string& why = row.cells[i]->why;
        const auto there =
            std::find_if(by_reason.begin(), by_reason.end(), [&](const auto& item) { return item.first == why; });
        if (there == by_reason.end()) {
            by_reason.emplace_back(why, matrix.columns[i].label);
        } else {
            there->second += ", " + matrix.columns[i].label;
        }
    }
    std::string text;
    for (const auto& [why, labels] : by_reason) text += (text.empty() ? "" : "; ") + labels + ": " + why;
    return text;
}

std::string code_text(const MatrixCause& cause) {
    for (const MatrixCause::Cell& cell : cause.cells) {
        if (cell.seen.code.empty()) continue;
        std::string text;
        for (const std::string& instruction : cell.seen.code) text += (text.empty() ? "" : "; ") + instruction;
        return text;
    }
    return {};
}

std::string file_of(const MatrixCause& cause) {
    for (const MatrixCause::Cell& cell : cause.cells) {
        if (!cell.seen.file.empty()) return cell.seen.file;
    }
    return {};
}

std::string title_of(const MatrixCause& cause) {
    return (cause.kind == "defect" ? "" : cause.kind + ": ") + cause.summary;
}

OrderedJson counts_json(const Counts& values) {
    OrderedJson counts;
    Counts::each(values, [&](const char* name, std::uint64_t value) { counts[name] = value; });
    return counts;
}

OrderedJson to_json(const MatrixColumn& column) {
    OrderedJson out{{"target", column.name}, {"label", column.label}, {"status", "ran"}};
    if (!column.ran()) {
        out["status"] = "could not run";
        out["why"] = column.problem;
        return out;
    }
    if (column.diverged) {
        out["status"] = "diverged";
    } else {
        out["status"] = column.counts.agreed == 0 ? "nothing compared" : "agreed";
    }
    out["version"] = column.version;
    out["cpu"] = column.cpu;
    out["mte"] = column.mte;
    out["report"] = column.report;
    out["campaign"] = column.stream;
    out["counts"] = counts_json(column.counts);
    return out;
}

OrderedJson to_json(const MatrixCause& cause) {
    OrderedJson cells = OrderedJson::array();
    for (const MatrixCause::Cell& cell : cause.cells) {
        OrderedJson item{{"status", to_string(cell.presence)}};
        if (cell.presence == Presence::present) {
            item["cases"] = cell.seen.cases;
            item["groups"] = cell.seen.groups;
            item["kind"] = cell.seen.kind;
            if (cell.seen.id != cause.id) item["id"] = cell.seen.id;
            if (!cell.seen.example.empty()) item["example"] = cell.seen.example;
            if (!cell.seen.file.empty()) item["file"] = cell.seen.file;
            if (!cell.seen.code.empty()) item["code"] = cell.seen.code;
        }
        if (cell.known) item["known"] = true;
        if (!cell.why.empty()) item["why"] = cell.why;
        cells.push_back(std::move(item));
    }
    return {
        {"kind", cause.kind},       {"id", cause.id},     {"summary", cause.summary}, {"pseudocode", cause.pseudocode},
        {"differs", cause.differs}, {"says", cause.says}, {"targets", cells}};
}

OrderedJson to_json(const MatrixRequirement& row) {
    OrderedJson cells = OrderedJson::array();
    for (const auto& cell : row.cells) {
        OrderedJson item{{"status", cell ? cell->status : "no report"}};
        if (cell) {
            item["exercised"] = cell->exercised;
            item["diverged"] = cell->diverged;
            if (!cell->why.empty()) item["why"] = cell->why;
        }
        cells.push_back(std::move(item));
    }
    return {{"id", row.id},
            {"title", row.title},
            {"differs", kSpread[static_cast<std::size_t>(row.differs)]},
            {"targets", std::move(cells)}};
}

// Markdown

/// Text that Markdown does not take for markup, in a cell of a table.
std::string plain(const std::string& text) {
    std::string out;
    for (const char c : text) {
        if (c == '\n') {
            out += ' ';
            continue;
        }
        if (c == '<') {
            out += "&lt;";
            continue;
        }
        if (c == '|' || c == '*' || c == '_' || c == '`' || c == '[' || c == '\\') out += '\\';
        out += c;
    }
    return out;
}

std::string quoted(const std::string& text) {
    std::string out = "`";
    for (const char c : text) out += c == '`' || c == '\n' ? '\'' : c;
    return out + "`";
}

std::string table_head(const Matrix& matrix, const std::string& first) {
    std::string text = "| " + first + " |";
    std::string rule = "|---|";
    for (const MatrixColumn& column : matrix.columns) {
        text += " " + plain(column.label) + " |";
        rule += "---|";
    }
    return text + "\n" + rule + "\n";
}

std::string columns_markdown(const Matrix& matrix) {
    std::string text =
        "| target | version | CPU | FEAT_MTE | cases | agree | by known defects | led astray | unexplained "
        "| unsupported |\n|---|---|---|---|---|---|---|---|---|---|\n";
    for (const MatrixColumn& column : matrix.columns) {
        text += "| " + quoted(column.name) + " | ";
        if (!column.ran()) {
            text += "**could not run**: " + plain(column.problem) + " | | | | | | | | |\n";
            continue;
        }
        const Counts& counts = column.counts;
        text += plain(column.version) + " | " + plain(column.cpu) + " | " + std::to_string(column.mte);
        for (const std::uint64_t value : {counts.cases, counts.agreed, counts.explained, counts.led_astray,
                                          counts.unexplained, counts.unsupported}) {
            text += " | " + grouped(value);
        }
        text += " |\n";
    }
    return text;
}

std::string causes_markdown(const Matrix& matrix, bool differs) {
    std::string text;
    for (const MatrixCause& cause : matrix.causes) {
        if (cause.differs != differs) continue;
        if (text.empty()) text = table_head(matrix, "cause");
        text += "| " + plain(title_of(cause)) + " (" + quoted(cause.id) + ")";
        if (differs) text += ": **" + plain(cause.says) + "**";
        text += " |";
        for (const MatrixCause::Cell& cell : cause.cells) {
            const bool present = cell.presence == Presence::present;
            text += " " +
                    (present                                ? grouped(cell.seen.cases)
                     : cell.presence == Presence::no_report ? std::string("-")
                                                            : std::string(to_string(cell.presence))) +
                    " |";
        }
        text += "\n";
    }
    return text;
}

template <class Wanted>
std::string requirements_markdown(const Matrix& matrix, const Wanted& wanted, bool with_reasons) {
    std::string text;
    for (const MatrixRequirement& row : matrix.requirements) {
        if (!wanted(row)) continue;
        if (text.empty()) text = table_head(matrix, "requirement");
        const std::string why = with_reasons ? reasons(row, matrix) : std::string();
        text += "| " + row.id + " " + plain(row.title) + (why.empty() ? "" : " (" + plain(why) + ")") + " |";
        for (const auto& cell : row.cells) text += " " + cell_text(cell) + " |";
        text += "\n";
    }
    return text;
}

std::string section(const std::string& title, const std::string& body) {
    return body.empty() ? std::string() : "\n## " + title + "\n\n" + body;
}

// Text

std::string columns_text(const Matrix& matrix) {
    std::size_t width = 0;
    for (const MatrixColumn& column : matrix.columns) width = std::max(width, column.name.size() + 2);
    std::string text =
        padded("target", width) + "      cases      agree  explained  led astray  unexplained  unsupported\n";
    for (const MatrixColumn& column : matrix.columns) {
        text += padded(column.name, width);
        if (!column.ran()) {
            text += "COULD NOT RUN: " + column.problem + "\n";
            continue;
        }
        const Counts& counts = column.counts;
        const auto cell = [&](std::uint64_t value, std::size_t size) {
            const std::string number = grouped(value);
            text += std::string(number.size() < size ? size - number.size() : 1, ' ') + number;
        };
        cell(counts.cases, 11);
        cell(counts.agreed, 11);
        cell(counts.explained, 11);
        cell(counts.led_astray, 12);
        cell(counts.unexplained, 13);
        cell(counts.unsupported, 13);
        text += "\n" + std::string(2, ' ') + column.version + ", cpu " + column.cpu + ", FEAT_MTE level " +
                std::to_string(column.mte) + "\n";
    }
    return text;
}

std::string causes_text(const Matrix& matrix, bool differs) {
    std::string text;
    for (const MatrixCause& cause : matrix.causes) {
        if (cause.differs != differs) continue;
        text += "\n" + title_of(cause) + " [" + cause.id + "]\n  " + cause.says + "\n  cases ";
        for (std::size_t i = 0; i < cause.cells.size(); ++i) {
            const MatrixCause::Cell& cell = cause.cells[i];
            if (cell.presence == Presence::no_report) continue;
            text += " " + matrix.columns[i].label + ": " + grouped(cell.seen.cases);
        }
        text += "; contradicts " + cause.pseudocode + "\n";
        if (const std::string code = code_text(cause); !code.empty()) text += "  example: " + code + "\n";
        if (const std::string file = file_of(cause); !file.empty()) text += "  finding: " + file + "\n";
    }
    return text;
}

template <class Wanted>
std::string requirements_text(const Matrix& matrix, const Wanted& wanted) {
    std::string text;
    for (const MatrixRequirement& row : matrix.requirements) {
        if (!wanted(row)) continue;
        text += padded(row.id, 14) + row.title + "\n  ";
        for (std::size_t i = 0; i < row.cells.size(); ++i) {
            if (row.cells[i]) text += "  " + matrix.columns[i].label + ": " + cell_text(row.cells[i]);
        }
        text += "\n";
        if (const std::string why = reasons(row, matrix); !why.empty()) text += "    (" + why + ")\n";
    }
    return text;
}

std::string heading(const std::string& title, const std::string& body) {
    return body.empty() ? std::string() : "\n" + title + "\n" + (body.front() == '\n' ? "" : "\n") + body;
}

} // namespace

OrderedJson to_json(const Matrix& matrix) {
    OrderedJson columns = OrderedJson::array();
    for (const MatrixColumn& column : matrix.columns) columns.push_back(to_json(column));
    OrderedJson causes = OrderedJson::array();
    for (const MatrixCause& cause : matrix.causes) causes.push_back(to_json(cause));
    OrderedJson requirements = OrderedJson::array();
    for (const MatrixRequirement& row : matrix.requirements) requirements.push_back(to_json(row));
    return {{"schema", kMatrixSchema},
            {"mtecheck", {{"version", mtecheck_version()}, {"tables", tables_fingerprint()}}},
            {"same_campaign", matrix.same_stream},
            {"targets", std::move(columns)},
            {"findings", std::move(causes)},
            {"requirements", std::move(requirements)}};
}

std::string to_markdown(const Matrix& matrix) {
    std::string text = "# Targets side by side\n\n" + columns_markdown(matrix);
    if (!matrix.same_stream) text += "\n" + std::string(kNoSameTests) + "\n";
    text += section("Findings that differ", causes_markdown(matrix, true));
    const auto is = [](Spread spread) {
        return [spread](const MatrixRequirement& row) { return row.differs == spread; };
    };
    text += section("Requirements that some targets keep and others do not",
                    requirements_markdown(matrix, is(Spread::verdict), true));
    text += section("Requirements that are not reached or not applicable on some targets",
                    requirements_markdown(matrix, is(Spread::reach), true));
    text += section("Findings on all targets", causes_markdown(matrix, false));
    text += section("Requirements with the same verdict on all targets",
                    requirements_markdown(matrix, is(Spread::none), false));
    return text;
}

std::string to_text(const Matrix& matrix) {
    std::string text = columns_text(matrix);
    if (!matrix.same_stream) text += "\nNOTE: " + std::string(kNoSameTests) + "\n";
    text += heading("FINDINGS THAT DIFFER", causes_text(matrix, true));
    text +=
        heading("REQUIREMENTS THAT SOME TARGETS KEEP AND OTHERS DO NOT",
                requirements_text(matrix, [](const MatrixRequirement& row) { return row.differs == Spread::verdict; }));
    text +=
        heading("REQUIREMENTS NOT REACHED OR NOT APPLICABLE ON SOME TARGETS",
                requirements_text(matrix, [](const MatrixRequirement& row) { return row.differs == Spread::reach; }));
    text += heading("FINDINGS ON ALL TARGETS", causes_text(matrix, false));
    text += heading("REQUIREMENTS THAT DIVERGE ON ALL TARGETS", requirements_text(matrix, diverges_everywhere));
    return text + "\nrequirements  " + std::to_string(count(matrix, Spread::verdict)) + " differ in verdict, " +
           std::to_string(count(matrix, Spread::reach)) + " in reach, " + std::to_string(count(matrix, Spread::none)) +
           " are the same on all targets\n";
}

} // namespace mtecheck::difftest
