// SPDX-License-Identifier: Apache-2.0
//
// JSON of cases, tests and outcomes: exact round trips, agreement with the published schema, and complaints that name
// file, place and mend for everything hostile.
#include "difftest/core/json.h"

#include <fstream>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/generators/catch_generators_range.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <nlohmann/json.hpp>

#include "difftest/core/error.h"
#include "spec/schema_validator.h"
#include "tests/difftest/core/samples.h"
#include "tests/places.h"

using namespace mtecheck::difftest;
using Catch::Matchers::ContainsSubstring;

namespace {

const std::string kFile = "given.json";

Case reread(const Case& value) {
    const auto document = parse_json(dump(to_json(value)), kFile);
    return case_from_json(JsonPlace(document, kFile));
}

/// The complaint about this text, or "" if there is none.
std::string complaint(const std::string& text) {
    try {
        const auto document = parse_json(text, kFile);
        static_cast<void>(case_from_json(JsonPlace(document, kFile)));
    } catch (const InputError& error) {
        return error.what();
    }
    return "";
}

/// The small case as JSON after a change.
template <class F>
std::string changed(F&& change) {
    OrderedJson document = to_json(test::small_case());
    change(document);
    return dump(document);
}

const nlohmann::json& schema() {
    static const nlohmann::json document =
        nlohmann::json::parse(std::ifstream(mtecheck::places::source() + "/difftest/schema/mtecheck-case.schema.json"));
    return document;
}

} // namespace

TEST_CASE("a case survives JSON exactly", "[json]") {
    const Case value = GENERATE(0, 1) == 0 ? test::small_case() : test::full_case();
    const Case back = reread(value);
    CHECK(back.id == value.id);
    CHECK(back.sequence == value.sequence);
    CHECK(back.state == value.state);
}

TEST_CASE("a golden layout and unused or zero SIMD state survive JSON", "[json]") {
    Case value = test::small_case();
    value.sequence.layout = LayoutId::golden;
    value.sequence.pc = 0x201000;
    CHECK(reread(value).sequence == value.sequence);
    CHECK(reread(value).state.v.empty());
    value.state.v.resize(32);
    CHECK(reread(value).state.v.size() == 32);
}

TEST_CASE("a test survives JSON exactly", "[json]") {
    const Case one = test::full_case();
    const Test value{one.sequence, {one.state, State{}, one.state}};
    const auto document = parse_json(dump(to_json(value)), kFile);
    const Test back = test_from_json(JsonPlace(document, kFile));
    CHECK(back.sequence == value.sequence);
    CHECK(back.states == value.states);
}

TEST_CASE("an outcome survives JSON exactly", "[json]") {
    for (const auto& value : {test::full_outcome(), Outcome{}}) {
        const auto document = parse_json(dump(to_json(value)), kFile);
        CHECK(test::same(outcome_from_json(JsonPlace(document, kFile)), value));
    }
}

TEST_CASE("what we write agrees with the published schema", "[json]") {
    const Case one = test::full_case();
    for (const auto& text : {dump(to_json(one)), dump(to_json(test::small_case())), dump(to_json(test::full_outcome())),
                             dump(to_json(Test{one.sequence, {one.state, State{}}}))}) {
        CHECK(mtecheck::spec::validate(schema(), parse_json(text, kFile)).empty());
    }
}

TEST_CASE("instruction words are shown with their disassembly", "[json]") {
    Case value = test::small_case();
    value.sequence.code = {0xd9200820}; // STG X0, [X1]
    CHECK_THAT(dump(to_json(value)), ContainsSubstring("stg"));
}

TEST_CASE("text that is not UTF-8 can be written", "[json]") {
    Outcome value;
    value.note = "\xff\xfe";
    CHECK_NOTHROW(dump(to_json(value)));
}

TEST_CASE("every wrong case has a complaint with file, place and mend", "[json][hostile]") {
    struct Row {
        std::string text;
        std::string expected;
    };
    using J = OrderedJson;
    const std::vector<Row> rows{
        {"", "not valid JSON"},
        {"{", "not valid JSON"},
        {"\xff\xfe\x01", "not valid JSON"},
        {"{\"a\":\"\xc3\x28\"}", "not valid JSON"},
        {std::string(100000, '['), "nested deeper"},
        {R"({"a":1,"a":2})", "twice"},
        {"[]", "must be an object"},
        {"null", "must be an object"},
        {"1e999", "not valid JSON"},
        {"{}", "\"schema\" is missing"},
        {changed([](J& j) { j["schema"] = "mtecheck-case/2"; }), "given.json: /schema: must be \"mtecheck-case/1\""},
        {changed([](J& j) { j["schema"] = 1; }), "/schema: must be a string"},
        {changed([](J& j) { j["colour"] = 1; }), "/colour: is not a known key; known here: schema, id"},
        {changed([](J& j) { j.erase("code"); }), "\"code\" is missing"},
        {changed([](J& j) { j["code"] = J::array(); }), "at least one instruction"},
        {changed([](J& j) { j["code"] = J(std::vector<J>(33, j["code"][0])); }), "/code: has 33 elements"},
        {changed([](J& j) { j["code"][0] = "0xd503201f"; }), "/code/0: must be an object"},
        {changed([](J& j) { j["code"][0]["word"] = "0x1d503201f"; }), "/code/0/word: does not fit into 32 bits"},
        {changed([](J& j) { j["code"][0]["word"] = 3573751839; }), "/code/0/word: must be a string like"},
        {changed([](J& j) { j["code"][0]["asm"] = J::array(); }), "/code/0/asm: must be a string"},
        {changed([](J& j) { j["pc"] = "0x110000002"; }), "multiple of 4"},
        {changed([](J& j) { j["pc"] = "0x0"; }), "pc must be in the code area"},
        {changed([](J& j) {
             j["pc"] = "0x117fffffc";
             j["code"].push_back(j["code"][0]);
         }),
         "pc must be in the code area"},
        {changed([](J& j) { j["pc"] = "110000000"; }), "hexadecimal digits"},
        {changed([](J& j) { j["pc"] = "0x"; }), "hexadecimal digits"},
        {changed([](J& j) { j["pc"] = "0x11000000g"; }), "hexadecimal digits"},
        {changed([](J& j) { j["pc"] = "0x00000000110000000"; }), "hexadecimal digits"},
        {changed([](J& j) { j["layout"] = "moon"; }), "/layout: must be one of \"arena\", \"golden\""},
        {changed([](J& j) { j["configuration"]["el"] = 4; }), "/configuration/el: must be an integer from 0 to 3"},
        {changed([](J& j) { j["configuration"]["el"] = -1; }), "/configuration/el: must be an integer"},
        {changed([](J& j) { j["configuration"]["el"] = 1.0; }), "/configuration/el: must be an integer"},
        {changed([](J& j) { j["configuration"]["el"] = "1"; }), "/configuration/el: must be an integer"},
        {changed([](J& j) { j["configuration"]["spsel"] = 1; }), "spsel must be 0 at EL0"},
        {changed([](J& j) { j["configuration"]["gmid_el1"] = "0x7"; }), "gmid_el1"},
        {changed([](J& j) { j["configuration"]["dczid_el0"] = "0x40"; }), "dczid_el0"},
        {changed([](J& j) { j["configuration"]["sctlr"] = "0x0"; }), "/configuration/sctlr: is not a known key"},
        {changed([](J& j) { j["state"] = 1; }), "/state: must be an object"},
        {changed([](J& j) { j["state"]["x"]["x31"] = "0x1"; }),
         "/state/x/x31: is not a known key; known here: x0 ... x30"},
        {changed([](J& j) { j["state"]["x"]["x3"] = 7; }), "/state/x/x3: must be a string"},
        {changed([](J& j) { j["state"]["nzcv"] = "0x10"; }), "/state/nzcv: does not fit into 4 bits"},
        {changed([](J& j) { j["state"]["v"]["v0"] = "0x1"; }), "/state/v/v0: must be \"0x\" and 32"},
        {changed([](J& j) { j["state"]["windows"] = J::object(); }), "/state/windows: must be an array"},
        {changed([](J& j) { j["state"]["windows"] = J(std::vector<J>(9, J::object())); }), "/state/windows: has 9"},
        {changed([](J& j) {
             j["state"]["windows"] = {{{"pa", "0x40600080"}}};
         }),
         "multiple of 256"},
        {changed([](J& j) {
             j["state"]["windows"] = {{{"pa", "0x40610000"}}};
         }),
         "must be from 0x40600000 to 0x4060ffff"},
        {changed([](J& j) {
             j["state"]["windows"] = {{{"pa", "0x40600000"}}, {{"pa", "0x40600000"}}};
         }),
         "greater than"},
        {changed([](J& j) {
             j["state"]["windows"] = {{{"pa", "0x40600000"}, {"tags", "123"}}};
         }),
         "/tags: must be 16"},
        {changed([](J& j) {
             j["state"]["windows"] = {{{"pa", "0x40600000"}, {"data", {{"0x01", ""}}}}};
         }),
         "/state/windows/0/data/0x01: is not a known key"},
        {changed([](J& j) {
             j["state"]["windows"] = {{{"pa", "0x40600000"}, {"data", {{"0x10", "00"}}}}};
         }),
         "/state/windows/0/data/0x10: must be a string of 32"},
    };
    for (const auto& row : rows) {
        INFO(row.text.substr(0, 400));
        const std::string said = complaint(row.text);
        CHECK_THAT(said, ContainsSubstring(row.expected));
        CHECK(said.starts_with("given.json: "));
        CHECK(said.find('\n') == std::string::npos);
    }
}

TEST_CASE("a list of strings is read up to its limit, and nothing else is taken for one", "[json][hostile]") {
    const auto document = parse_json(R"({"list": ["a", "b"], "mixed": ["a", 1], "text": "a"})", kFile);
    const JsonPlace place(document, kFile);
    CHECK(place.member("list").texts(2) == std::vector<std::string>{"a", "b"});
    CHECK_THROWS_WITH(place.member("list").texts(1), ContainsSubstring("/list") && ContainsSubstring("at most 1"));
    CHECK_THROWS_WITH(place.member("mixed").texts(2), ContainsSubstring("/mixed/1"));
    CHECK_THROWS_WITH(place.member("text").texts(2), ContainsSubstring("/text"));
}

TEST_CASE("a case file cut short anywhere is a complaint", "[json][hostile]") {
    const std::string whole = dump(to_json(test::small_case()));
    for (std::size_t size = 0; size + 2 < whole.size(); ++size) CHECK(complaint(whole.substr(0, size)) != "");
}

TEST_CASE("a file that cannot be read is a complaint", "[json][hostile]") {
    CHECK_THROWS_AS(read_case("/nowhere/at/all.json"), InputError);
    CHECK_THROWS_AS(read_case("/"), InputError);
    CHECK_THROWS_AS(read_file("/dev/zero", 1000), InputError);
}
