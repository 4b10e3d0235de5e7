// SPDX-License-Identifier: Apache-2.0
//
// Columns side by side: which rows there are, and how they differ.
#include "difftest/matrix/matrix.h"

#include <algorithm>
#include <set>
#include <tuple>

namespace mtecheck::difftest {
namespace {

using Presence = MatrixCause::Presence;

std::string kind_of(const std::string& name) { return name.substr(0, name.find_first_of(":,")); }

/// The name without its version: that of the same target in other versions is equal.
std::string family_of(const std::string& name) {
    const std::size_t options = name.find(',');
    return kind_of(name) + (options == std::string::npos ? "" : name.substr(options));
}

/// Short names: without the kind if all targets are of one, and with a number where two would be called the same.
void label(std::vector<MatrixColumn>& columns) {
    const bool one_kind = std::all_of(columns.begin(), columns.end(), [&](const MatrixColumn& column) {
        return kind_of(column.name) == kind_of(columns.front().name);
    });
    std::map<std::string, unsigned> used;
    for (MatrixColumn& column : columns) {
        const std::size_t kind = kind_of(column.name).size();
        column.label = column.name;
        if (one_kind && columns.size() > 1 && column.name.size() > kind && column.name[kind] == ':')
            column.label = column.name.substr(kind + 1);
        if (const unsigned before = used[column.label]++; before != 0)
            column.label += " (" + std::to_string(before + 1) + ")";
    }
}

/// Causes of several columns that are one: those that share a name, a group or, of one fault of the model, that fault.
class CauseJoiner {
  public:
    void add(std::size_t column, const CauseCell& cell, const std::map<std::string, KnownDefect>& defects) {
        std::set<std::string> keys{cell.kind + ":" + cell.id};
        if (cell.kind != "defect") {
            keys.insert("fault:" + cell.id);
            for (const std::string& group : cell.groups) keys.insert("group:" + group);
        } else if (const auto known = defects.find(cell.id);
                   known != defects.end() && known->second.mutations.size() == 1) {
            keys.insert("fault:" + known->second.mutations.front());
        }
        Row joined;
        std::vector<Row> others;
        for (Row& row : rows_) {
            const bool same =
                std::any_of(keys.begin(), keys.end(), [&](const std::string& key) { return row.keys.contains(key); });
            if (!same) {
                others.push_back(std::move(row));
                continue;
            }
            joined.keys.merge(row.keys);
            joined.seen.insert(joined.seen.end(), row.seen.begin(), row.seen.end());
        }
        joined.keys.merge(keys);
        joined.seen.emplace_back(column, cell);
        others.push_back(std::move(joined));
        rows_ = std::move(others);
    }

    struct Row {
        std::set<std::string> keys;
        std::vector<std::pair<std::size_t, CauseCell>> seen; // and the column
    };
    const std::vector<Row>& rows() const { return rows_; }

  private:
    std::vector<Row> rows_;
};

/// Two causes of one column that turn out to be one of the whole.
void add_to(CauseCell& cell, const CauseCell& more) {
    cell.cases += more.cases;
    cell.groups.insert(cell.groups.end(), more.groups.begin(), more.groups.end());
    for (const std::string& id : more.requirements) {
        if (std::find(cell.requirements.begin(), cell.requirements.end(), id) == cell.requirements.end())
            cell.requirements.push_back(id);
    }
    if (cell.example.empty()) {
        cell.example = more.example;
        cell.file = more.file;
        cell.code = more.code;
    }
}

/// Why nothing could have shown the cause on a target, from the requirements that it speaks against; empty if some
/// could, or if none are known.
std::string not_tested(const std::set<std::string>& requirements, const MatrixColumn& column) {
    if (column.counts.agreed == 0) return "no case could be compared";
    std::string why;
    for (const std::string& id : requirements) {
        const auto cell = column.requirements.find(id);
        if (cell == column.requirements.end()) continue;
        if (cell->second.exercised != 0) return {};
        if (why.empty()) why = id + " is " + cell->second.status + ": " + cell->second.why;
    }
    return why;
}

/// Whether a defect that stands for this cause is described for the version of the column.
bool is_known(const std::set<std::string>& keys, const MatrixColumn& column) {
    return std::any_of(column.defects.begin(), column.defects.end(), [&](const auto& defect) {
        return keys.contains("defect:" + defect.first) ||
               (defect.second.mutations.size() == 1 && keys.contains("fault:" + defect.second.mutations.front()));
    });
}

/// "present in 7.2, 10.0; gone in 11.1; not met in 5.2"
std::string says(const MatrixCause& cause, const std::vector<MatrixColumn>& columns) {
    std::string text;
    const auto add = [&](std::string_view what, const auto& belongs) {
        std::string names;
        for (std::size_t i = 0; i < columns.size(); ++i) {
            if (belongs(cause.cells[i])) names += (names.empty() ? "" : ", ") + columns[i].label;
        }
        if (!names.empty()) text += (text.empty() ? "" : "; ") + std::string(what) + " " + names;
    };
    using Cell = MatrixCause::Cell;
    add("present in", [](const Cell& cell) { return cell.presence == Presence::present; });
    add("gone in", [](const Cell& cell) { return cell.presence == Presence::gone; });
    add("not met in", [](const Cell& cell) { return cell.presence == Presence::absent && !cell.known; });
    add("known of, but not met in", [](const Cell& cell) { return cell.presence == Presence::absent && cell.known; });
    add("not tested in", [](const Cell& cell) { return cell.presence == Presence::not_tested; });
    return text;
}

MatrixCause cause_of(const CauseJoiner::Row& row, const std::vector<MatrixColumn>& columns) {
    MatrixCause cause;
    cause.cells.resize(columns.size());
    std::set<std::string> requirements;
    // The name is that of a known defect if one of them is; among equals that of the first column.
    const CauseCell* named = nullptr;
    for (const auto& [column, seen] : row.seen) {
        requirements.insert(seen.requirements.begin(), seen.requirements.end());
        if (named == nullptr || (named->kind != "defect" && seen.kind == "defect")) named = &seen;
        MatrixCause::Cell& cell = cause.cells[column];
        if (cell.presence == Presence::present) {
            add_to(cell.seen, seen);
        } else {
            cell.presence = Presence::present;
            cell.seen = seen;
        }
    }
    cause.kind = named->kind;
    cause.id = named->id;
    cause.summary = named->summary;
    cause.pseudocode = named->pseudocode;
    std::set<std::string> met_in; // families of targets in columns so far
    for (std::size_t i = 0; i < columns.size(); ++i) {
        MatrixCause::Cell& cell = cause.cells[i];
        if (!columns[i].ran()) continue;
        const std::string family = family_of(columns[i].name);
        if (cell.presence == Presence::present) {
            met_in.insert(family);
            continue;
        }
        cause.differs = true;
        cell.known = is_known(row.keys, columns[i]);
        cell.why = not_tested(requirements, columns[i]);
        cell.presence = !cell.why.empty()                        ? Presence::not_tested
                        : met_in.contains(family) && !cell.known ? Presence::gone
                                                                 : Presence::absent;
    }
    // What comes back in a later version is not gone.
    for (std::size_t i = 0; i < columns.size(); ++i) {
        if (cause.cells[i].presence != Presence::gone) continue;
        for (std::size_t later = i + 1; later < columns.size(); ++later) {
            if (cause.cells[later].presence == Presence::present &&
                family_of(columns[later].name) == family_of(columns[i].name)) {
                cause.cells[i].presence = Presence::absent;
            }
        }
    }
    cause.says = says(cause, columns);
    return cause;
}

std::uint64_t most_cases(const MatrixCause& cause) {
    std::uint64_t most = 0;
    for (const MatrixCause::Cell& cell : cause.cells) most = std::max(most, cell.seen.cases);
    return most;
}

std::vector<MatrixCause> causes_of(const std::vector<MatrixColumn>& columns) {
    CauseJoiner joiner;
    for (std::size_t i = 0; i < columns.size(); ++i) {
        for (const CauseCell& cell : columns[i].causes) joiner.add(i, cell, columns[i].defects);
    }
    std::vector<MatrixCause> causes;
    for (const CauseJoiner::Row& row : joiner.rows()) causes.push_back(cause_of(row, columns));
    const auto rank = [](const MatrixCause& cause) {
        return std::tuple(cause.kind == "not reproduced", !cause.differs,
                          std::find(std::begin(kCauseKinds), std::end(kCauseKinds), cause.kind) -
                              std::begin(kCauseKinds),
                          ~most_cases(cause), cause.id);
    };
    std::stable_sort(causes.begin(), causes.end(),
                     [&](const MatrixCause& a, const MatrixCause& b) { return rank(a) < rank(b); });
    return causes;
}

Spread spread_of(const MatrixRequirement& row) {
    std::set<std::string_view> statuses;
    for (const auto& cell : row.cells) {
        if (cell) statuses.insert(cell->status);
    }
    if (statuses.contains("agreed") && statuses.contains("diverged")) return Spread::verdict;
    return statuses.size() > 1 ? Spread::reach : Spread::none;
}

std::vector<MatrixRequirement> requirements_of(const std::vector<MatrixColumn>& columns) {
    std::vector<MatrixRequirement> rows;
    std::set<std::string> done;
    for (const MatrixColumn& column : columns) {
        for (const std::string& id : column.requirement_ids) {
            if (!done.insert(id).second) continue;
            MatrixRequirement row;
            row.id = id;
            row.title = column.titles.at(id);
            for (const MatrixColumn& of : columns) {
                const auto cell = of.requirements.find(id);
                row.cells.push_back(cell == of.requirements.end() ? std::nullopt : std::optional(cell->second));
            }
            row.differs = spread_of(row);
            rows.push_back(std::move(row));
        }
    }
    std::stable_sort(rows.begin(), rows.end(),
                     [](const MatrixRequirement& a, const MatrixRequirement& b) { return a.differs < b.differs; });
    return rows;
}

} // namespace

std::string_view to_string(Presence presence) {
    switch (presence) {
    case Presence::present: return "present";
    case Presence::gone: return "gone";
    case Presence::absent: return "not met";
    case Presence::not_tested: return "not tested";
    case Presence::no_report: return "no report";
    }
    return "no report";
}

bool Matrix::diverged() const {
    return std::any_of(columns.begin(), columns.end(), [](const MatrixColumn& column) { return column.diverged; });
}
bool Matrix::all_ran() const {
    return std::all_of(columns.begin(), columns.end(), [](const MatrixColumn& column) { return column.ran(); });
}
bool Matrix::any_compared() const {
    return std::any_of(columns.begin(), columns.end(),
                       [](const MatrixColumn& column) { return column.ran() && column.counts.agreed != 0; });
}

Matrix join_columns(std::vector<MatrixColumn> columns) {
    label(columns);
    Matrix matrix;
    matrix.causes = causes_of(columns);
    matrix.requirements = requirements_of(columns);
    std::set<std::string_view> streams;
    for (const MatrixColumn& column : columns) {
        if (column.ran()) streams.insert(column.stream);
    }
    matrix.same_stream =
        streams.size() <= 1 && std::none_of(streams.begin(), streams.end(), [](std::string_view stream) {
            return stream.find(" seconds=") != std::string_view::npos; // each ran as many as there was time for
        });
    matrix.columns = std::move(columns);
    return matrix;
}

} // namespace mtecheck::difftest
