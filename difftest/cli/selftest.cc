// SPDX-License-Identifier: Apache-2.0
//
// mtecheck selftest.
#include <nlohmann/json.hpp>
#include <unistd.h>

#include <iostream>
#include <limits>

#include "difftest/campaign/selftest.h"
#include "difftest/cli/verbs.h"
#include "difftest/core/json.h"
#include "difftest/findings/files.h"

namespace mtecheck::difftest {
namespace {

constexpr const char* kText =
    "Tests the tester: runs the default campaign against the model with each of its deliberate faults,\n"
    "until it has found the fault, and prints the score and the time and cases that each took. Then it\n"
    "checks that each family of requirements has a fault that breaks one of it. A PATTERN such as 'tcf*'\n"
    "selects faults.\n\n"
    "exit status: 0 every fault was found and no family lacks one; 1 otherwise; 2 could not run; 130\n"
    "interrupted\n";

/// A directory that is gone at the end.
class TemporaryDirectory {
  public:
    TemporaryDirectory()
        : path_(std::filesystem::temp_directory_path() / ("mtecheck-selftest-" + std::to_string(::getpid()))) {
        make_directory(path_);
    }
    ~TemporaryDirectory() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    TemporaryDirectory(const TemporaryDirectory&) = delete;
    TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
    const std::filesystem::path& path() const { return path_; }

  private:
    std::filesystem::path path_;
};

} // namespace

int run_selftest(std::span<char* const> arguments) {
    Options options("selftest", "[PATTERN...] [OPTION...]", kText);
    options.value("for", "TIME", "how long a campaign looks for a fault at most",
                  std::to_string(kSelftestSeconds) + "s");
    options.value("seed", "NUMBER", "which of the streams of cases to run", std::to_string(kDefaultSeed));
    declare_paths(options);
    declare_workers(options, "how many faults are looked for at once");
    options.flag("json", "print JSON (mtecheck-selftest/1) instead of text");
    options.positional(0, 1000);
    if (!options.parse(arguments)) return kAgree;
    const TemporaryDirectory directory;
    SelftestResult result;
    result.settings = {.seconds = options.seconds("for"),
                       .seed = options.number("seed", 0, std::numeric_limits<std::uint64_t>::max()),
                       .paths = path_directory(options),
                       .mutations = select_mutations(options.arguments()),
                       .workers = workers_of(options),
                       .directory = directory.path()};
    const bool json = options.given("json");
    const std::atomic<bool>& interrupted = interrupted_by_signals();
    result.scores = run_selftest(result.settings, interrupted, [&](const FaultScore& score) {
        if (!json) std::cout << to_text(score) << std::flush;
    });
    if (interrupted) {
        std::cerr << "mtecheck: interrupted after " << result.scores.size() << " faults\n";
        return kInterrupted;
    }
    result.families = requirement_families();
    std::cout << (json ? dump(to_json(result)) : to_text(result));
    return result.passed() ? kAgree : kDiverge;
}

} // namespace mtecheck::difftest
