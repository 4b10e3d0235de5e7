// SPDX-License-Identifier: Apache-2.0
//
// The manual of the command line is what the program itself prints.
#include <cstdio>
#include <memory>
#include <stdexcept>
#include <string_view>

#include "docs/gen/markdown.h"
#include "docs/gen/reference.h"

namespace mtecheck::docs {
namespace {

std::string output_of(const std::string& command) {
    FILE* const pipe = ::popen(command.c_str(), "r");
    if (pipe == nullptr) throw std::runtime_error("cannot run " + command);
    std::string text;
    char buffer[4096];
    for (std::size_t got = 0; (got = std::fread(buffer, 1, sizeof buffer, pipe)) > 0;) text.append(buffer, got);
    if (::pclose(pipe) != 0) throw std::runtime_error(command + " failed");
    return text;
}

/// The verbs that the main help lists: one a line, first word, between "verbs:" and an empty line.
std::vector<std::string> verbs_in(std::string_view help) {
    std::vector<std::string> verbs;
    constexpr std::string_view kStart = "\nverbs:\n";
    std::size_t at = help.find(kStart);
    if (at == std::string_view::npos) throw std::runtime_error("mtecheck --help lists no verbs");
    for (at += kStart.size(); at < help.size() && help[at] != '\n'; at = help.find('\n', at) + 1) {
        const std::size_t begin = help.find_first_not_of(' ', at);
        verbs.emplace_back(help.substr(begin, help.find(' ', begin) - begin));
    }
    return verbs;
}

} // namespace

std::vector<std::pair<std::string, std::string>> read_help(const std::filesystem::path& mtecheck) {
    const std::string program = "'" + mtecheck.string() + "' ";
    std::vector<std::pair<std::string, std::string>> help = {{"", output_of(program + "--help")}};
    for (const std::string& verb : verbs_in(help.front().second)) {
        help.emplace_back(verb, output_of(program + verb + " --help"));
    }
    return help;
}

std::string command_line_page(const Facts& facts) {
    Page page("Command line", "What `mtecheck --help` and `mtecheck VERB --help` print.");
    for (const auto& [verb, text] : facts.help) {
        page.heading(2, verb.empty() ? "mtecheck" : verb).verbatim(text);
    }
    return page.text();
}

} // namespace mtecheck::docs
