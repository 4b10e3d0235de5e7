// SPDX-License-Identifier: Apache-2.0
//
// The table of docs/findings/README.md is what its reproducers do on each QEMU that is installed, and what
// corpus/defects says of these versions; what the bug reports say is printed, is.
#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <regex>
#include <sstream>
#include <string>

#include <sys/wait.h>

#include <catch2/catch_test_macros.hpp>

#include "difftest/core/directory_files.h"
#include "difftest/core/error.h"
#include "difftest/core/json_reader.h"
#include "difftest/findings/defects.h"
#include "difftest/qemu/launch.h"
#include "tests/difftest/reproduce/assembled.h"
#include "tests/difftest/scratch.h"
#include "tests/places.h"

namespace mtecheck::difftest {
namespace {

namespace fs = std::filesystem;

const fs::path kFindings = mtecheck::places::source() + "/docs/findings";
constexpr std::array<const char*, 4> kVersions = {"5.2", "7.2", "10.0", "11.1"};
constexpr std::size_t kNewest = kVersions.size() - 1;

/// What a cell of the table says of a version.
struct Cell {
    int status = 0;         // of the reproducer
    bool otherwise = false; // a star: 1, but not for this defect
};

struct Row {
    fs::path reproducer;
    std::array<Cell, kVersions.size()> cells;
};

bool in_user_mode(const std::string& id) { return id.starts_with("qemu-user-"); }

/// Rows of the form | [`id`](file) | 1 | 0 | 1* | 2 | ...
std::map<std::string, Row> documented_rows() {
    static const std::regex kRow(R"(^\| \[`([^`]+)`\]\(([^)]+)\) \|(.*)$)");
    std::map<std::string, Row> rows;
    std::istringstream in(read_file(kFindings / "README.md"));
    for (std::string line; std::getline(in, line);) {
        std::smatch match;
        if (!std::regex_match(line, match, kRow)) continue;
        Row row{kFindings / match[2].str(), {}};
        std::istringstream rest(match[3].str());
        for (Cell& cell : row.cells) {
            std::string text;
            REQUIRE(std::getline(rest, text, '|'));
            std::erase(text, ' ');
            CAPTURE(line, text);
            REQUIRE((text == "0" || text == "1" || text == "2" || text == "1*"));
            cell = {text[0] - '0', text == "1*"};
        }
        REQUIRE(rows.emplace(match[1].str(), row).second);
    }
    return rows;
}

std::map<std::string, Defect> defects_of_qemu() {
    std::map<std::string, Defect> defects;
    for (const Defect& defect : read_defects(mtecheck::places::source() + "/corpus/defects")) {
        if (defect.id.starts_with("qemu-")) defects.emplace(defect.id, defect);
    }
    return defects;
}

/// Whether the defect is in QEMU of this version, by its patterns such as "QEMU emulator version 7.2.*".
bool has_version(const Defect& defect, const std::string& version) {
    return std::any_of(defect.versions.begin(), defect.versions.end(), [&](const std::string& pattern) {
        return pattern.ends_with(" *") || pattern.ends_with(" " + version + ".*");
    });
}

/// The lines of the first block after `heading`.
std::string block_after(const std::string& text, const std::string& heading) {
    const std::size_t begin = text.find("```\n", text.find(heading));
    if (begin == std::string::npos) return {};
    return text.substr(begin + 4, text.find("```", begin + 4) - begin - 4);
}

/// Replays a finding, for those that no comparison of single words shows.
Ran replay(const fs::path& finding, const std::string& target) {
    const std::string command = mtecheck::places::build() + "/mtecheck replay '" + finding.string() +
                                "' --quiet --target " + target + " > /dev/null";
    const int status = std::system(command.c_str()); // NOLINT(concurrency-mt-unsafe): nobody else is here
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, {}};
}

void check_row(const std::string& id, const Row& row, std::size_t version, const fs::path& directory) {
    const QemuKind& kind = in_user_mode(id) ? kQemuUser : kQemuSystem;
    const std::string target = std::string(kind.name) + ":" + kVersions.at(version);
    CAPTURE(id, target);
    if (row.reproducer.extension() == ".json") {
        CHECK(replay(row.reproducer, target).status == row.cells.at(version).status);
        return;
    }
    const Ran ran =
        assemble_and_run(directory, id, read_file(row.reproducer), parse_qemu_options(target, kind).program);
    CAPTURE(ran.output);
    CHECK(ran.status == row.cells.at(version).status);
    CHECK((ran.output.find(": expected 0x") != std::string::npos) == (ran.status == 1));
    if (version == kNewest && ran.status == 1 && !row.cells.at(version).otherwise) {
        CHECK(ran.output == block_after(read_file(kFindings / (id + ".md")), "## Observed"));
    }
}

} // namespace

TEST_CASE("the table of reproducers has every defect of system mode, and says what the known defects say") {
    const std::map<std::string, Row> rows = documented_rows();
    const std::map<std::string, Defect> defects = defects_of_qemu();
    for (const auto& [id, defect] : defects) {
        CAPTURE(id);
        CHECK((in_user_mode(id) || rows.contains(id)));
    }
    for (const auto& [id, row] : rows) {
        CAPTURE(id);
        CHECK(fs::exists(row.reproducer));
        REQUIRE(defects.contains(id));
        for (std::size_t i = 0; i < kVersions.size(); ++i) {
            CAPTURE(kVersions.at(i));
            const Cell& cell = row.cells.at(i);
            const bool shown = cell.status == 1 && !cell.otherwise;
            if (cell.status != 2) CHECK(shown == has_version(defects.at(id), kVersions.at(i)));
            if (i == kNewest && shown) CHECK(fs::exists(kFindings / (id + ".md")));
        }
    }
    for (const fs::path& file : files_ending(kFindings, ".s")) CHECK(rows.contains(file.stem().string()));
}

TEST_CASE("the reproducers end on each QEMU as their table says", "[slow]") {
    const std::map<std::string, Row> rows = documented_rows();
    const fs::path directory = scratch_directory("documented-reproducers");
    std::string missing;
    for (std::size_t i = 0; i < kVersions.size(); ++i) {
        for (const QemuKind* const kind : {&kQemuSystem, &kQemuUser}) {
            const std::string target = std::string(kind->name) + ":" + kVersions.at(i);
            try {
                parse_qemu_options(target, *kind);
            } catch (const TargetError&) {
                missing += " " + target;
                continue;
            }
            for (const auto& [id, row] : rows) {
                if (in_user_mode(id) == (kind == &kQemuUser)) check_row(id, row, i, directory);
            }
        }
    }
    if (!missing.empty()) SKIP("not installed:" << missing << "; mtecheck targets install NAME");
}

} // namespace mtecheck::difftest
