// SPDX-License-Identifier: Apache-2.0
//
// Where the known defects come from: the directory that --defects names, else the one of the source tree that this
// program was built from, else the installed one.
#include <filesystem>

#include "difftest/cli/verbs.h"
#include "difftest/findings/defects.h"

namespace mtecheck::difftest {

void declare_defects(Options& options) {
    options.value("defects", "DIRECTORY", "known defects of targets, or none (default: those that come with mtecheck)");
}

std::vector<Defect> known_defects(const Options& options) {
    if (options.given("defects")) {
        return options.get("defects") == "none" ? std::vector<Defect>() : read_defects(options.get("defects"));
    }
    for (const char* directory : {MTECHECK_SOURCE_DEFECTS, MTECHECK_INSTALLED_DEFECTS}) {
        if (std::filesystem::is_directory(directory)) return read_defects(directory);
    }
    return {};
}

void declare_paths(Options& options) {
    options.value("paths", "DIRECTORY", "the path corpus, or none (default: the one that comes with mtecheck)");
}

std::string path_directory(const Options& options) {
    if (options.given("paths")) return options.get("paths") == "none" ? std::string() : options.get("paths");
    for (const char* directory : {MTECHECK_SOURCE_PATHS, MTECHECK_INSTALLED_PATHS}) {
        if (std::filesystem::is_directory(directory)) return directory;
    }
    return {};
}

} // namespace mtecheck::difftest
