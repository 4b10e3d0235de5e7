// SPDX-License-Identifier: Apache-2.0
//
// mtecheck abi: judges the Linux ABI of memory tagging.
#include <iostream>
#include <limits>
#include <nlohmann/json.hpp>

#include "difftest/abi/abi_report.h"
#include "difftest/cli/verbs.h"
#include "difftest/core/json.h"

namespace mtecheck::difftest {
namespace {

constexpr const char* kText =
    "Runs generated programs of system calls, tag instructions and accesses as Linux processes, and compares all that\n"
    "they see with the kernel's contract: prctl, PROT_MTE, signals, system calls on tagged buffers, fork, threads, "
    "exec,\n"
    "ptrace and core dumps. Each group of divergences names the sentence or function that says otherwise, and has a\n"
    "small program that shows it. A divergence is explained by known defects of the target if the contract with these\n"
    "faults agrees with all that was seen.\n\n"
    "  mtecheck abi --target qemu-user:10.0\n"
    "  mtecheck abi --target linux:6.12,qemu=10.0 --cases 500 --json > report.json\n"
    "  mtecheck abi --target qemu-user --program one.json\n\n"
    "exit status: 0 all agree, or known defects explain what does not; 1 something diverges that they do not explain;\n"
    "2 could not run, or not to the end: the report tells what came before; 125 the target has no memory tagging, or "
    "no\n"
    "program can be judged: the report tells why; 130 interrupted\n";

void list_faults() {
    for (const auto& fault : model::linux_abi::abi_faults())
        std::cout << fault.id << "\n    " << fault.wrong << " (" << info(fault.clause).id << ")\n";
}

} // namespace

int run_abi(std::span<char* const> arguments) {
    Options options("abi", "--target TARGET [OPTION...]", kText);
    options.value("target", "TARGET", "qemu-user[:WHICH], linux:KERNEL, agent:COMMAND or model[:FAULT+...]",
                  "qemu-user");
    options.value("cases", "N", "how many programs", std::to_string(kAbiCases));
    options.value("seed", "NUMBER", "which of the streams of programs to run", "1");
    options.value("program", "FILE", "run this program (mtecheck-abi-program/1) instead");
    declare_defects(options);
    options.flag("no-reduce", "leave programs as they were generated");
    options.flag("list-faults", "list the deliberate faults that a target model:FAULT can have");
    options.flag("json", "print JSON (mtecheck-abi-report/1)");
    options.positional(0, 0);
    if (!options.parse(arguments)) return kAgree;
    if (options.given("list-faults")) {
        list_faults();
        return kAgree;
    }
    const AbiSettings settings{.cases = options.number("cases", 1, std::uint64_t{1} << 32),
                               .seed = options.number("seed", 0, std::numeric_limits<std::uint64_t>::max()),
                               .reduce = !options.given("no-reduce")};
    std::optional<AbiProgram> program;
    if (options.given("program")) program = read_abi_program(options.get("program"));
    const std::vector<AbiDefect> known = known_abi_defects(options);
    const std::unique_ptr<AbiTarget> target = make_abi_target(options.get("target"));
    const std::atomic<bool>& interrupted = interrupted_by_signals();
    try {
        const AbiResult result = program ? check_abi_program(*target, *program, interrupted, known)
                                         : check_abi(*target, settings, interrupted, known);
        std::cout << (options.given("json") ? dump(to_json(result)) : to_text(result));
        if (!result.trouble.empty()) throw TargetError(result.trouble);
        if (result.interrupted) return kInterrupted;
        for (const auto& [why, count] : result.why_not_modelled) {
            if (program) std::cerr << "mtecheck: the program is not judged: " << why << "\n";
        }
        if (result.unexplained() != 0) return kDiverge;
        return result.agreed + result.explained == 0 ? kUntestable : kAgree;
    } catch (const NoMemoryTagging& reason) {
        std::cerr << "mtecheck: " << reason.what() << "\n";
        return kUntestable;
    }
}

} // namespace mtecheck::difftest
