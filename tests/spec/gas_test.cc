// SPDX-License-Identifier: Apache-2.0
//
// GNU as, given our text for a word, makes that word: every form, with random operands.

#include <catch2/catch_test_macros.hpp>
#include <string>
#include <vector>

#include "assembler.h"
#include "spec/disassemble.h"
#include "words.h"

namespace mtecheck::spec {
namespace {

TEST_CASE("GNU as turns the disassembly of every encoding back into the word") {
    constexpr int words_per_row = 40;
    test::Words words(3);
    std::vector<std::uint32_t> expected;
    std::vector<std::string> texts;
    for (const EncodingInfo& row : encodings()) {
        for (int i = 0; i < words_per_row; ++i) {
            const std::uint32_t word = test::as_assembled(row, words.defined(row));
            expected.push_back(word);
            texts.push_back(disassemble(row.encoding, word));
        }
    }
    const auto got = test::assemble(texts);
    REQUIRE(got.size() == expected.size());
    for (std::size_t i = 0; i < got.size(); ++i) {
        CAPTURE(texts[i], info(decode(expected[i]).value()).id);
        CHECKED_IF(got[i].has_value()) { CHECK(*got[i] == expected[i]); }
        CHECK(got[i].has_value());
    }
}

TEST_CASE("preferred texts of the tag instructions") {
    CHECK(disassemble(0xBAC2003FU) == "cmpp x1, x2");
    CHECK(disassemble(0xBAC20023U) == "subps x3, x1, x2");
    CHECK(disassemble(0x9AC21023U) == "irg x3, x1, x2");
    CHECK(disassemble(0x91B03FFFU) == "addg sp, sp, #768, #15");
    CHECK(disassemble(0xD93FF7FFU) == "stg sp, [sp], #-16");
    CHECK(disassemble(0xD9600000U) == "ldg x0, [x0, #0]");
    CHECK(disassemble(0xD50B7461U) == "dc gva, x1");
    CHECK(disassemble(0xD53B42E0U) == "mrs x0, tco");
    CHECK(disassemble(0xD503419FU) == "msr tco, #1");
    CHECK(disassemble(0xD503439FU) == "msr s0_3_c4_c3_4, xzr"); // assemblers take only #0 and #1
}

} // namespace
} // namespace mtecheck::spec
