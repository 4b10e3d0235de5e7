// SPDX-License-Identifier: Apache-2.0
//
// Deliberate faults that take the exact shape of a known implementation: what they are meant to explain, and no more.
#include <catch2/catch_test_macros.hpp>

#include "difftest/judge/judge.h"
#include "tests/difftest/judge/arena_cases.h"

using namespace mtecheck::difftest;
using namespace mtecheck::difftest::test;

namespace {

constexpr unsigned kSync = 1;
constexpr std::uint64_t kAlignmentFault = 0x21;
constexpr std::uint64_t kTagCheckFault = 0x11;

/// Of the exception that the model takes with these deliberate faults.
std::uint64_t dfsc(const Case& input, const MutationSet& mutations) {
    Judge judge(model_profile(), mutations);
    judge.load(input.sequence);
    const Outcome& outcome = judge.expect(input.state).outcome;
    REQUIRE(outcome.status == Status::exception);
    return outcome.exception.esr & 0x3f;
}

} // namespace

TEST_CASE("a tag check before the alignment covers all that the instruction accesses", "[judge]") {
    struct Row {
        const char* text;
        std::uint32_t code;
        std::uint64_t offset; // such that only the last granule mismatches
        std::uint64_t with_fault;
    };
    const Row table[] = {
        {"LDR", 0xf9400020, 0xfb, kTagCheckFault},
        {"LDP", kLdp, 0xf4, kTagCheckFault}, // the second register
        {"STP", kStp, 0xf4, kTagCheckFault},
        {"LD4 {V0.2D-V3.2D}", 0x4c400c20, 0xc4, kTagCheckFault}, // the last of 64 bytes
        {"LD2R {V0.2D-V1.2D}", 0x4d60cc20, 0xf4, kTagCheckFault},
        {"LDAXP", 0xc87f8c20, 0xf4, kAlignmentFault}, // an exclusive pair: the first register
        {"LDAXP", 0xc87f8c20, 0xfc, kTagCheckFault},
    };
    for (const Row& row : table) {
        CAPTURE(row.text, row.offset);
        Case input = el1_case(kSync, {row.code});
        input.sequence.configuration.cpacr_el1 = std::uint64_t{3} << 20U;
        input.sequence.configuration.sctlr[1] |= mtecheck::spec::field::SCTLR_EL1::A.place(1);
        add_window(input, 0, 5);
        add_window(input, 0x100, 4);
        input.state.x[1] = address(row.offset, 5);
        CHECK(dfsc(input, {}) == kAlignmentFault);
        CHECK(dfsc(input, parse_mutations("alignment_after_tag_check", "test")) == row.with_fault);
    }
}

TEST_CASE("with the tags of a page aliased, what an aborted ST2G wrote is open where it shows", "[judge]") {
    Case input = el1_case(kSync, {0xd9a00820}); // ST2G X0, [X1]
    add_window(input, 0x3e00, 0);
    add_window(input, 0x3f00, 0); // page 3 is writable, page 4 is read-only
    add_window(input, 0x4000, 0);
    input.state.x[0] = address(0, 7);
    input.state.x[1] = address(0x3ff0, 0);
    Judge judge(model_profile(), parse_mutations("page_tags_aliased", "test"));
    judge.load(input.sequence);
    Outcome got = judge.expect(input.state).outcome;
    REQUIRE(got.status == Status::exception);
    for (std::size_t window : {0U, 1U}) {
        CAPTURE(window);
        const std::uint64_t tags = got.windows[window].tags;
        CHECK(tags == 0x70); // the second granule of the page
        got.windows[window].tags = 0;
        CHECK(judge.judge(input.state, got).agreed());
        got.windows[window].tags = 7;
        CHECK(judge.judge(input.state, got).kind == Verdict::Kind::diverged);
        got.windows[window].tags = tags;
    }
}
