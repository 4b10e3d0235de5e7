// SPDX-License-Identifier: Apache-2.0
//
// The reports of one campaign on many targets, side by side: a table requirement x target, and a row for each cause of
// divergences that says where it is and where not. Format: mtecheck-matrix/1.
//
// Invariants:
//  - a function of the reports and their order, byte for byte: nothing of "times" is in it;
//  - a target without a report is a column that says why, and has no other cell;
//  - what differs between targets comes before what does not;
//  - that a cause is absent on a target is said only where it could have shown: a requirement that speaks of it was
//    exercised there.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "difftest/campaign/unit.h"
#include "difftest/core/json_reader.h"
#include "difftest/findings/waivers.h"

namespace mtecheck::difftest {

inline constexpr std::string_view kMatrixSchema = "mtecheck-matrix/1";

/// What a report says of a requirement.
struct RequirementCell {
    std::string status; // "agreed", "diverged", "not reached", "not applicable"
    std::uint64_t exercised = 0;
    std::uint64_t diverged = 0;
    std::string why; // of the last two
};

/// What a cause of divergences is, in the order of the table.
inline constexpr std::string_view kCauseKinds[] = {"unexplained", "defect", "not reproduced"};

/// A cause of divergences that a report lists.
struct CauseCell {
    std::string kind; // one of kCauseKinds
    std::string id;
    std::string summary;
    std::string pseudocode;
    std::uint64_t cases = 0;
    std::vector<std::string> groups;
    std::vector<std::string> requirements; // that it speaks against, as far as its example shows
    std::string example;                   // id of a case
    std::string file;                      // of that finding, if it is one
    std::vector<std::string> code;
};

/// A defect that is known of the version of a target, met or not.
struct KnownDefect {
    std::vector<std::string> mutations;
    std::vector<std::string> requirements;
};

/// What is in the matrix of one target.
struct MatrixColumn {
    std::string name;    // of the target, as given
    std::string report;  // its file; empty: there is none
    std::string problem; // why there is none
    std::string label;   // what the table calls it, see join_columns()

    std::string version;
    std::string cpu;
    std::uint64_t mte = 0;
    std::string stream; // what determined its tests, apart from its profile
    Counts counts;
    std::vector<std::string> requirement_ids; // in the order of the report
    std::map<std::string, std::string> titles;
    std::map<std::string, RequirementCell> requirements;
    std::vector<CauseCell> causes;
    std::map<std::string, KnownDefect> defects; // by id
    bool diverged = false;                      // something that is not waived

    bool ran() const { return problem.empty(); }
};

/// The column of a stored report. `findings` is the directory in which its findings are files, as the reader of the
/// matrix may name it; empty: none is known. `waivers` take divergences out of `diverged`.
MatrixColumn column_of(const JsonPlace& report, const std::string& file, const std::string& findings,
                       const Waivers& waivers);
/// That of a target without one.
MatrixColumn column_without(const std::string& name, const std::string& problem);

/// How a row differs between the targets that ran, what matters most first.
enum class Spread : std::uint8_t { verdict, reach, none };

struct MatrixRequirement {
    std::string id;
    std::string title;
    Spread differs = Spread::none;                     // verdict: agreed on some, diverged on others
    std::vector<std::optional<RequirementCell>> cells; // for each column; nothing: it has no report, or an older one
};

struct MatrixCause {
    enum class Presence : std::uint8_t {
        present,
        gone,       // present on an earlier version of the same target
        absent,     // not met, and it could have been
        not_tested, // nothing that speaks of it was exercised
        no_report
    };
    struct Cell {
        Presence presence = Presence::no_report;
        CauseCell seen;     // of present
        std::string why;    // of not_tested
        bool known = false; // a known defect of this version that was not met
    };
    std::string kind;
    std::string id;
    std::string summary;
    std::string pseudocode;
    bool differs = false;
    std::vector<Cell> cells;
    std::string says; // "present in 7.2, 10.0; gone in 11.1"
};

std::string_view to_string(MatrixCause::Presence presence);

struct Matrix {
    std::vector<MatrixColumn> columns;
    std::vector<MatrixCause> causes;             // those that differ first
    std::vector<MatrixRequirement> requirements; // those that differ first
    bool same_stream = true;                     // all reports are of one campaign

    bool diverged() const;
    bool all_ran() const;
    bool any_compared() const;
};

Matrix join_columns(std::vector<MatrixColumn> columns);

OrderedJson to_json(const Matrix& matrix);
std::string to_markdown(const Matrix& matrix);
/// For a terminal.
std::string to_text(const Matrix& matrix);

} // namespace mtecheck::difftest
