// SPDX-License-Identifier: Apache-2.0
//
// mtecheck prove: from options to proofs, tables and an exit status.
#include <nlohmann/json.hpp>
#include <unistd.h>

#include <atomic>
#include <iostream>
#include <memory>

#include "difftest/cli/verbs.h"
#include "difftest/core/json.h"
#include "difftest/core/terminal_line.h"
#include "difftest/findings/files.h"
#include "difftest/prove/counterexample_case.h"
#include "difftest/prove/proofs_json.h"
#include "difftest/prove/render.h"
#include "difftest/prove/runner.h"
#include "difftest/prove/second_solver.h"

namespace mtecheck::difftest {
namespace {

constexpr const char* kText =
    "Proves invariants of the model for all inputs with the SMT solver Z3, and shows that each of them says something\n"
    "(there is a state that it is about) and that each is alive (a deliberate fault of the model breaks it; the\n"
    "counterexample is run again with plain values). PATTERN is the id of an invariant or the name of a scenario, "
    "with\n"
    "*, ? and [...] as in a shell; without one everything is proved, and every deliberate fault must be killed.\n\n"
    "What was proved before is not proved again unless the model, the tables, the statement or the solver changed.\n\n"
    "exit status: 0 all is proved and killed; 1 something is not; 2 could not run; 130 interrupted: what was proved\n"
    "is kept\n";
constexpr const char* kDefaultTimeout = "5m";

std::unique_ptr<ProofCache> cache_of(const Options& options) {
    if (options.given("no-cache")) return nullptr;
    if (options.given("cache")) return std::make_unique<ProofCache>(options.get("cache"));
    const auto directory = default_cache_directory();
    return directory ? std::make_unique<ProofCache>(*directory) : nullptr;
}

std::string progress_text(const ProofProgress& progress) {
    std::string line = std::to_string(progress.done) + " of " + std::to_string(progress.jobs) + " jobs";
    if (!progress.running.empty()) line += ", " + progress.running;
    return line;
}

} // namespace

int run_prove(std::span<char* const> arguments) {
    Options options("prove", "[PATTERN...] [OPTION...]", kText);
    options.flag("list", "name what is selected, with sentences and requirements; prove nothing");
    declare_workers(options, "how many threads prove at once");
    options.value("timeout", "TIME", "how long one job may take; what takes longer is unknown", kDefaultTimeout);
    options.flag("no-mutations", "prove the invariants only, without deliberate faults");
    options.flag("all-mutations", "try every deliberate fault that a scenario asks for on all of its invariants");
    options.flag("counterexamples", "print what breaks an invariant under each deliberate fault");
    options.value("output", "DIRECTORY", "write each counterexample as a case that mtecheck replay and explain take");
    options.value("json", "FILE", "write all results (mtecheck-proofs/1)");
    options.value("cache", "DIRECTORY", "where results are kept (default $XDG_CACHE_HOME/mtecheck/proofs)");
    options.flag("no-cache", "prove everything again and keep nothing");
    options.value("export-smt2", "DIRECTORY", "write each question to the solver to a file, as SMT-LIB 2");
    options.value(
        "cross-check", "SOLVER",
        "ask this solver, too (cvc5, bitwuzla or a path), and compare; it gets --cross-time for each question");
    options.value("cross-time", "TIME", "for one question to the second solver", "10s");
    options.value("progress", "STYLE", "none, line, or auto: a line on a terminal", "auto");
    options.positional(0, 10000);
    if (!options.parse(arguments)) return kAgree;
    for (const auto& [one, other] : {std::pair("no-mutations", "all-mutations"), std::pair("cache", "no-cache")}) {
        if (options.given(one) && options.given(other)) {
            throw UsageError("mtecheck prove: --" + std::string(one) + " and --" + other + " contradict each other");
        }
    }
    const Selection selection = select_invariants(model::proofs::scenarios(), options.arguments());
    if (options.given("list")) {
        std::cout << list_invariants(selection);
        return kAgree;
    }
    constexpr std::string_view kStyles[] = {"auto", "none", "line"};
    const std::string style = options.choice("progress", kStyles);
    const std::unique_ptr<ProofCache> cache = cache_of(options);
    ProofSettings settings;
    settings.workers = workers_of(options);
    settings.timeout = static_cast<double>(options.seconds("timeout"));
    settings.faults = options.given("no-mutations")    ? Faults::none
                      : options.given("all-mutations") ? Faults::all
                                                       : Faults::expected;
    settings.cache = cache.get();

    QueryWitness witness;
    if (options.given("cross-check")) {
        witness.cross_check(options.get("cross-check"), static_cast<unsigned>(options.seconds("cross-time")));
    }
    if (options.given("export-smt2")) witness.export_to(options.get("export-smt2"));
    if (witness.wanted()) {
        settings.on_query = [&](const Job& job, const std::string& smt2, model::symbolic::Answer answer) {
            witness.see(job, smt2, answer);
        };
    }

    const std::atomic<bool>& interrupted = interrupted_by_signals();
    Proofs proofs;
    {
        const bool wanted = style == "line" || (style == "auto" && ::isatty(STDERR_FILENO) != 0);
        TerminalLine line;
        proofs = run_proofs(selection, settings, interrupted, [&](const ProofProgress& progress) {
            if (wanted) line.show(progress_text(progress));
        });
    }
    if (options.given("cross-check")) proofs.cross_check = witness.result();
    std::cout << render_proofs(proofs, options.given("counterexamples"));
    if (options.given("output")) std::cout << write_cases(proofs, options.get("output"));
    if (options.given("json")) write_durably(options.get("json"), dump(to_json(proofs)));
    if (proofs.interrupted) return kInterrupted;
    return proofs.failures().empty() ? kAgree : kDiverge;
}

} // namespace mtecheck::difftest
