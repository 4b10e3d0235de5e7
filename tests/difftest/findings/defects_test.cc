// SPDX-License-Identifier: Apache-2.0
//
// Known defects: patterns, files, and errors that say what to mend.
#include "difftest/findings/defects.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <fstream>
#include <nlohmann/json.hpp>
#include <regex>

#include "difftest/core/error.h"
#include "difftest/findings/examiner.h"
#include "difftest/judge/judge.h"
#include "spec/gen/requirements.h"
#include "tests/places.h"

namespace mtecheck::difftest {
namespace {

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::MessageMatches;

std::vector<Defect> defects_in(const std::string& text) {
    const nlohmann::json document = parse_json(text, "defects.json");
    const std::string file = "defects.json";
    return defects_from_json(JsonPlace(document, file));
}

constexpr const char* kGood = R"({"schema": "mtecheck-defects/1", "defects": [{"id": "d", "target": "qemu-system*",
    "versions": ["QEMU emulator version 7.2.*"], "mutations": ["tco_ignored"], "summary": "s", "pseudocode": "f",
    "requirements": []}]})";

TEST_CASE("a pattern matches whole texts, with * for any text") {
    CHECK(matches("qemu-system*", "qemu-system:10.0"));
    CHECK(matches("*7.2.*", "QEMU emulator version 7.2.22"));
    CHECK(matches("", ""));
    CHECK(matches("***", "x"));
    CHECK_FALSE(matches("qemu", "qemu-system"));
    CHECK_FALSE(matches("*a*b", "ab c"));
    CHECK_FALSE(matches("a*a*a*a*a*a*a*a*b", std::string(200, 'a')));
}

TEST_CASE("a defect applies to the targets and versions that it names") {
    const auto all = defects_in(kGood);
    Profile profile;
    profile.target = "qemu-system:/usr/bin/qemu";
    profile.version = "QEMU emulator version 7.2.22 (Debian)";
    CHECK(defects_of(all, profile).size() == 1);
    profile.version = "QEMU emulator version 10.0.0";
    CHECK(defects_of(all, profile).empty());
    profile.version = "QEMU emulator version 7.2.22";
    profile.target = "model";
    CHECK(defects_of(all, profile).empty());
    profile.target = "linux:6.12,qemu=7.2"; // a guest has those of its machine
    profile.version = "Linux 6.12.107 aarch64 in QEMU emulator version 7.2.22 (Debian)";
    CHECK(defects_of(all, profile).size() == 1);
    profile.version = "Linux 6.12.107 aarch64 in QEMU emulator version 10.0.13 (Debian)";
    CHECK(defects_of(all, profile).empty());
    profile.version = "Linux 6.12.107 aarch64";
    CHECK(defects_of(all, profile).empty());
}

TEST_CASE("complaints about a file of defects name the place and the mend") {
    const auto complains = [](const std::string& text, const std::string& part) {
        CHECK_THROWS_MATCHES(defects_in(text), InputError, MessageMatches(ContainsSubstring(part)));
    };
    complains("[]", "must be an object");
    complains(R"({"schema": "mtecheck-defects/2", "defects": []})", "mtecheck-defects/1");
    complains(R"({"schema": "mtecheck-defects/1", "defects": [{"id": 1}]})", "/defects/0");
    complains(R"({"schema": "mtecheck-defects/1", "defects": [], "more": 1})", "more");
    std::string none = kGood;
    none.replace(none.find("[\"tco_ignored\"]"), 15, "[]");
    complains(none, "at least one mutation");
}

TEST_CASE("a defect of an unknown mutation is named") {
    auto all = defects_in(kGood);
    all[0].mutations = {"no_such_mutation"};
    CHECK_THROWS_MATCHES(Examiner(model_profile(), all), InputError,
                         MessageMatches(ContainsSubstring("no_such_mutation")));
}

TEST_CASE("the known defects that come with mtecheck are well formed") {
    // Functions of Arm's pseudocode, in its spelling; those of instructions have none in the manual, but in its source.
    const std::string kFunction = "((AArch64\\.)?[A-Z][A-Za-z0-9]+|aarch64_instrs_[a-z0-9_]+)";
    const std::regex kFunctions(kFunction + "(, " + kFunction + ")*");
    for (const Defect& defect : read_defects(mtecheck::places::source() + "/corpus/defects")) {
        INFO(defect.id);
        CHECK_FALSE(defect.summary.empty());
        CHECK(std::regex_match(defect.pseudocode, kFunctions));
        for (const std::string& id : defect.requirements) CHECK(spec::find_requirement(id).has_value());
        CHECK_NOTHROW(Examiner(model_profile(), {defect}));
    }
}

TEST_CASE("defects are read from a file, or from all files of a directory") {
    const std::string all = mtecheck::places::source() + "/corpus/defects";
    const std::size_t some = read_defects(all + "/qemu-user.json").size();
    CHECK(some > 0);
    CHECK(some < read_defects(all).size());
    CHECK_THROWS_MATCHES(read_defects(all + "/no-such-file.json"), InputError,
                         MessageMatches(ContainsSubstring("no-such-file.json: is neither a directory nor a file")));
}

} // namespace
} // namespace mtecheck::difftest
