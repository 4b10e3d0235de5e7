// SPDX-License-Identifier: Apache-2.0
//
// The verbs of the command line. Each gets what follows its name and returns the exit status of the process:
// 0 all agree, 1 something diverges, 2 could not run (an exception, see main.cc), 125 nothing could be tested.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "difftest/cli/options.h"
#include "difftest/core/target.h"
#include "difftest/findings/waivers.h"
#include "difftest/report/citations.h"

namespace mtecheck::difftest {

inline constexpr int kAgree = 0;
inline constexpr int kDiverge = 1;
inline constexpr int kCouldNotRun = 2;
inline constexpr int kUntestable = 125;
inline constexpr int kInterrupted = 130; // 128 + SIGINT, as shells expect

struct Verb {
    std::string_view name;
    std::string_view summary;
    int (*run)(std::span<char* const> arguments);
};

std::span<const Verb> verbs();

int run_agent(std::span<char* const> arguments);
int run_assemble(std::span<char* const> arguments);
int run_bench(std::span<char* const> arguments);
int run_campaign(std::span<char* const> arguments);
int run_disassemble(std::span<char* const> arguments);
int run_explain(std::span<char* const> arguments);
int run_matrix(std::span<char* const> arguments);
int run_merge(std::span<char* const> arguments);
int run_paths(std::span<char* const> arguments);
int run_record(std::span<char* const> arguments);
int run_replay(std::span<char* const> arguments);
int run_prove(std::span<char* const> arguments);
int run_reproduce(std::span<char* const> arguments);
int run_shrink(std::span<char* const> arguments);
int run_report(std::span<char* const> arguments);
int run_selftest(std::span<char* const> arguments);
int run_targets(std::span<char* const> arguments);
int run_abi(std::span<char* const> arguments);
int run_trace(std::span<char* const> arguments);
int run_verify_patch(std::span<char* const> arguments);
int run_waive(std::span<char* const> arguments);

// What several verbs share.

/// Declares --workers, and -j; `what` is done by each of them.
void declare_workers(Options& options, const std::string& what);
unsigned workers_of(const Options& options);
/// From now on SIGINT and SIGTERM set the flag that is returned; the second time they end the process.
const std::atomic<bool>& interrupted_by_signals();
/// mtecheck-out/WHAT-NNNN, the first that there is not yet.
std::filesystem::path free_directory(const std::string& what);
/// Declares --progress.
void declare_progress(Options& options);
enum class ProgressStyle : std::uint8_t;
ProgressStyle progress_of(const Options& options);
/// Declares --proofs, what reports cite.
void declare_proofs(Options& options);
Citations citations_of(const Options& options);
/// What the report of a campaign that has ended is made of; `waivers` may be null.
struct ReportInput report_input(const class Campaign& campaign, const std::vector<struct Finding>& findings,
                                Citations proved, const Waivers* waivers);
/// Runs a campaign that was started or resumed, writes and prints its report; the exit status. The options are those of
/// --workers, --progress, --proofs and --waivers.
int conduct(class Campaign& campaign, const struct Settings& settings, const std::filesystem::path& directory,
            const Options& options);
/// Judges a record.
int replay_record(const std::string& file, const Options& options);
/// The exit status of a campaign's result.
int status_of(const struct Tally& tally, const std::optional<Waivers>& waivers);
/// Declares --target, with the text that lists the kinds of target.
void declare_target(Options& options, const std::string& fallback);
/// Declares --defects, the directory of known defects.
void declare_defects(Options& options);
/// The known defects that --defects names, or those that come with mtecheck.
std::vector<struct Defect> known_defects(const Options& options);
/// The same of the Linux ABI.
std::vector<struct AbiDefect> known_abi_defects(const Options& options);
/// Declares --waivers, a file of divergences that are accepted for a while.
void declare_waivers(Options& options);
/// Those of --waivers, for one target; nothing if the option is not given.
std::optional<Waivers> waivers_for(const Options& options, const std::string& target, const std::string& version);
/// Declares --paths, the directory of the path corpus.
void declare_paths(Options& options);
/// The directory that --paths names, or that of the path corpus that comes with mtecheck; empty: none.
std::string path_directory(const Options& options);
/// Declares --corpus, what a campaign with --distil left.
void declare_corpus(Options& options);
/// The directory that --corpus names; empty: none.
std::string corpus_of(const Options& options);
/// mtecheck targets probe.
enum class ProbeForm : std::uint8_t { text, tables, json };
int probe_targets(std::span<const std::string> targets, ProbeForm form);
/// The target that a name such as "model:NAME" or "qemu-system:/path/to/qemu" stands for.
std::unique_ptr<Target> make_target(const std::string& spec);

} // namespace mtecheck::difftest
