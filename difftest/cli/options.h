// SPDX-License-Identifier: Apache-2.0
//
// Command line options, declared once per verb: the same declarations parse the line and print the help, so the two
// cannot disagree. A wrong line is a UsageError that names the argument and the way to mend it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace mtecheck::difftest {

class UsageError : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

class Options {
  public:
    /// `synopsis` is what follows `mtecheck VERB`; `text` is the manual: what it does, exit status, examples.
    Options(std::string verb, std::string synopsis, std::string text);

    Options& flag(std::string name, std::string help);
    /// An option with a value; `fallback` is printed as its default and returned when the option is absent.
    /// `letter` is a short form, such as -j.
    Options& value(std::string name, std::string placeholder, std::string help, std::string fallback = {},
                   char letter = 0);
    /// Accepts up to `most` arguments that are not options.
    Options& positional(std::size_t least, std::size_t most);

    /// Returns false if the user asked for help, which has then been printed.
    bool parse(std::span<char* const> arguments);

    bool given(const std::string& name) const { return values_.contains(name); }
    std::string get(const std::string& name) const;
    /// A decimal or 0x number; UsageError otherwise, or outside [least, most].
    std::uint64_t number(const std::string& name, std::uint64_t least, std::uint64_t most) const;
    /// One of a few words.
    std::string choice(const std::string& name, std::span<const std::string_view> words) const;
    /// Seconds: 90, 90s, 5m, 1h.
    std::uint64_t seconds(const std::string& name) const;
    const std::vector<std::string>& arguments() const { return arguments_; }

    std::string help() const;

  private:
    struct Declaration {
        std::string name;
        std::string placeholder; // empty for a flag
        std::string help;
        std::string fallback;
        char letter = 0;
    };
    const Declaration* find(std::string_view name) const;
    /// The declaration of an argument such as --name, --name=VALUE or -j.
    const Declaration* find_argument(std::string_view argument) const;
    [[noreturn]] void fail(const std::string& what) const;

    std::string verb_;
    std::string synopsis_;
    std::string text_;
    std::vector<Declaration> declarations_;
    std::size_t least_ = 0;
    std::size_t most_ = 0;
    std::map<std::string, std::string> values_;
    std::vector<std::string> arguments_;
};

} // namespace mtecheck::difftest
