// SPDX-License-Identifier: Apache-2.0
#include "difftest/cli/options.h"

#include <algorithm>
#include <charconv>
#include <iostream>
#include <limits>

namespace mtecheck::difftest {
namespace {

constexpr std::size_t kHelpColumn = 22;
constexpr std::size_t kHelpWidth = 100;

/// Appends `text`, folded at spaces, with every line but the first indented.
void append_folded(std::string& out, std::string_view text, std::size_t column) {
    std::size_t used = column;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find(' '), text.size());
        if (used > column && used + 1 + end > kHelpWidth) {
            out += '\n';
            out.append(column, ' ');
            used = column;
        } else if (used > column) {
            out += ' ';
            ++used;
        }
        out += text.substr(0, end);
        used += end;
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    out += '\n';
}

std::optional<std::uint64_t> to_number(std::string_view text) {
    int base = 10;
    if (text.starts_with("0x") || text.starts_with("0X")) {
        base = 16;
        text.remove_prefix(2);
    }
    std::uint64_t result = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), result, base);
    if (text.empty() || error != std::errc() || end != text.data() + text.size()) {
        return std::nullopt;
    }
    return result;
}

} // namespace

Options::Options(std::string verb, std::string synopsis, std::string text)
    : verb_(std::move(verb)), synopsis_(std::move(synopsis)), text_(std::move(text)) {}

Options& Options::flag(std::string name, std::string help) {
    declarations_.push_back({std::move(name), {}, std::move(help), {}, 0});
    return *this;
}

Options& Options::value(std::string name, std::string placeholder, std::string help, std::string fallback,
                        char letter) {
    declarations_.push_back({std::move(name), std::move(placeholder), std::move(help), std::move(fallback), letter});
    return *this;
}

Options& Options::positional(std::size_t least, std::size_t most) {
    least_ = least;
    most_ = most;
    return *this;
}

const Options::Declaration* Options::find(std::string_view name) const {
    const auto found = std::find_if(declarations_.begin(), declarations_.end(),
                                    [&](const Declaration& declaration) { return declaration.name == name; });
    return found == declarations_.end() ? nullptr : &*found;
}

const Options::Declaration* Options::find_argument(std::string_view argument) const {
    const std::string_view name = argument.substr(0, argument.find('='));
    if (name.starts_with("--")) return find(name.substr(2));
    const auto found = std::find_if(declarations_.begin(), declarations_.end(), [&](const Declaration& declaration) {
        return declaration.letter != 0 && name == std::string("-") + declaration.letter;
    });
    return found == declarations_.end() ? nullptr : &*found;
}

void Options::fail(const std::string& what) const {
    throw UsageError("mtecheck " + verb_ + ": " + what + " (see mtecheck " + verb_ + " --help)");
}

bool Options::parse(std::span<char* const> arguments) {
    bool only_arguments = false;
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        const std::string_view argument = arguments[i];
        if (only_arguments || !argument.starts_with("-") || argument == "-") {
            arguments_.emplace_back(argument);
            continue;
        }
        if (argument == "--") {
            only_arguments = true;
            continue;
        }
        if (argument == "--help" || argument == "-h") {
            std::cout << help();
            return false;
        }
        const std::size_t equals = argument.find('=');
        const Declaration* declaration = find_argument(argument);
        if (declaration == nullptr) {
            fail("there is no option " + std::string(argument.substr(0, equals)));
        }
        if (values_.contains(declaration->name)) {
            fail("--" + declaration->name + " is given twice");
        }
        if (declaration->placeholder.empty()) {
            if (equals != std::string_view::npos) {
                fail("--" + declaration->name + " takes no value");
            }
            values_[declaration->name] = "";
        } else if (equals != std::string_view::npos) {
            values_[declaration->name] = argument.substr(equals + 1);
        } else if (i + 1 < arguments.size()) {
            values_[declaration->name] = arguments[++i];
        } else {
            fail("--" + declaration->name + " needs a value: --" + declaration->name + " " + declaration->placeholder);
        }
    }
    if (arguments_.size() < least_) {
        fail("an argument is missing: mtecheck " + verb_ + " " + synopsis_);
    }
    if (arguments_.size() > most_) {
        fail("unexpected argument '" + arguments_[most_] + "'");
    }
    return true;
}

std::string Options::get(const std::string& name) const {
    if (const auto found = values_.find(name); found != values_.end()) {
        return found->second;
    }
    return find(name)->fallback;
}

std::uint64_t Options::number(const std::string& name, std::uint64_t least, std::uint64_t most) const {
    const std::string text = get(name);
    const std::optional<std::uint64_t> result = to_number(text);
    if (!result || *result < least || *result > most) {
        const std::string upper = most == std::numeric_limits<std::uint64_t>::max() ? "2^64-1" : std::to_string(most);
        fail("--" + name + " " + text + ": give a number from " + std::to_string(least) + " to " + upper);
    }
    return *result;
}

std::string Options::choice(const std::string& name, std::span<const std::string_view> words) const {
    const std::string text = get(name);
    if (std::find(words.begin(), words.end(), text) == words.end()) {
        std::string all;
        for (const std::string_view word : words) {
            all += (all.empty() ? "" : ", ") + std::string(word);
        }
        fail("--" + name + " " + text + ": give one of " + all);
    }
    return text;
}

std::uint64_t Options::seconds(const std::string& name) const {
    const std::string text = get(name);
    std::string_view digits = text;
    std::uint64_t unit = 1;
    if (!digits.empty()) {
        switch (digits.back()) {
        case 's': digits.remove_suffix(1); break;
        case 'm':
            unit = 60;
            digits.remove_suffix(1);
            break;
        case 'h':
            unit = 3600;
            digits.remove_suffix(1);
            break;
        default: break;
        }
    }
    const std::optional<std::uint64_t> count = to_number(digits);
    if (!count || *count == 0 || *count > 10'000'000) {
        fail("--" + name + " " + text + ": give a time such as 90s, 5m or 1h");
    }
    return *count * unit;
}

std::string Options::help() const {
    std::string out = "usage: mtecheck " + verb_ + " " + synopsis_ + "\n\n" + text_ + "\noptions:\n";
    for (const Declaration& declaration : declarations_) {
        std::string line = declaration.letter == 0 ? "  " : std::string("  -") + declaration.letter + ", ";
        line += "--" + declaration.name;
        if (!declaration.placeholder.empty()) {
            line += " " + declaration.placeholder;
        }
        if (line.size() + 2 > kHelpColumn) {
            out += line + '\n';
            line.clear();
        }
        line.resize(kHelpColumn, ' ');
        out += line;
        append_folded(
            out, declaration.help + (declaration.fallback.empty() ? "" : " (default " + declaration.fallback + ")"),
            kHelpColumn);
    }
    std::string last = "  --help";
    last.resize(kHelpColumn, ' ');
    return out + last + "this text\n";
}

} // namespace mtecheck::difftest
