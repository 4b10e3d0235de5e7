// SPDX-License-Identifier: Apache-2.0
//
// Exclusives and atomic memory operations.
#include <catch2/catch_test_macros.hpp>

#include "tests/model/isa/instructions.h"

using namespace mtecheck;
using namespace mtecheck::model;
using namespace mtecheck::model::testing;

namespace {
constexpr std::uint64_t kAddress = tagged(kTagged + 0x80, 8);
}

TEST_CASE("a store-exclusive succeeds once after a load-exclusive of the same place") {
    const std::uint32_t load = word(Encoding::LDXR_x, {{"Rt", 2}, {"Rn", 1}});
    const std::uint32_t store = word(Encoding::STXR_x, {{"Rs", 3}, {"Rt", 4}, {"Rn", 1}});
    PE pe;
    pe.state.x[1] = kAddress;
    pe.state.x[3] = ~std::uint64_t{0};
    pe.state.x[4] = 0x4444444444444444;
    SECTION("without the load it fails") {
        REQUIRE(pe.execute({store}) == RunStatus::completed);
        CHECK(pe.x(3) == 1);
        CHECK(pe.doubleword_at(kTagged + 0x80) == ascending(0x80, 8));
    }
    SECTION("with it, it succeeds") {
        REQUIRE(pe.execute({load, store}) == RunStatus::completed);
        CHECK(pe.x(2) == ascending(0x80, 8));
        CHECK(pe.x(3) == 0);
        CHECK(pe.doubleword_at(kTagged + 0x80) == 0x4444444444444444);
        REQUIRE(pe.execute({store}) == RunStatus::completed);
        CHECK(pe.x(3) == 1);
    }
}

TEST_CASE("exclusive pairs") {
    PE pe;
    pe.state.x[1] = kAddress;
    pe.state.x[4] = 0x4444;
    pe.state.x[5] = 0x5555;
    REQUIRE(pe.execute({word(Encoding::LDXP_x, {{"Rt", 2}, {"Rt2", 6}, {"Rn", 1}}),
                        word(Encoding::STXP_x, {{"Rs", 3}, {"Rt", 4}, {"Rt2", 5}, {"Rn", 1}})}) ==
            RunStatus::completed);
    CHECK(pe.x(2) == ascending(0x80, 8));
    CHECK(pe.x(6) == ascending(0x88, 8));
    CHECK(pe.x(3) == 0);
    CHECK(pe.doubleword_at(kTagged + 0x80) == 0x4444);
    CHECK(pe.doubleword_at(kTagged + 0x88) == 0x5555);
    SECTION("a 64-bit pair must be aligned to 16 bytes") {
        pe.state.x[1] = kAddress + 8;
        REQUIRE(pe.execute(Encoding::LDXP_x, {{"Rt", 2}, {"Rt2", 6}, {"Rn", 1}}) == RunStatus::exception);
        CHECK(pe.dfsc() == kAlignmentFault);
    }
}

TEST_CASE("what each atomic memory operation leaves in memory") {
    struct Row {
        Encoding encoding;
        std::uint64_t operand, stored;
    };
    // The byte at the address is 0x80.
    const Row table[] = {
        {Encoding::LDADDB, 0x81, 0x01},  {Encoding::LDCLRB, 0xc0, 0x00},  {Encoding::LDEORB, 0xff, 0x7f},
        {Encoding::LDSETB, 0x0f, 0x8f},  {Encoding::LDSMAXB, 0x01, 0x01}, {Encoding::LDSMINB, 0x01, 0x80},
        {Encoding::LDUMAXB, 0x01, 0x80}, {Encoding::LDUMINB, 0x01, 0x01}, {Encoding::SWPB, 0x55, 0x55},
    };
    for (const Row& row : table) {
        PE pe;
        pe.state.x[1] = kAddress;
        pe.state.x[2] = ~std::uint64_t{0};
        pe.state.x[3] = row.operand;
        CAPTURE(spec::info(row.encoding).id);
        REQUIRE(pe.execute(row.encoding, {{"Rs", 3}, {"Rt", 2}, {"Rn", 1}}) == RunStatus::completed);
        CHECK(pe.x(2) == 0x80);
        CHECK(pe.byte_at(kTagged + 0x80) == row.stored);
        CHECK(pe.byte_at(kTagged + 0x81) == 0x81);
    }
}

TEST_CASE("compare and swap writes only if equal, and always returns the old value") {
    for (const bool equal : {false, true}) {
        PE pe;
        pe.state.x[1] = kAddress;
        pe.state.x[2] = ascending(0x80, 4) + (equal ? 0 : 1);
        pe.state.x[3] = 0x33333333;
        REQUIRE(pe.execute(Encoding::CAS_w, {{"Rs", 2}, {"Rt", 3}, {"Rn", 1}}) == RunStatus::completed);
        CHECK(pe.x(2) == ascending(0x80, 4));
        CHECK((pe.doubleword_at(kTagged + 0x80) & 0xffffffff) == (equal ? 0x33333333 : ascending(0x80, 4)));
    }
}

TEST_CASE("compare and swap of a pair") {
    PE pe;
    pe.state.x[1] = kAddress;
    pe.state.x[2] = ascending(0x80, 8);
    pe.state.x[3] = ascending(0x88, 8);
    pe.state.x[4] = 0x44;
    pe.state.x[5] = 0x55;
    REQUIRE(pe.execute(Encoding::CASP_x, {{"Rs", 2}, {"Rt", 4}, {"Rn", 1}}) == RunStatus::completed);
    CHECK(pe.doubleword_at(kTagged + 0x80) == 0x44);
    CHECK(pe.doubleword_at(kTagged + 0x88) == 0x55);
    CHECK(pe.x(2) == ascending(0x80, 8));
    CHECK(pe.x(3) == ascending(0x88, 8));
    SECTION("at an odd register it is UNDEFINED") {
        REQUIRE(pe.execute(Encoding::CASP_x, {{"Rs", 3}, {"Rt", 4}, {"Rn", 1}}) == RunStatus::exception);
        CHECK(pe.ec() == kUncategorized);
    }
}

TEST_CASE("with TCF = 11 atomics count as reads and plain stores do not") {
    struct Row {
        Encoding encoding;
        bool synchronous;
    };
    const Row table[] = {{Encoding::LDR_x_imm_unsigned, true},
                         {Encoding::STR_x_imm_unsigned, false},
                         {Encoding::LDADD_x, true},
                         {Encoding::SWP_x, true},
                         {Encoding::CAS_x, true},
                         {Encoding::STLR_x, false},
                         {Encoding::LDXR_x, true},
                         {Encoding::LDAR_x, true}};
    for (const Row& row : table) {
        PE pe;
        pe.state.SCTLR_EL1 = sctlr(3, 3);
        pe.state.x[1] = tagged(kTagged + 0x80, 3);
        std::uint32_t opcode = word(row.encoding, {{"Rt", 2}, {"Rn", 1}});
        if (const auto* rs = spec::find_field(row.encoding, "Rs")) opcode = rs->insert(opcode, 4);
        CAPTURE(spec::info(row.encoding).id);
        CHECK((pe.execute({opcode}) == RunStatus::exception) == row.synchronous);
        CHECK(pe.state.TFSR_EL1.raw() == (row.synchronous ? 0 : 1));
        if (row.synchronous) CHECK(!pe.wnr());
    }
}

TEST_CASE("LD<op> to XZR is ST<op>, and still a read for asymmetric checking") {
    PE pe;
    pe.state.SCTLR_EL1 = sctlr(3, 3);
    pe.state.x[1] = tagged(kTagged + 0x80, 3);
    CHECK(pe.execute(Encoding::LDADD_x, {{"Rs", 4}, {"Rt", 31}, {"Rn", 1}}) == RunStatus::exception);
    CHECK(!pe.wnr());
}
