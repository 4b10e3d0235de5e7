// SPDX-License-Identifier: Apache-2.0
//
// Explanations name decisions by their pseudocode functions, and effects by place and value.
#include "difftest/judge/explain.h"

#include <fstream>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <nlohmann/json.hpp>

#include "difftest/core/json.h"
#include "difftest/judge/judge.h"
#include "spec/schema_validator.h"
#include "tests/difftest/judge/arena_cases.h"
#include "tests/places.h"

using namespace mtecheck::difftest;
using namespace mtecheck::difftest::test;
using Catch::Matchers::ContainsSubstring;

namespace {

Case faulting_case() {
    Case input = el1_case(1, {kNop, kStr, kNop});
    add_window(input, 0, 4);
    input.state.x[1] = address(16, 5);
    return input;
}

} // namespace

TEST_CASE("a Tag Check Fault is explained to the pseudocode function", "[explain]") {
    const Walkthrough explanation = explain(faulting_case(), model_profile());
    REQUIRE(explanation.steps.size() == 2);
    CHECK(explanation.steps[0].disassembly == "nop");
    CHECK_FALSE(explanation.steps[0].exception);
    CHECK(explanation.steps[1].exception);
    CHECK(explanation.end.outcome.status == Status::exception);
    const std::string text = to_text(explanation);
    CHECK_THAT(text, ContainsSubstring("str x0, [x1"));
    CHECK_THAT(text, ContainsSubstring("AArch64.AccessIsTagChecked: "));
    CHECK_THAT(text, ContainsSubstring("tag read at PA 0x40600010: 0x4"));
    CHECK_THAT(text, ContainsSubstring("exception to EL1, vector 0x200: ESR 0x96000051"));
    CHECK_THAT(text, ContainsSubstring("FAR 0x500000100600010"));
    CHECK_THAT(text, ContainsSubstring("left open at the end: DC-02"));
}

TEST_CASE("effects on memory and registers are explained", "[explain]") {
    Case input = el1_case(1, {kLdr, 0xd9200821}); // LDR X0, [X1]; STG X1, [X1]
    add_window(input, 0, 5);
    input.state.x[1] = address(16, 5);
    input.state.windows[0].tags ^= 0x60; // granule 1 has tag 3
    input.state.x[1] = address(16, 3);
    const std::string text = to_text(explain(input, model_profile()));
    CHECK_THAT(text, ContainsSubstring("read 8 bytes at PA 0x40600010: 0x1716151413121110"));
    CHECK_THAT(text, ContainsSubstring("x0: 0x0 -> 0x1716151413121110"));
    CHECK_THAT(text, ContainsSubstring("tag write at PA 0x40600010: 0x3"));
}

TEST_CASE("explanations end where the judge's run ends", "[explain]") {
    const Case input = faulting_case();
    Judge judge(model_profile());
    judge.load(input.sequence);
    Case with_vectors = input;
    with_vectors.state.v.resize(32);
    CHECK(agrees(explain(input, model_profile()).end, judge.expect(with_vectors.state).outcome));
}

TEST_CASE("explanations as JSON agree with their schema", "[explain]") {
    const auto schema = nlohmann::json::parse(
        std::ifstream(mtecheck::places::source() + "/difftest/schema/mtecheck-explanation.schema.json"));
    const std::string file = "explanation";
    for (const Case& input : {faulting_case(), el1_case(2, {kStr, kReadTfsr})}) {
        const auto document = parse_json(dump(to_json(explain(input, model_profile()))), file);
        for (const auto& error : mtecheck::spec::validate(schema, document)) {
            FAIL_CHECK(error.place << ": " << error.problem);
        }
    }
}
