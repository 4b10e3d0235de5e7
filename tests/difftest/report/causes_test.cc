// SPDX-License-Identifier: Apache-2.0
//
// The list of bugs: groups of one cause are one entry, every group is in one, and each entry is another cause.
#include "difftest/report/causes.h"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <map>
#include <set>

#include "difftest/core/layout.h"
#include "spec/gen/isa.h"

namespace mtecheck::difftest {
namespace {

struct Made {
    Tally tally;
    std::vector<Finding> findings;
    std::vector<Defect> defects;

    void add(const GroupKey& key, std::uint64_t cases, const std::vector<std::string>& like, bool confirmed = true) {
        Finding finding;
        finding.original.id = "random/1/0/" + std::to_string(findings.size()) + "/0";
        finding.original.sequence.pc = ARENA_CODE_VA;
        finding.original.sequence.code = {0xf9400020};
        finding.signature = key.signature;
        finding.explained_by = key.explained_by;
        finding.behaves_like = like;
        TallyGroup& group = tally.groups.counted(key);
        group.cases = cases;
        (confirmed ? group.examples : group.suspects).push_back(finding.original.id);
        findings.push_back(finding);
    }
    std::vector<Cause> causes() const { return causes_of(tally, defects, findings); }
};

GroupKey unexplained(const std::string& instruction, const std::string& fields = "x") {
    return {{}, false, {instruction, "completed", "completed", fields}};
}

Defect defect(const std::string& id) {
    return {id, "*", {"*"}, {"tco_ignored"}, "what " + id + " is", "F", {}, {}, ""};
}

TEST_CASE("groups that one mutation accounts for are one cause") {
    Made made;
    made.add(unexplained("LDR"), 5, {"tco_ignored", "tcma_ignored"});
    made.add(unexplained("STG", "tag"), 7, {"tcma_ignored"});
    made.add(unexplained("LDG"), 3, {"ata_ignored"});
    const auto causes = made.causes();
    REQUIRE(causes.size() == 2);
    CHECK(causes[0].id == "tcma_ignored");
    CHECK(causes[0].cases == 12);
    CHECK(causes[0].groups.size() == 2);
    CHECK(causes[1].id == "ata_ignored");
}

TEST_CASE("groups that nothing accounts for are joined by class of instruction, ends and fields") {
    Made made;
    made.add(unexplained("LDG"), 5, {});
    made.add(unexplained("LDG", "pc"), 4, {});
    // Two instructions of one class.
    std::map<spec::InstructionClass, std::set<std::string>> mnemonics;
    for (const auto& info : spec::encodings()) mnemonics[info.instruction_class].emplace(info.mnemonic);
    for (const auto& [instruction_class, names] : mnemonics) {
        if (names.size() < 2 || names.contains("LDG")) continue;
        made.add(unexplained(*names.begin()), 3, {});
        made.add(unexplained(*names.rbegin()), 2, {});
        break;
    }
    CHECK(made.causes().size() == 3);
}

TEST_CASE("a defect is one cause, however many sets of defects it is in") {
    Made made;
    made.defects = {defect("a"), defect("b"), defect("unmet")};
    made.add({{"a"}, false, {}}, 10, {});
    made.add({{"a", "b"}, false, {}}, 20, {});
    made.add({{"a"}, true, {}}, 1, {});
    made.findings[2].led_astray = true;
    const auto causes = made.causes();
    REQUIRE(causes.size() == 2);
    CHECK(causes[0].id == "a");
    CHECK(causes[0].cases == 31);
    CHECK(causes[0].example == made.findings[0].original.id);
    CHECK(causes[0].pseudocode == "F");
    CHECK(causes[1].id == "b");
    CHECK(causes[1].example == made.findings[1].original.id);
}

TEST_CASE("what is new comes first, what did not show again last, and no group is lost") {
    Made made;
    made.defects = {defect("a")};
    made.add({{"a"}, false, {}}, 1000, {});
    made.add(unexplained("LDR", "pc"), 99, {}, false);
    made.add(unexplained("LDR"), 2, {});
    made.add(unexplained("STR"), 1, {"tco_ignored"});
    const auto causes = made.causes();
    REQUIRE(causes.size() == 4);
    CHECK(causes[0].cases == 2);
    CHECK(causes[1].id == "tco_ignored");
    CHECK(causes[2].kind == Cause::Kind::defect);
    CHECK(causes[3].kind == Cause::Kind::not_reproduced);
    std::set<std::string> groups;
    for (const Cause& cause : causes) groups.insert(cause.groups.begin(), cause.groups.end());
    CHECK(groups.size() == made.tally.groups.size());
}

TEST_CASE("a reduced example is preferred") {
    Made made;
    made.add(unexplained("LDR"), 5, {});
    TallyGroup& group = made.tally.groups.counted(unexplained("LDR"));
    Finding reduced = made.findings[0];
    reduced.original.id = "random/1/0/9/0";
    reduced.shrunk = Shrunk{10, true};
    made.findings.push_back(reduced);
    group.examples.push_back(reduced.original.id);
    CHECK(made.causes()[0].example == "random/1/0/9/0");
}

} // namespace
} // namespace mtecheck::difftest
