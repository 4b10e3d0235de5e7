// SPDX-License-Identifier: Apache-2.0
//
// Loads and stores of SIMD&FP registers.
#include <catch2/catch_test_macros.hpp>

#include "tests/model/isa/instructions.h"

using namespace mtecheck;
using namespace mtecheck::model;
using namespace mtecheck::model::testing;

namespace {

constexpr std::uint64_t kBase = kTagged;

/// Checking off, base x1 in Tagged memory, V2 to V5 with known contents.
struct VectorPE : PE {
    VectorPE() {
        state.PSTATE.TCO = 1;
        state.x[1] = kBase + 0x40;
        for (unsigned n = 2; n < 6; ++n) state.v[n] = both(0x0101010101010101 * n, 0x1010101010101010 * n);
    }
    static Bits<128> both(std::uint64_t low, std::uint64_t high) { return concat(Bits<64>(high), Bits<64>(low)); }
    std::uint64_t low(unsigned n) const { return slice<63, 0>(state.v[n]).raw(); }
    std::uint64_t high(unsigned n) const { return slice<127, 64>(state.v[n]).raw(); }
};

} // namespace

TEST_CASE("a load of a narrow register clears the rest of it") {
    struct Row {
        Encoding encoding;
        std::uint64_t low, high;
    };
    const Row table[] = {
        {Encoding::LDR_b_imm_unsigned, 0x40, 0},
        {Encoding::LDR_h_imm_unsigned, ascending(0x40, 2), 0},
        {Encoding::LDR_s_imm_unsigned, ascending(0x40, 4), 0},
        {Encoding::LDR_d_imm_unsigned, ascending(0x40, 8), 0},
        {Encoding::LDR_q_imm_unsigned, ascending(0x40, 8), ascending(0x48, 8)},
    };
    for (const Row& row : table) {
        VectorPE pe;
        CAPTURE(spec::info(row.encoding).id);
        REQUIRE(pe.execute(row.encoding, {{"Rt", 2}, {"Rn", 1}, {"imm12", 0}}) == RunStatus::completed);
        CHECK(pe.low(2) == row.low);
        CHECK(pe.high(2) == row.high);
    }
}

TEST_CASE("pairs of vectors") {
    VectorPE pe;
    REQUIRE(pe.execute(Encoding::STP_q_post, {{"Rt", 2}, {"Rt2", 3}, {"Rn", 1}, {"imm7", -32}}) ==
            RunStatus::completed);
    CHECK(pe.doubleword_at(kBase + 0x40) == 0x0202020202020202);
    CHECK(pe.doubleword_at(kBase + 0x48) == 0x2020202020202020);
    CHECK(pe.doubleword_at(kBase + 0x50) == 0x0303030303030303);
    CHECK(pe.x(1) == kBase + 0x20);
    REQUIRE(pe.execute(Encoding::LDP_s_off, {{"Rt", 4}, {"Rt2", 5}, {"Rn", 1}, {"imm7", 4}}) == RunStatus::completed);
    CHECK(pe.low(4) == ascending(0x24, 4));
    CHECK(pe.low(5) == ascending(0x28, 4));
    CHECK(pe.high(5) == 0);
}

TEST_CASE("structures are interleaved, consecutive registers are not") {
    VectorPE pe;
    SECTION("LD1 of two registers") {
        REQUIRE(pe.execute(Encoding::LD1_x2, {{"Rt", 2}, {"Rn", 1}, {"Q", 1}, {"size", 2}}) == RunStatus::completed);
        CHECK(pe.low(2) == ascending(0x40, 8));
        CHECK(pe.high(2) == ascending(0x48, 8));
        CHECK(pe.low(3) == ascending(0x50, 8));
    }
    SECTION("LD2 takes every other element") {
        REQUIRE(pe.execute(Encoding::LD2_mult, {{"Rt", 2}, {"Rn", 1}, {"Q", 0}, {"size", 2}}) == RunStatus::completed);
        CHECK(pe.low(2) == (ascending(0x40, 4) | ascending(0x48, 4) << 32U));
        CHECK(pe.low(3) == (ascending(0x44, 4) | ascending(0x4c, 4) << 32U));
        CHECK(pe.high(2) == 0); // with Q = 0 the upper half is cleared
    }
    SECTION("ST3 writes whole structures, and post-index moves by their size") {
        REQUIRE(pe.execute(Encoding::ST3_mult_post, {{"Rt", 2}, {"Rn", 1}, {"Rm", 31}, {"Q", 0}, {"size", 0}}) ==
                RunStatus::completed);
        CHECK(pe.doubleword_at(kBase + 0x40) == 0x0302040302040302);
        CHECK(pe.x(1) == kBase + 0x40 + 24);
    }
    SECTION("post-index by register") {
        pe.state.x[6] = 0x100;
        REQUIRE(pe.execute(Encoding::LD1_x1_post, {{"Rt", 2}, {"Rn", 1}, {"Rm", 6}, {"Q", 1}, {"size", 0}}) ==
                RunStatus::completed);
        CHECK(pe.x(1) == kBase + 0x140);
    }
    SECTION("register numbers wrap around") {
        pe.state.v[31] = VectorPE::both(0, 0);
        REQUIRE(pe.execute(Encoding::LD1_x2, {{"Rt", 31}, {"Rn", 1}, {"Q", 0}, {"size", 3}}) == RunStatus::completed);
        CHECK(pe.low(31) == ascending(0x40, 8));
        CHECK(pe.low(0) == ascending(0x48, 8));
    }
}

TEST_CASE("single lanes") {
    VectorPE pe;
    SECTION("a lane is inserted, the rest stays") {
        // index = Q:S:size = 0b1101 = 13
        REQUIRE(pe.execute(Encoding::LD1_lane_b, {{"Rt", 2}, {"Rn", 1}, {"Q", 1}, {"S", 1}, {"size", 1}}) ==
                RunStatus::completed);
        CHECK(pe.low(2) == 0x0202020202020202);
        CHECK(pe.high(2) == 0x2020402020202020);
    }
    SECTION("halfword, word and doubleword lanes") {
        REQUIRE(pe.execute({word(Encoding::LD1_lane_h, {{"Rt", 2}, {"Rn", 1}, {"Q", 0}, {"S", 1}, {"size1", 1}}),
                            word(Encoding::LD1_lane_s, {{"Rt", 3}, {"Rn", 1}, {"Q", 1}, {"S", 0}}),
                            word(Encoding::LD1_lane_d, {{"Rt", 4}, {"Rn", 1}, {"Q", 1}})}) == RunStatus::completed);
        CHECK(pe.low(2) == 0x4140020202020202);
        CHECK(pe.high(3) == 0x3030303043424140);
        CHECK(pe.low(4) == 0x0404040404040404);
        CHECK(pe.high(4) == ascending(0x40, 8));
    }
    SECTION("a structure of lanes is stored") {
        REQUIRE(pe.execute(Encoding::ST2_lane_h, {{"Rt", 2}, {"Rn", 1}, {"Q", 0}, {"S", 0}, {"size1", 0}}) ==
                RunStatus::completed);
        CHECK((pe.doubleword_at(kBase + 0x40) & 0xffffffff) == 0x03030202);
    }
    SECTION("replicate") {
        REQUIRE(pe.execute(Encoding::LD1R, {{"Rt", 2}, {"Rn", 1}, {"Q", 0}, {"size", 1}}) == RunStatus::completed);
        CHECK(pe.low(2) == 0x4140414041404140);
        CHECK(pe.high(2) == 0);
    }
}

TEST_CASE("an abort in the middle of a structure leaves its registers open") {
    VectorPE pe;
    pe.state.PSTATE.TCO = 0;
    pe.state.x[1] = tagged(kBase + 0x40, 4); // the second register is in granule 5
    REQUIRE(pe.execute(Encoding::LD1_x2, {{"Rt", 2}, {"Rn", 1}, {"Q", 1}, {"size", 3}}) == RunStatus::exception);
    unsigned open = 0;
    for (const auto& mark : pe.marks) {
        if (mark.place.kind == Place::Kind::simd_register) open |= 1U << mark.place.index;
    }
    CHECK(open == 0b1100);
}

TEST_CASE("SIMD&FP accesses trap when CPACR_EL1.FPEN says so, before the address is looked at") {
    VectorPE pe;
    pe.state.CPACR_EL1 = 0;
    pe.state.x[1] = kUnmapped;
    REQUIRE(pe.execute(Encoding::LDR_q_imm_unsigned, {{"Rt", 2}, {"Rn", 1}}) == RunStatus::exception);
    CHECK(pe.ec() == 0x07);
}
