// SPDX-License-Identifier: Apache-2.0
//
// mtecheck VERB: finds the verb, and turns every exception into one clear line and an exit status.
#include <algorithm>
#include <csignal>
#include <cstring>
#include <exception>
#include <iostream>
#include <new>
#include <span>
#include <string>

#include "difftest/campaign/identity.h"
#include "difftest/cli/verbs.h"

namespace mtecheck::difftest {
namespace {

std::string help() {
    std::string text = "usage: mtecheck VERB [OPTION...]\n\n"
                       "Says whether an implementation of the Arm Memory Tagging Extension does what Arm wrote, and\n"
                       "shows the shortest program on which it does not.\n\nverbs:\n";
    for (const Verb& verb : verbs()) {
        std::string line = "  " + std::string(verb.name);
        line.resize(16, ' ');
        text += line + std::string(verb.summary) + "\n";
    }
    text += "\n`mtecheck VERB --help` is the manual of a verb; `mtecheck --version` names the version.\n\n"
            "exit status:\n"
            "  0    everything that was compared agrees\n"
            "  1    something diverges\n"
            "  2    could not run: a wrong argument or file, a target that does not start, a full disk\n"
            "  125  nothing could be compared, because the target does not support it (`git bisect run` skips)\n"
            "  130  interrupted; a campaign can be resumed\n";
    return text;
}

int dispatch(std::span<char* const> arguments) {
    const std::string_view name = arguments.empty() ? std::string_view() : std::string_view(arguments[0]);
    if (name == "--help" || name == "-h" || name == "help") {
        std::cout << help();
        return kAgree;
    }
    if (name == "--version") {
        std::cout << "mtecheck " << mtecheck_version() << "\n";
        return kAgree;
    }
    if (name.empty()) {
        throw UsageError("mtecheck: a verb is missing (see mtecheck --help)");
    }
    const auto all = verbs();
    const auto verb =
        std::find_if(all.begin(), all.end(), [&](const Verb& candidate) { return candidate.name == name; });
    if (verb == all.end()) {
        throw UsageError("mtecheck: there is no verb '" + std::string(name) + "' (see mtecheck --help)");
    }
    return verb->run(arguments.subspan(1));
}

int run(std::span<char* const> arguments) {
    try {
        const int status = dispatch(arguments);
        std::cout.flush();
        // A result that could not be written is not a result; only a reader that closed the pipe knows what it does.
        if (!std::cout && errno != EPIPE) {
            std::cerr << "mtecheck: cannot write to standard output: " << std::strerror(errno) << "\n";
            return kCouldNotRun;
        }
        return status;
    } catch (const UsageError& error) {
        std::cerr << error.what() << "\n";
    } catch (const std::bad_alloc&) {
        std::cerr << "mtecheck: out of memory\n";
    } catch (const std::exception& error) {
        std::cerr << "mtecheck: " << error.what() << "\n";
    }
    return kCouldNotRun;
}

} // namespace

std::span<const Verb> verbs() {
    static constexpr Verb kVerbs[] = {
        {"campaign", "run generated cases on a target and compare them with the model", run_campaign},
        {"replay", "run findings, cases or the golden corpus on a target", run_replay},
        {"record", "run a campaign, and keep what the target did to be judged elsewhere", run_record},
        {"shrink", "reduce the cases of findings to what matters", run_shrink},
        {"reproduce", "write a finding as an assembly file that stands alone", run_reproduce},
        {"paths", "make the corpus of paths of the model, or check that it is current", run_paths},
        {"explain", "walk through one case step by step in the model", run_explain},
        {"prove", "prove invariants of the model for all inputs", run_prove},
        {"report", "print a campaign's report for people", run_report},
        {"merge", "join the results of campaigns that ran some shards each", run_merge},
        {"selftest", "plant each deliberate fault of the model, and see whether a campaign finds it", run_selftest},
        {"verify-patch", "say what a patch to an implementation fixes and breaks", run_verify_patch},
        {"matrix", "run one campaign on many targets, and compare them", run_matrix},
        {"waive", "accept a known divergence for a while, with a reason", run_waive},
        {"targets", "list, install, probe and remove targets", run_targets},
        {"abi", "compare the Linux ABI of memory tagging with the kernel's contract", run_abi},
        {"trace", "judge a recorded trace of executed instructions in lockstep with the model", run_trace},
        {"agent", "write out the program that runs cases on an arm64 Linux machine", run_agent},
        {"bench", "measure model, target and the work around them", run_bench},
        {"assemble", "instruction words of assembly text", run_assemble},
        {"disassemble", "assembly text of instruction words", run_disassemble},
    };
    return kVerbs;
}

} // namespace mtecheck::difftest

int main(int argc, char** argv) {
    // A closed pipe is an error of the write, not the end of a campaign.
    std::signal(SIGPIPE, SIG_IGN);
    return mtecheck::difftest::run(std::span<char* const>(argv + 1, argv + std::max(argc, 1)));
}
