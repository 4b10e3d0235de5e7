// SPDX-License-Identifier: Apache-2.0
//
// Where known defects and corpora come from: the place that an option names, else the directory of the
// source tree that this program was built from, else the installed one.
#include <filesystem>
#include <initializer_list>
#include <optional>

#include "difftest/abi/abi_defects.h"
#include "difftest/cli/verbs.h"
#include "difftest/findings/defects.h"

namespace mtecheck::difftest {
namespace {

std::optional<std::string> directory_of(const Options& options, const std::string& option,
                                        std::initializer_list<const char*> own) {
    if (options.given(option)) {
        return options.get(option) == "none" ? std::nullopt : std::optional(options.get(option));
    }
    for (const char* directory : own) {
        if (std::filesystem::is_directory(directory)) return directory;
    }
    return std::nullopt;
}

} // namespace

void declare_defects(Options& options) {
    options.value(
        "defects", "PLACE",
        "known defects of targets: a file, a directory of files, or none (default: those that come with mtecheck)");
}

std::vector<Defect> known_defects(const Options& options) {
    const auto directory = directory_of(options, "defects", {MTECHECK_SOURCE_DEFECTS, MTECHECK_INSTALLED_DEFECTS});
    return directory ? read_defects(*directory) : std::vector<Defect>();
}

std::vector<AbiDefect> known_abi_defects(const Options& options) {
    const auto directory =
        directory_of(options, "defects", {MTECHECK_SOURCE_ABI_DEFECTS, MTECHECK_INSTALLED_ABI_DEFECTS});
    return directory ? read_abi_defects(*directory) : std::vector<AbiDefect>();
}

void declare_paths(Options& options) {
    options.value("paths", "DIRECTORY", "the path corpus, or none (default: the one that comes with mtecheck)");
}

void declare_corpus(Options& options) {
    options.value("corpus", "DIRECTORY",
                  "after the path corpus run, and go on from, the corpus that a campaign with --distil left");
}

std::string corpus_of(const Options& options) { return options.given("corpus") ? options.get("corpus") : ""; }

std::string path_directory(const Options& options) {
    return directory_of(options, "paths", {MTECHECK_SOURCE_PATHS, MTECHECK_INSTALLED_PATHS}).value_or("");
}

} // namespace mtecheck::difftest
