// SPDX-License-Identifier: Apache-2.0
#include "difftest/findings/defects.h"

#include <algorithm>
#include <cstring>

#include "difftest/findings/defect_files.h"

namespace mtecheck::difftest {
namespace {

constexpr std::size_t kMaxDefects = 1000;
constexpr std::size_t kMaxEntries = 100;

Defect defect_from_json(const JsonPlace& place) {
    place.only({"id", "target", "versions", "mutations", "summary", "pseudocode", "requirements", "evidence", "link"});
    Defect defect;
    defect.id = place.member("id").text();
    defect.target = place.member("target").text();
    defect.versions = place.member("versions").texts(kMaxEntries);
    defect.mutations = place.member("mutations").texts(kMaxEntries);
    if (defect.mutations.empty()) {
        place.member("mutations")
            .fail("name at least one mutation: a defect is described by what it does to the model");
    }
    defect.summary = place.member("summary").text();
    defect.pseudocode = place.member("pseudocode").text();
    defect.requirements = place.member("requirements").texts(kMaxEntries);
    if (const auto evidence = place.find("evidence")) defect.evidence = evidence->texts(kMaxEntries);
    if (const auto link = place.find("link")) {
        defect.link = link->text();
    }
    return defect;
}

} // namespace

bool matches(std::string_view pattern, std::string_view text) {
    // Greedy with one point of return: linear in practice, and no recursion on hostile patterns.
    std::size_t p = 0;
    std::size_t t = 0;
    std::size_t star = std::string_view::npos;
    std::size_t mark = 0;
    while (t < text.size()) {
        if (p < pattern.size() && pattern[p] == '*') {
            star = p++;
            mark = t;
        } else if (p < pattern.size() && pattern[p] == text[t]) {
            ++p;
            ++t;
        } else if (star != std::string_view::npos) {
            p = star + 1;
            t = ++mark;
        } else {
            return false;
        }
    }
    while (p < pattern.size() && pattern[p] == '*') {
        ++p;
    }
    return p == pattern.size();
}

std::vector<Defect> defects_from_json(const JsonPlace& place) {
    place.only({"schema", "defects"});
    place.schema(kDefectsSchema);
    const JsonPlace list = place.member("defects");
    std::vector<Defect> result;
    const std::size_t size = list.array_size(kMaxDefects);
    for (std::size_t i = 0; i < size; ++i) {
        result.push_back(defect_from_json(list.element(i)));
    }
    return result;
}

std::vector<Defect> read_defects(const std::filesystem::path& place) {
    return read_described(place, defects_from_json);
}

std::vector<Defect> defects_of(const std::vector<Defect>& all, const Profile& profile) {
    const auto is_of = [](const Defect& defect, std::string_view target, std::string_view version) {
        return matches(defect.target, target) &&
               std::any_of(defect.versions.begin(), defect.versions.end(),
                           [&](const std::string& pattern) { return matches(pattern, version); });
    };
    constexpr std::string_view kIn = " in QEMU emulator ";
    const std::string_view version = profile.version;
    const std::size_t in = version.find(kIn);
    const std::string_view machine = in == std::string_view::npos ? "" : version.substr(in + std::strlen(" in "));
    std::vector<Defect> result;
    for (const Defect& defect : all) {
        if (is_of(defect, profile.target, version) || (!machine.empty() && is_of(defect, "qemu-system", machine)))
            result.push_back(defect);
    }
    return result;
}

} // namespace mtecheck::difftest
