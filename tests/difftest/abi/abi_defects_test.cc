// SPDX-License-Identifier: Apache-2.0
//
// Known defects of the ABI: as documents, and as explanations of what diverges.
#include "difftest/abi/abi_defects.h"

#include <catch2/catch_test_macros.hpp>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

#include "difftest/abi/abi_check.h"
#include "difftest/abi/abi_report.h"
#include "difftest/core/error.h"
#include "difftest/core/json.h"
#include "difftest/findings/defect_files.h"
#include "spec/schema_validator.h"
#include "tests/difftest/interrupt.h"
#include "tests/difftest/schemas.h"
#include "tests/difftest/scratch.h"
#include "tests/places.h"

using namespace mtecheck;
using namespace mtecheck::difftest;

namespace {

std::vector<AbiDefect> defects_of(const std::string& defects) {
    const std::string file = "test";
    const nlohmann::json document =
        parse_json(R"({"schema": "mtecheck-abi-defects/1", "defects": [)" + defects + "]}", file);
    return abi_defects_from_json(JsonPlace(document, file));
}

/// One of the model as a target.
std::string row(const std::string& id, const std::string& faults, const std::string& version = "mtecheck *") {
    return R"({"id": ")" + id + R"(", "versions": [")" + version + R"("], "faults": [)" + faults +
           R"(], "summary": "it is wrong", "contradicts": "a document"})";
}

AbiResult check(const std::string& target, const std::vector<AbiDefect>& known) {
    return check_abi(*make_abi_target(target), {.cases = 400}, kNever, known);
}

} // namespace

TEST_CASE("known defects of the ABI are read strictly, and those that come with mtecheck are read") {
    CHECK(defects_of(row("a", R"("handler-keeps-tco")")).size() == 1);
    for (const std::string& wrong :
         {row("a", ""), row("a", R"("no-such-fault")"), row("a", "1"), std::string(R"({"id": "a"})")})
        CHECK_THROWS_AS(defects_of(wrong), InputError);
    const std::string directory = places::source() + "/corpus/abi-defects";
    std::set<std::string> ids;
    for (const AbiDefect& defect : read_abi_defects(directory)) {
        CHECK(ids.insert(defect.id).second);
        CHECK_FALSE(defect.versions.empty());
        CHECK_FALSE(defect.contradicts.empty());
    }
    CHECK(ids.size() > 10);
    for (const auto& file : json_files(directory)) {
        std::ifstream in(file);
        for (const auto& error :
             spec::validate(published_schema(std::string(kAbiDefectsSchema)), nlohmann::json::parse(in)))
            FAIL_CHECK(file << " " << error.place << " " << error.problem);
    }
}

TEST_CASE("two descriptions of one defect are refused") {
    const auto directory = scratch_directory("abi-defects");
    for (const char* const name : {"one.json", "two.json"}) {
        std::ofstream(directory / name) << R"({"schema": "mtecheck-abi-defects/1", "defects": [)"
                                        << row("a", R"("handler-keeps-tco")") << "]}";
    }
    CHECK_THROWS_AS(read_abi_defects(directory), InputError);
    CHECK_THROWS_AS(read_abi_defects(directory / "nowhere"), InputError);
}

TEST_CASE("a divergence is explained by the defects that it needs, and by no others") {
    const auto known =
        defects_of(row("no-restore", R"("sigreturn-loses-tco")") + "," + row("keeps", R"("handler-keeps-tco")") + "," +
                   row("no-tags", R"("core-has-no-tags")"));
    const AbiResult result = check("model:handler-keeps-tco+sigreturn-loses-tco+core-has-no-tags", known);
    CHECK(result.diverged > 10);
    CHECK(result.unexplained() == 0);
    for (const AbiGroup& group : result.groups) {
        REQUIRE_FALSE(group.defects.empty());
        if (group.divergence.clause == model::linux_abi::Clause::core_dump)
            CHECK(group.defects == std::vector<std::string>{"no-tags"});
    }
    const std::string text = to_text(result);
    CHECK(text.find(", explained by ") != std::string::npos);
    CHECK(text.find(" 0 UNEXPLAINED") != std::string::npos);
    CHECK(text.find("KNOWN DEFECTS OF THE TARGET") != std::string::npos);
    const nlohmann::json report = nlohmann::json::parse(dump(to_json(result)));
    for (const auto& error : spec::validate(published_schema(std::string(kAbiReportSchema)), report))
        FAIL_CHECK(error.place << " " << error.problem);
    CHECK(report["known_defects"].size() == 3);
}

TEST_CASE("what known defects do not explain whole is unexplained") {
    const std::string target = "model:handler-keeps-tco+poke-has-no-effect";
    const auto known = defects_of(row("keeps", R"("handler-keeps-tco")"));
    const AbiResult result = check(target, known);
    CHECK(result.explained > 0);
    CHECK(result.unexplained() > 0);
    REQUIRE_FALSE(result.groups.empty());
    CHECK(result.groups.front().defects.empty()); // what is unexplained comes first
    REQUIRE(result.groups.front().beyond);
    CHECK(result.groups.front().beyond->clause == model::linux_abi::Clause::poke_tags);
    const std::string text = to_text(result);
    CHECK(text.find("): UNEXPLAINED") != std::string::npos);
    CHECK(text.find("what known defects leave: poke-tags") != std::string::npos);
    const nlohmann::json report = nlohmann::json::parse(dump(to_json(result)));
    for (const auto& error : spec::validate(published_schema(std::string(kAbiReportSchema)), report))
        FAIL_CHECK(error.place << " " << error.problem);
    CHECK(report["groups"][0]["beyond_known_defects"]["clause"] == "poke-tags");
    // A defect that the target has not got explains nothing, be it that another version has it.
    const AbiResult with_too_much = check(target, defects_of(row("keeps", R"("handler-keeps-tco")") + "," +
                                                             row("pokes", R"("poke-has-no-effect")") + "," +
                                                             row("exec", R"("exec-keeps-control")", "Linux *")));
    CHECK(with_too_much.unexplained() == 0);
    CHECK(with_too_much.defects.size() == 2);
    CHECK(check(target, {}).unexplained() == with_too_much.diverged);
}

TEST_CASE("a target that has been rid of a defect is explained by those that it still has") {
    const auto known = defects_of(row("ignored", R"("advice-ignored")") + "," +
                                  row("not-advised", R"("tagged-address-not-advised")")); // the first hides the second
    for (const char* const target : {"model:advice-ignored", "model:tagged-address-not-advised"}) {
        const AbiResult result = check_abi(*make_abi_target(target), {.cases = 1000}, kNever, known);
        CHECK(result.diverged > 0);
        CHECK(result.unexplained() == 0);
    }
}

TEST_CASE("the tags of pages that nobody may access explain whatever they are, and only there") {
    using namespace model::linux_abi;
    const auto step = [](std::uint32_t op, std::array<std::uint64_t, ABI_ARGS> arguments) {
        AbiStep result{};
        result.op = op;
        std::copy(arguments.begin(), arguments.end(), result.args);
        return result;
    };
    const auto model = make_abi_target("model");
    AbiExplainer explainer(model->probe(), defects_of(row("old", R"("inaccessible-pages-tell-old-tags")")));
    AbiProgram program{step(ABI_mmap, {0, 1, 0x20, ABI_MEMFD_SHARED}), step(ABI_peek, {0, 0, 2})};
    abi_response seen = *model->run(program);
    seen.flows[0].steps[1].extra[1] = 0x73;
    CHECK(explainer.explain(program, seen).defects == std::vector<std::string>{"old"});
    seen.flows[0].steps[1].extra[1] = 0x173; // more than it was asked for
    CHECK(explainer.explain(program, seen).defects.empty());
    program[0] = step(ABI_mmap, {0, 1, 0x23, ABI_MEMFD_SHARED});
    seen.flows[0].steps[1].extra[1] = 0x73;
    CHECK(explainer.explain(program, seen).defects.empty());
}
