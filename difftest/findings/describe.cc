// SPDX-License-Identifier: Apache-2.0
//
// A finding as text for people: only what matters for it.
#include <algorithm>
#include <bitset>
#include <cctype>
#include <cstdio>
#include <string>
#include <string_view>

#include "difftest/findings/finding.h"
#include "spec/disassemble.h"

namespace mtecheck::difftest {
namespace {

constexpr std::size_t kMaxDifferences = 8;
constexpr std::size_t kFieldColumn = 24;
constexpr std::size_t kValueColumn = 36;
constexpr std::size_t kStackPointer = 31;

/// General registers that assembly text names.
std::bitset<32> registers_in(const std::string& text) {
    std::bitset<32> result;
    for (std::size_t i = 0; i + 1 < text.size(); ++i) {
        const bool starts = i == 0 || std::isalnum(static_cast<unsigned char>(text[i - 1])) == 0;
        if (!starts) continue;
        if (text.compare(i, 2, "sp") == 0) result.set(kStackPointer);
        if (text[i] != 'x' && text[i] != 'w') continue;
        std::size_t number = 0;
        std::size_t at = i + 1;
        while (at < text.size() && std::isdigit(static_cast<unsigned char>(text[at])) != 0 && number < 32) {
            number = number * 10 + static_cast<std::size_t>(text[at++] - '0');
        }
        if (at > i + 1 && number < 31) result.set(number);
    }
    return result;
}

std::string padded(std::string text, std::size_t width) {
    text.resize(std::max(text.size() + 1, width), ' ');
    return text;
}

std::string code_text(const Case& shown) {
    const Configuration& configuration = shown.sequence.configuration;
    std::string text =
        "  code at EL" + std::to_string(configuration.el) + ", PSTATE.TCO=" + std::to_string(configuration.tco) + ":\n";
    for (const std::uint32_t opcode : shown.sequence.code) {
        text += "    " + hex_text(opcode, 8).substr(2) + "  " + spec::disassemble(opcode) + "\n";
    }
    return text;
}

std::string registers_text(const Case& shown) {
    std::bitset<32> used;
    for (const std::uint32_t opcode : shown.sequence.code) used |= registers_in(spec::disassemble(opcode));
    std::string text;
    std::size_t in_line = 0;
    for (std::size_t i = 0; i < used.size(); ++i) {
        if (!used[i]) continue;
        const bool is_sp = i == kStackPointer;
        const std::uint64_t value =
            is_sp ? shown.state.sp[selected_sp(shown.sequence.configuration)] : shown.state.x[i];
        text += in_line == 0 ? "    " : "  ";
        text += (is_sp ? std::string("sp") : "x" + std::to_string(i)) + "=" + hex_text(value, 16);
        if (++in_line == 4) {
            text += "\n";
            in_line = 0;
        }
    }
    if (in_line != 0) text += "\n";
    return text.empty() ? text : "  from:\n" + text;
}

std::string differences_text(const Finding& finding) {
    if (finding.differences.empty()) return {};
    std::string text = "  " + padded("differs", kFieldColumn) + padded("expected", kValueColumn) + "got\n";
    for (std::size_t i = 0; i < std::min(finding.differences.size(), kMaxDifferences); ++i) {
        const Difference& difference = finding.differences[i];
        text += "    " + padded(difference.field, kFieldColumn - 2) + padded(difference.expected, kValueColumn) +
                difference.got + "\n";
    }
    if (finding.differences.size() > kMaxDifferences) {
        text += "    and " + std::to_string(finding.differences.size() - kMaxDifferences) + " more\n";
    }
    return text;
}

/// As one word of a command for a shell.
std::string shell_word(const std::string& text) {
    constexpr std::string_view kPlain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789%+,-./:=@_";
    if (!text.empty() && text.find_first_not_of(kPlain) == std::string::npos) return text;
    std::string word = "'";
    for (const char c : text) word += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return word + "'";
}

} // namespace

std::string describe(const Finding& finding, const std::string& replay_path) {
    std::string text = code_text(finding.shown()) + registers_text(finding.shown());
    text += "  expected " + event_name(finding.expected) + ", got " + event_name(finding.got) + "\n";
    text += differences_text(finding);
    if (!finding.note.empty()) text += "  target: " + finding.note + "\n";
    if (finding.confirmation == Confirmation::not_reproduced) {
        text += "  not seen so again when run alone on a freshly started target";
        text += finding.batch ? ": replay runs the " + std::to_string(finding.batch->sequences) +
                                    " sequences of its batch again\n"
                              : std::string("\n");
    }
    return text + "  replay: mtecheck replay " + shell_word(replay_path) + " --target " + shell_word(finding.target) +
           "\n";
}

} // namespace mtecheck::difftest
