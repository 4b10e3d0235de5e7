// SPDX-License-Identifier: Apache-2.0
//
// The path corpus: a directory with the cases (*.paths.xz, one file for each instruction class) and index.json, which
// says how many paths are feasible. Read for one target: its constants are put into the cases, and each case is traced
// on the model with the features of the target, to learn which paths it takes there.
//
// Invariant: paths are numbered in the order in which the cases take them first; the numbers are a function of the
// directory and the profile.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "difftest/core/case.h"
#include "difftest/core/json_reader.h"
#include "difftest/core/target.h"
#include "difftest/paths/path_case.h"
#include "difftest/paths/path_class.h"

namespace mtecheck::difftest {

inline constexpr std::string_view kPathsSchema = "mtecheck-paths/1";

/// An implementation for which paths were enumerated: what it has and lacks of the features that a path asked for.
struct PathImplementation {
    std::string name;
    std::vector<std::string> has;
    std::vector<std::string> lacks;

    bool is_that_of(const Profile& profile) const;
};

/// Paths that are feasible for the architecture, and in no case.
struct UnreachablePaths {
    std::string reason; ///< id of an UnreachableReason
    std::uint64_t paths = 0;
};

struct UnreachableReason {
    std::string id;
    std::string text;
};

/// What was enumerated of one encoding.
struct PathRow {
    std::string encoding;
    std::vector<std::vector<std::uint64_t>> feasible; ///< by implementation and class
    std::vector<std::uint64_t> called;                ///< paths of called functions, by implementation
    std::vector<UnreachablePaths> unreachable;        ///< of the first implementation
    std::string reason;                               ///< why there are none at all
};

struct PathIndex {
    std::vector<PathImplementation> implementations;
    std::vector<std::string> classes;
    std::vector<UnreachableReason> reasons;
    std::vector<PathRow> rows; ///< in the order of the tables

    std::uint64_t feasible(std::size_t implementation) const;
};

OrderedJson to_json(const PathIndex& index);
PathIndex path_index_from_json(const JsonPlace& place);

/// All cases of a directory, as they are stored.
std::vector<PathCase> read_path_directory(const std::filesystem::path& directory);
/// A hash of its files of cases: the same for every target.
std::string path_cases_fingerprint(const std::filesystem::path& directory);
PathIndex read_path_index(const std::filesystem::path& directory);
inline constexpr const char* kPathIndexFile = "index.json";
inline constexpr const char* kPathFileEnd = ".paths.xz";

/// Paths that a case takes: that of its instruction, and those of functions that it calls if it stands for its kind.
class PathNamer {
  public:
    explicit PathNamer(const Profile& profile);
    ~PathNamer();
    PathNamer(PathNamer&&) noexcept;
    PathNamer& operator=(PathNamer&&) noexcept;

    struct Taken {
        std::size_t path_class = 0;
        std::string path;
        std::vector<std::pair<std::string, std::string>> calls; ///< function and its path
    };
    /// Nothing if the architecture leaves open what the case does, or the case does not come to its instruction.
    bool name(const PathCase& path_case, Taken& out);

  private:
    struct Implementation;
    std::unique_ptr<Implementation> implementation_;
};

class PathCorpus {
  public:
    PathCorpus(const std::filesystem::path& directory, const Profile& profile);

    struct Path {
        spec::Encoding encoding{};
        std::string function; ///< of a called function; empty: of the instruction
    };
    /// Cases of the same sequence are states of one test.
    const std::vector<Test>& tests() const { return tests_; }
    /// The numbers of the paths that a case takes.
    const std::vector<std::uint32_t>& paths_of(std::size_t test, std::size_t state) const {
        return taken_[test][state];
    }
    const std::vector<Path>& paths() const { return paths_; }
    /// How many paths of an encoding are feasible for this target; nothing if that was not enumerated for its features.
    std::optional<std::uint64_t> feasible(spec::Encoding encoding) const;
    const PathIndex& index() const { return index_; }
    /// A hash of the cases and of the paths that they take.
    const std::string& fingerprint() const { return fingerprint_; }
    /// path_cases_fingerprint() of its directory.
    const std::string& cases_fingerprint() const { return cases_fingerprint_; }

  private:
    PathIndex index_;
    std::optional<std::size_t> implementation_;
    std::vector<Test> tests_;
    std::vector<std::vector<std::vector<std::uint32_t>>> taken_; // by test and state
    std::vector<Path> paths_;
    std::string fingerprint_;
    std::string cases_fingerprint_;
};

} // namespace mtecheck::difftest
