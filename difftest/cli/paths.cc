// SPDX-License-Identifier: Apache-2.0
//
// mtecheck paths: the path corpus, made from the model by the solver, or compared with what is there.
#include <nlohmann/json.hpp>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <iostream>
#include <map>
#include <numeric>
#include <set>

#include "difftest/cli/verbs.h"
#include "difftest/core/error.h"
#include "difftest/core/json.h"
#include "difftest/core/terminal_line.h"
#include "difftest/findings/files.h"
#include "difftest/paths/collect.h"
#include "difftest/paths/path_corpus.h"

namespace mtecheck::difftest {
namespace {

constexpr const char* kText =
    "Enumerates the feasible paths of every instruction in every configuration class with the solver, and writes one\n"
    "case for each: the path corpus, which campaigns and `mtecheck replay` run. Every case is run on the model, which\n"
    "must take the path that the case was made for. Ends with a table on standard output.\n\n"
    "With --check nothing is written: the paths are enumerated and compared with the corpus in DIRECTORY. Other\n"
    "versions of the solver give other cases for the same paths, so it is the paths that are compared, and each case "
    "of\n"
    "the corpus must still take one of them.\n\n"
    "exit status: 0 done, or the corpus is current; 1 it is not, or a case does not take its path; 2 could not run\n";

void show_progress(TerminalLine& line, std::size_t done, std::size_t all, const std::string& encoding) {
    if (::isatty(STDERR_FILENO) != 0) {
        line.show(std::to_string(done) + " of " + std::to_string(all) + " instructions, " + encoding);
    } else if (done % 50 == 0 || done == all) {
        std::cerr << "mtecheck: " << done << " of " << all << " instructions\n";
    }
}

std::string padded(const std::string& text, std::size_t width) {
    return text.size() >= width ? text : std::string(width - text.size(), ' ') + text;
}

std::uint64_t sum(const std::vector<std::uint64_t>& numbers) {
    return std::accumulate(numbers.begin(), numbers.end(), std::uint64_t{0});
}

/// Paths by instruction class, for each implementation, and what is unreachable.
std::string table(const PathCollection& collection) {
    struct Line {
        std::uint64_t encodings = 0;
        std::vector<std::uint64_t> feasible;
        std::vector<std::uint64_t> called;
        std::uint64_t unreachable = 0;
        std::uint64_t cases = 0;
    };
    const std::size_t implementations = collection.index.implementations.size();
    const auto add = [&](Line& line, const PathRow& row) {
        ++line.encodings;
        line.feasible.resize(implementations);
        line.called.resize(implementations);
        for (std::size_t i = 0; i < row.feasible.size(); ++i) {
            line.feasible[i] += sum(row.feasible[i]);
            line.called[i] += row.called[i];
        }
        for (const auto& unreachable : row.unreachable) line.unreachable += unreachable.paths;
    };
    std::map<std::string, Line> lines;
    Line all;
    for (const PathRow& row : collection.index.rows) {
        const auto encoding = spec::find_encoding(row.encoding);
        const std::string name(spec::name(spec::info(*encoding).instruction_class));
        add(lines[name], row);
        add(all, row);
    }
    for (const auto& [name, cases] : collection.files) lines[name].cases = cases.size();
    all.cases = collection.cases();
    constexpr std::size_t kName = 28;
    constexpr std::size_t kNumber = 12;
    std::string text = "                            " + padded("encodings", kNumber);
    for (std::size_t i = 0; i < implementations; ++i) text += padded("paths", kNumber) + padded("called", kNumber);
    text += padded("unreachable", kNumber) + padded("cases", kNumber) + "\n";
    const auto print = [&](std::string name, const Line& line) {
        name.resize(std::max(name.size(), kName), ' ');
        text += name + padded(std::to_string(line.encodings), kNumber);
        for (std::size_t i = 0; i < implementations; ++i) {
            text += padded(std::to_string(line.feasible[i]), kNumber) + padded(std::to_string(line.called[i]), kNumber);
        }
        text += padded(std::to_string(line.unreachable), kNumber) + padded(std::to_string(line.cases), kNumber) + "\n";
    };
    for (const auto& [name, line] : lines) print(name, line);
    print("all", all);
    for (const auto& reason : collection.index.reasons) text += "unreachable, " + reason.id + ": " + reason.text + "\n";
    for (const PathRow& row : collection.index.rows) {
        if (!row.reason.empty()) text += "no paths, " + row.encoding + ": " + row.reason + "\n";
    }
    return text;
}

/// Puts what was enumerated of some instructions into the index of all of them.
PathIndex merged(const PathIndex& fresh, const std::filesystem::path& directory, bool everything) {
    if (everything || !std::filesystem::exists(directory / kPathIndexFile)) return fresh;
    PathIndex index = read_path_index(directory);
    for (const PathRow& row : fresh.rows) {
        const auto same = std::find_if(index.rows.begin(), index.rows.end(),
                                       [&](const PathRow& other) { return other.encoding == row.encoding; });
        if (same == index.rows.end()) {
            index.rows.push_back(row);
        } else {
            *same = row;
        }
    }
    index.reasons = fresh.reasons;
    index.classes = fresh.classes;
    return index;
}

void write(const PathCollection& collection, const std::filesystem::path& directory, bool everything) {
    make_directory(directory);
    for (const auto& [name, cases] : collection.files) {
        const auto path = directory / (name + kPathFileEnd);
        std::vector<PathCase> all;
        if (!everything && std::filesystem::exists(path)) {
            // Instructions that were not asked for stay as they are.
            std::set<spec::Encoding> fresh;
            for (const PathCase& path_case : cases) fresh.insert(path_case.encoding);
            for (PathCase& path_case : read_path_cases(read_file(path), path.string())) {
                if (!fresh.contains(path_case.encoding)) all.push_back(std::move(path_case));
            }
        }
        all.insert(all.end(), cases.begin(), cases.end());
        std::stable_sort(all.begin(), all.end(),
                         [](const PathCase& a, const PathCase& b) { return a.encoding < b.encoding; });
        if (!all.empty()) write_durably(path, write_path_cases(all));
    }
    write_durably(directory / kPathIndexFile, dump(to_json(merged(collection.index, directory, everything))));
}

/// What differs between fresh rows and those of the corpus.
std::vector<std::string> differences(const PathCollection& collection, const std::filesystem::path& directory) {
    std::vector<std::string> result;
    const PathIndex index = read_path_index(directory);
    for (const PathRow& row : collection.index.rows) {
        const auto same = std::find_if(index.rows.begin(), index.rows.end(),
                                       [&](const PathRow& other) { return other.encoding == row.encoding; });
        if (same == index.rows.end()) {
            result.push_back(row.encoding + ": is not in the corpus");
        } else if (to_json(PathIndex{{}, {}, {}, {row}}) != to_json(PathIndex{{}, {}, {}, {*same}})) {
            result.push_back(row.encoding + ": other numbers of paths than in the corpus");
        }
    }
    return result;
}

} // namespace

int run_paths(std::span<char* const> arguments) {
    Options options("paths", "[OPTION...]", kText);
    options.value("instruction", "GLOB", "only encodings, or instruction classes, whose name matches", "*");
    options.value("output", "DIRECTORY", "where the corpus is written", "corpus/paths");
    declare_workers(options, "how many threads enumerate");
    options.value("check", "DIRECTORY", "write nothing; compare with the corpus in this directory");
    options.flag("quiet", "no progress and no table");
    if (!options.parse(arguments)) return kAgree;

    CollectOptions collect;
    collect.instructions = options.get("instruction");
    collect.jobs = workers_of(options);
    const bool quiet = options.given("quiet");
    TerminalLine line;
    if (!quiet) {
        collect.progress = [&](std::size_t done, std::size_t all, const std::string& encoding) {
            show_progress(line, done, all, encoding);
        };
    }
    const auto start = std::chrono::steady_clock::now();
    const PathCollection collection = collect_paths(collect);
    line.erase();
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    if (collection.index.rows.empty())
        throw UsageError("mtecheck paths: no encoding and no instruction class matches " + collect.instructions);

    std::vector<std::string> trouble = collection.trouble;
    if (options.given("check")) {
        const auto more = differences(collection, options.get("check"));
        trouble.insert(trouble.end(), more.begin(), more.end());
    } else {
        write(collection, options.get("output"), collect.instructions == "*");
    }
    if (!quiet) {
        std::cout << table(collection) << collection.runs << " runs on terms, " << collection.queries << " queries, "
                  << collection.undecided << " undecided, " << static_cast<std::uint64_t>(seconds) << " s\n";
    }
    for (const std::string& text : trouble) std::cout << "TROUBLE " << text << "\n";
    return trouble.empty() && collection.undecided == 0 ? kAgree : kDiverge;
}

} // namespace mtecheck::difftest
