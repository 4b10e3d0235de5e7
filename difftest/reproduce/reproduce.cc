// SPDX-License-Identifier: Apache-2.0
#include "difftest/reproduce/reproduce.h"

#include <algorithm>

#include "difftest/core/error.h"
#include "difftest/reproduce/assembly.h"
#include "difftest/reproduce/bare_metal.h"
#include "difftest/reproduce/checks.h"
#include "difftest/reproduce/linux.h"
#include "spec/disassemble.h"
#include "spec/gen/isa.h"

namespace mtecheck::difftest {
namespace {

constexpr std::size_t kMaxDecisions = 16;

using assembly::hex;

/// Text in the width of a comment.
std::string comment(const std::string& text) {
    constexpr std::size_t kWidth = 110;
    std::string result;
    std::string rest = text;
    while (!rest.empty()) {
        std::size_t length = rest.size();
        if (length > kWidth) {
            length = rest.rfind(' ', kWidth);
            if (length == std::string::npos || length == 0) length = kWidth;
        }
        result += "// " + rest.substr(0, length) + "\n";
        rest.erase(0, length);
        rest.erase(0, rest.find_first_not_of(' '));
    }
    return result;
}

/// What it is about, in comments.
std::string header(const Finding& finding, const std::string& name, bool observed, const Profile& profile,
                   const std::vector<Defect>& defects, const std::vector<Check>& checks, const Outcome& seen,
                   const std::vector<std::string>& commands) {
    const Case& shown = finding.shown();
    std::string text;
    for (const std::string& id : finding.explained_by) {
        const auto defect =
            std::find_if(defects.begin(), defects.end(), [&](const Defect& one) { return one.id == id; });
        if (defect == defects.end()) continue;
        text += comment(defect->summary) + comment("Arm's pseudocode: " + defect->pseudocode);
    }
    if (text.empty()) {
        text += comment(observed ? to_string(finding.signature) : "A case that agrees with Arm's pseudocode");
        for (const std::uint32_t word : shown.sequence.code) {
            const auto encoding = spec::decode(word);
            if (encoding) {
                text += comment("Arm's pseudocode: " + std::string(spec::info(*encoding).pseudocode) + ", of " +
                                spec::disassemble(word));
            }
        }
    }
    text += "//\n" + comment("Code, at EL" + std::to_string(shown.sequence.configuration.el) + ":");
    for (const std::uint32_t word : shown.sequence.code) text += "//     " + spec::disassemble(word) + "\n";
    if (observed) {
        text += "//\n" + comment("Expected: " + event_name(finding.expected)) +
                comment("Observed: " + event_name(finding.got) + ", on " + profile.version);
        const std::vector<Check> got = words_of(seen, shown.sequence.layout == LayoutId::process);
        for (const Check& check : checks) {
            if (passes(check, got)) continue;
            const auto word =
                std::find_if(got.begin(), got.end(), [&](const Check& w) { return w.where == check.where; });
            text += comment("    " + check.name + ": expected " + hex(check.expected & check.mask, 1) + ", observed " +
                            hex((word == got.end() ? 0 : word->expected) & check.mask, 1));
        }
    }
    if (!finding.decisions.empty()) {
        text += "//\n" + comment("What the pseudocode decides on the way:");
        const std::size_t first = finding.decisions.size() - std::min(finding.decisions.size(), kMaxDecisions);
        for (std::size_t i = first; i < finding.decisions.size(); ++i) text += "//     " + finding.decisions[i] + "\n";
    }
    text += "//\n// To assemble and to run it:\n";
    text += "//     aarch64-linux-gnu-as -o " + name + ".o " + name + ".s\n";
    for (const std::string& command : commands) text += "//     " + command + "\n";
    return text +
           "//\n// Exit status 0: what the architecture says was seen; 1: it was not, and what differs is printed;\n"
           "// 2: it could not be set up, or the program itself went wrong.\n";
}

} // namespace

std::string reproducer(const Finding& finding, const std::string& name, bool observed, const Profile& profile,
                       const std::vector<Defect>& defects) {
    const Case& shown = finding.shown();
    if (observed && !has_state(finding.got.status)) {
        throw InputError("case " + shown.id, "", "ended its target: run the case itself, there is nothing to compare");
    }
    if (shown.sequence.layout == LayoutId::simulator)
        throw InputError("case " + shown.id, "", "is a simulator's own, and no program can be run there: replay it");
    if (shown.sequence.layout == LayoutId::process) {
        const Case placed = placed_for_linux(shown);
        const Outcome got = placed_for_linux(finding.got, shown);
        const std::vector<Check> checks = checks_of(placed, profile, observed ? &got : nullptr);
        return header(finding, name, observed, profile, defects, checks, got, linux_commands(name, profile)) +
               linux_program(placed, profile, checks);
    }
    const std::vector<Check> checks = checks_of(shown, profile, observed ? &finding.got : nullptr);
    return header(finding, name, observed, profile, defects, checks, finding.got, bare_metal_commands(name, profile)) +
           bare_metal_program(shown, profile, checks);
}

} // namespace mtecheck::difftest
