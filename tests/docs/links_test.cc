// SPDX-License-Identifier: Apache-2.0
//
// Every link between the pages leads to a file that is there, and to a heading or a named place in it.
#include <catch2/catch_test_macros.hpp>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <string>

#include "tests/places.h"

namespace mtecheck::docs {
namespace {

namespace fs = std::filesystem;

/// As GitHub makes it: lower case, blanks to hyphens, without punctuation.
std::string anchor_of(const std::string& heading) {
    std::string result;
    for (const char c : heading) {
        const auto byte = static_cast<unsigned char>(c);
        if (std::isalnum(byte) != 0 || c == '-' || c == '_') {
            result += static_cast<char>(std::tolower(byte));
        } else if (c == ' ') {
            result += '-';
        }
    }
    return result;
}

struct Contents {
    std::set<std::string> places;
    std::set<std::string> links;
};

Contents contents_of(const fs::path& path) {
    static const std::regex kPlace("<a id=\"([^\"]+)\">");
    static const std::regex kLink("\\]\\(([^()]+)\\)");
    Contents contents;
    std::ifstream in(path);
    bool verbatim = false;
    for (std::string line; std::getline(in, line);) {
        if (line.starts_with("```")) verbatim = !verbatim;
        if (verbatim) continue;
        if (line.starts_with('#')) {
            contents.places.insert(anchor_of(line.substr(std::min(line.find(' ') + 1, line.size()))));
        }
        for (std::sregex_iterator it(line.begin(), line.end(), kPlace), end; it != end; ++it) {
            contents.places.insert((*it)[1]);
        }
        for (std::sregex_iterator it(line.begin(), line.end(), kLink), end; it != end; ++it) {
            contents.links.insert((*it)[1]);
        }
    }
    return contents;
}

TEST_CASE("every link between the pages leads somewhere") {
    const fs::path root = mtecheck::places::source();
    std::map<fs::path, Contents> pages;
    const auto add = [&](const fs::path& path) {
        if (path.extension() == ".md") pages.emplace(path.lexically_normal(), contents_of(path));
    };
    add(root / "README.md");
    add(root / "corpus" / "golden" / "README.md");
    for (const auto& entry : fs::recursive_directory_iterator(root / "docs")) add(entry.path());
    for (const auto& [path, contents] : pages) {
        for (const std::string& link : contents.links) {
            if (link.starts_with("http")) continue;
            CAPTURE(path, link);
            const std::size_t hash = std::min(link.find('#'), link.size());
            const fs::path to = hash == 0 ? path : (path.parent_path() / link.substr(0, hash)).lexically_normal();
            CHECK(fs::exists(to));
            if (hash != link.size() && pages.contains(to)) CHECK(pages[to].places.contains(link.substr(hash + 1)));
        }
    }
}

} // namespace
} // namespace mtecheck::docs
