// SPDX-License-Identifier: Apache-2.0
//
// Single simplifications: what they do to branches, registers, windows and tags.
#include "difftest/shrink/edits.h"

#include <catch2/catch_test_macros.hpp>
#include <nlohmann/json.hpp>

#include "difftest/core/branches.h"
#include "difftest/core/json.h"
#include "difftest/findings/examiner.h"
#include "difftest/generate/generator.h"
#include "difftest/shrink/plain.h"
#include "spec/encode.h"
#include "spec/gen/isa.h"
#include "tests/difftest/judge/arena_cases.h"

namespace mtecheck::difftest {
namespace {

constexpr std::uint32_t kNop = test::kNop;

std::uint32_t branch(std::int64_t bytes) {
    const auto encoding = *spec::find_encoding("B");
    const spec::FieldValue values[] = {{"imm26", bytes}};
    return spec::encode(encoding, values);
}

std::int64_t distance(std::uint32_t word) { return spec::field_value(*branch_offset(word), word); }

Sequence code(std::initializer_list<std::uint32_t> words) {
    Sequence sequence;
    sequence.code.assign(words.begin(), words.end());
    return sequence;
}

TEST_CASE("a branch keeps its target when instructions that it skips are dropped") {
    Sequence sequence = code({branch(12), kNop, kNop, test::kLdr});
    drop(sequence, 1, 1);
    CHECK(sequence.code.size() == 3);
    CHECK(distance(sequence.code[0]) == 8);
    drop(sequence, 1, 1);
    CHECK(distance(sequence.code[0]) == 4);
}

TEST_CASE("a branch to what is dropped leads to what came after it") {
    Sequence sequence = code({branch(8), kNop, test::kLdr, test::kStr});
    drop(sequence, 2, 1);
    CHECK(distance(sequence.code[0]) == 8);
    CHECK(sequence.code[2] == test::kStr);
    drop(sequence, 1, 2);
    CHECK(distance(sequence.code[0]) == 4); // the end
    CHECK(branches_lead_forward(sequence));
}

TEST_CASE("branches that do not lead forward, or that leave the code, are refused") {
    CHECK(branches_lead_forward(code({branch(8), kNop})));
    CHECK_FALSE(branches_lead_forward(code({branch(0)})));
    CHECK_FALSE(branches_lead_forward(code({kNop, branch(-4)})));
    CHECK_FALSE(branches_lead_forward(code({branch(8)})));
}

TEST_CASE("a later start has the state that the model has there") {
    // LDR X0, [X1]; STR X0, [X1]
    Case value = test::el1_case(1, {test::kLdr, test::kStr});
    test::add_window(value, 0, 3);
    value.state.x[1] = test::address(0, 3);
    const std::vector<Edit> edits = later_starts(value, model_profile());
    REQUIRE(edits.size() == 1);
    edits[0](value);
    CHECK(value.sequence.code.size() == 1);
    CHECK(value.sequence.code[0] == test::kStr);
    CHECK(value.state.x[0] == 0x0706050403020100);
}

TEST_CASE("a case that moves takes what points to it along") {
    Case value = test::el1_case(1, {test::kLdr});
    test::add_window(value, 0x1200, 3);
    value.state.x[1] = test::address(0x1208, 3);
    value.state.x[2] = 0x1200;
    Judge judge(model_profile());
    const Profile profile = model_profile();
    const std::uint64_t before = cost(value, profile);
    bool moved = false;
    for (const Edit& edit : address_edits(value)) {
        Case candidate = value;
        edit(candidate);
        if (candidate.state.windows[0].pa != ARENA_PA || cost(candidate, profile) >= before) continue;
        moved = true;
        CHECK(candidate.state.x[1] == test::address(8, 3));
        CHECK(candidate.state.x[2] == 0x1200);
        judge.load(candidate.sequence);
        CHECK_FALSE(judge.expect(candidate.state).escaped);
        break;
    }
    CHECK(moved);
}

TEST_CASE("every edit of every kind leaves a well-formed case") {
    const Profile profile = model_profile();
    const auto generator = make_random_generator(profile);
    std::vector<Test> tests(4);
    std::vector<std::vector<Expectation>> expectations(4);
    generator->generate(7, 0, 0, tests, expectations);
    const std::string file = "edited";
    for (const Test& drawn : tests) {
        Case value;
        value.id = "edited";
        value.sequence = drawn.sequence;
        value.state = drawn.states[0];
        const nlohmann::json document = nlohmann::json::parse(to_json(value).dump());
        const JsonPlace place(document, file); // that a refusal would name
        std::vector<std::vector<Edit>> lists = {earlier_ends(value),   later_starts(value, profile),
                                                drops(value, 1),       drops(value, 3),
                                                memory_edits(value),   configuration_edits(value, profile),
                                                register_edits(value), bit_edits(value),
                                                byte_edits(value),     address_edits(value),
                                                tag_edits(value),      operand_edits(value)};
        for (const auto& list : lists) {
            Case together = value;
            for (const Edit& edit : list) {
                Case alone = value;
                edit(alone);
                edit(together);
                for (const Case* edited : {&alone, &together}) {
                    REQUIRE_FALSE(edited->sequence.code.empty());
                    REQUIRE(branches_stay(edited->sequence));
                    require_well_formed(edited->sequence, place);
                    require_well_formed(edited->state, edited->sequence.layout, place);
                }
            }
        }
    }
}

} // namespace
} // namespace mtecheck::difftest
