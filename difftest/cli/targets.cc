// SPDX-License-Identifier: Apache-2.0
//
// mtecheck targets: the kinds of target, what one says of itself, and the versions of QEMU and Linux that can be
// installed.
#include <algorithm>
#include <iostream>
#include <memory>

#include "difftest/cli/verbs.h"
#include "difftest/core/error.h"
#include "difftest/core/json_reader.h"
#include "difftest/install/installation.h"
#include "difftest/install/private_apt.h"
#include "difftest/pipe/check.h"

namespace mtecheck::difftest {
namespace {

constexpr std::string_view kKinds =
    "  model                    the model itself: agrees with itself, and shows that the tool works\n"
    "  model:MUTATION[+...]     the model with deliberate faults: shows that the tool finds them\n"
    "  qemu-system              qemu-system-aarch64 of the PATH, -cpu max, running mtecheck's bare-metal monitor\n"
    "  qemu-system:VERSION      the one that was installed as this, such as qemu-system:10.0\n"
    "  qemu-system:PATH         any other, such as qemu-system:/path/to/build/qemu-system-aarch64\n"
    "                           options follow: ,cpu=NAME ,cpu.PROPERTY=VALUE ,machine.PROPERTY=VALUE ,mte=on|off\n"
    "                           ,timeout=SECONDS (of CPU time for a case)\n"
    "  qemu-user[:...]          qemu-aarch64 in the same three ways, running mtecheck's Linux agent: what a process "
    "sees,\n"
    "                           at EL0; options: ,cpu=NAME ,cpu.PROPERTY=VALUE ,timeout=SECONDS\n"
    "  agent:COMMAND            the same agent on another machine, such as agent:ssh phone ./mte-agent\n"
    "                           (docs/hardware.md); agent,timeout=SECONDS:COMMAND waits so long for an answer (60)\n"
    "  linux:VERSION            the same agent as init of the kernel that was installed as this, such as linux:6.12, "
    "in\n"
    "                           qemu-system-aarch64; options: ,qemu=VERSION|PATH ,cpu=NAME ,snapshot=on|off\n"
    "                           ,timeout=SECONDS (docs/hardware.md)\n"
    "  linux:PATH               any other kernel, such as linux:./Image\n"
    "  vixl                     VIXL's simulator of user code, as installed; vixl:TREE takes a source tree of it, "
    "compiled\n"
    "                           once (minutes); option: ,timeout=SECONDS\n"
    "  record:FILE              what a target did while mtecheck record ran\n"
    "  pipe:COMMAND             anybody's: a program that reads requests and writes answers (docs/adapters.md);\n"
    "                           pipe,timeout=SECONDS:COMMAND waits so long for an answer (60)\n";

constexpr std::string_view kText =
    "list               the kinds of target, and what is installed or can be\n"
    "install NAME...    fetch a QEMU or VIXL with all that it needs, or a kernel, from the Debian suite that has it, "
    "and "
    "unpack\n"
    "                   it into $XDG_CACHE_HOME/mtecheck/targets; apt checks the signatures. Nothing else changes, "
    "and\n"
    "                   no privilege is needed. What was cut off goes on where it was when it is asked for again.\n"
    "probe TARGET...    start each and say what it is: version, CPU, ID registers, the features that mtecheck derives\n"
    "                   from them, and what it chose where the architecture leaves that open, measured by a few cases\n"
    "check COMMAND...   whether a program keeps the rules for a pipe; COMMAND with its arguments is for the shell\n"
    "remove NAME...     remove what was installed, or is left of an attempt\n\n"
    "Kinds of target:\n";

constexpr std::size_t kMostArguments = 100;

std::string padded(std::string text, std::size_t width) {
    text.resize(std::max(text.size() + 1, width), ' ');
    return text;
}

int list() {
    std::cout << "kinds of target:\n" << kKinds << "\nversions to install:\n";
    for (const Offer& one : offers()) {
        std::string line = "  " + padded(std::string(one.name), 25);
        if (const auto there = installation(one)) {
            line += "installed, " + there->package_version + ", " + std::to_string(there->bytes / 1'000'000) + " MB";
        } else {
            line += "not installed (" + std::string(one.package) + " of Debian's " + std::string(one.suite) + ")";
        }
        std::cout << line << "\n";
    }
    return kAgree;
}

int install_all(std::span<const std::string> names, const InstallOptions& options) {
    for (const std::string& name : names) offer(name); // a wrong name is told before anything is fetched
    for (const std::string& name : names) {
        const Offer& wanted = offer(name);
        install(wanted, options,
                [&](const std::string& step) { std::cerr << "mtecheck: " << name << ": " << step << "\n"; });
        const auto there = installation(wanted);
        if (!there) throw ToolError(name + " was removed while it was installed");
        std::cout << name << ": " << there->package_version << ", " << there->packages << " packages, "
                  << there->bytes / 1'000'000 << " MB\n";
    }
    return kAgree;
}

int check(std::span<const std::string> words) {
    std::string command;
    for (const std::string& word : words) command += (command.empty() ? "" : " ") + word;
    bool passed = true;
    for (const AdapterCheck& one :
         check_adapter(command.starts_with("pipe:") || command.starts_with("pipe,") ? command : "pipe:" + command)) {
        std::cout << (one.passed ? "ok    " : "FAIL  ") << one.what << (one.detail.empty() ? "" : ": " + one.detail)
                  << "\n";
        passed = passed && one.passed;
    }
    return passed ? kAgree : kDiverge;
}

int remove_all(std::span<const std::string> names) {
    for (const std::string& name : names) offer(name);
    for (const std::string& name : names) {
        std::cout << name << (remove_installation(offer(name)) ? ": removed\n" : ": is not installed\n");
    }
    return kAgree;
}

} // namespace

void declare_target(Options& options, const std::string& fallback) {
    options.value("target", "TARGET", "what to run on; `mtecheck targets list` names the kinds", fallback);
}

int run_targets(std::span<char* const> arguments) {
    Options options("targets", "list | install NAME... | probe TARGET... | check COMMAND... | remove NAME...",
                    std::string(kText) + std::string(kKinds));
    options.value("mirror", "URL", "install: the Debian mirror to fetch from (default that of the machine's own apt)");
    options.value("keyring", "FILE", "install: what the suite's index must be signed with", kDebianKeyring);
    options.flag("table", "probe: print tables in Markdown, of targets and of what they chose");
    options.flag("json", "probe: print mtecheck-probe/1");
    options.positional(1, kMostArguments);
    if (!options.parse(arguments)) return kAgree;
    const std::string& verb = options.arguments().front();
    const std::span<const std::string> names = std::span(options.arguments()).subspan(1);
    const bool needs_names = verb != "list";
    if (verb != "list" && verb != "install" && verb != "probe" && verb != "check" && verb != "remove")
        throw UsageError("mtecheck targets: there is no '" + verb + "': give list, install, probe, check or remove");
    if (needs_names == names.empty())
        throw UsageError("mtecheck targets " + verb + (needs_names ? ": a name is missing" : ": takes no name") +
                         " (see mtecheck targets --help)");
    if (verb == "list") return list();
    if (verb == "probe")
        return probe_targets(names, options.given("json")    ? ProbeForm::json
                                    : options.given("table") ? ProbeForm::tables
                                                             : ProbeForm::text);
    if (verb == "check") return check(names);
    if (verb == "remove") return remove_all(names);
    return install_all(names, {.mirror = options.get("mirror"), .keyring = options.get("keyring")});
}

} // namespace mtecheck::difftest
