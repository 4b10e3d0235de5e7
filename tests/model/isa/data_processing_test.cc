// SPDX-License-Identifier: Apache-2.0
//
// Integer data processing, branches and SVC.
#include <catch2/catch_test_macros.hpp>

#include "tests/model/isa/instructions.h"

using namespace mtecheck;
using namespace mtecheck::model;
using namespace mtecheck::model::testing;

namespace {

constexpr std::uint64_t kX1 = 0x8899aabbccddeeff;
constexpr std::uint64_t kX2 = 0x0123456789abcdef;

struct Row {
    std::uint32_t opcode;
    std::uint64_t x0;
    unsigned nzcv = 0; // after; 0 before
};

void check(const Row& row) {
    PE pe;
    pe.state.x[0] = 0xaaaaaaaaaaaaaaaa;
    pe.state.x[1] = kX1;
    pe.state.x[2] = kX2;
    CAPTURE(spec::info(*spec::decode(row.opcode)).id, row.opcode);
    REQUIRE(pe.execute({row.opcode}) == RunStatus::completed);
    CHECK(pe.x(0) == row.x0);
    CHECK(pe.nzcv() == row.nzcv);
}

} // namespace

TEST_CASE("moves") {
    check({word(Encoding::MOVZ_x, {{"Rd", 0}, {"imm16", 0x1234}, {"hw", 3}}), 0x1234000000000000});
    check({word(Encoding::MOVN_x, {{"Rd", 0}, {"imm16", 0x1234}, {"hw", 0}}), 0xffffffffffffedcb});
    check({word(Encoding::MOVN_w, {{"Rd", 0}, {"imm16", 0x1234}, {"hw", 1}}), 0x00000000edcbffff});
    check({word(Encoding::MOVK_x, {{"Rd", 0}, {"imm16", 0x1234}, {"hw", 2}}), 0xaaaa1234aaaaaaaa});
    check({word(Encoding::MOVK_w, {{"Rd", 0}, {"imm16", 0x1234}, {"hw", 0}}), 0x00000000aaaa1234});
}

TEST_CASE("add and subtract") {
    using E = Encoding;
    check({word(E::ADD_x_imm, {{"Rd", 0}, {"Rn", 1}, {"imm12", 0xfff}, {"sh", 1}}), kX1 + 0xfff000});
    check({word(E::SUB_w_imm, {{"Rd", 0}, {"Rn", 1}, {"imm12", 0xff}}), 0xccddee00});
    check({word(E::ADD_x_shift, {{"Rd", 0}, {"Rn", 1}, {"Rm", 2}, {"shift", 0}, {"imm6", 4}}), kX1 + (kX2 << 4)});
    check(
        {word(E::SUB_x_shift, {{"Rd", 0}, {"Rn", 2}, {"Rm", 1}, {"shift", 2}, {"imm6", 8}}), kX2 - 0xff8899aabbccddee});
    check({word(E::ADD_w_shift, {{"Rd", 0}, {"Rn", 2}, {"Rm", 1}, {"shift", 1}, {"imm6", 16}}), 0x89abcdef + 0xccdd});
    check({word(E::ADD_x_ext, {{"Rd", 0}, {"Rn", 2}, {"Rm", 1}, {"option", 4}, {"imm3", 2}}),
           kX2 + 0xfffffffffffffffc}); // SXTB: 0xff is -1
    check({word(E::ADD_x_ext, {{"Rd", 0}, {"Rn", 2}, {"Rm", 1}, {"option", 1}, {"imm3", 4}}), kX2 + 0xeeff0}); // UXTH
    check({word(E::SUBS_x_shift, {{"Rd", 0}, {"Rn", 1}, {"Rm", 1}}), 0, 0b0110});
    check({word(E::SUBS_x_shift, {{"Rd", 0}, {"Rn", 2}, {"Rm", 1}}), kX2 - kX1, 0b0000});
    check({word(E::SUBS_x_shift, {{"Rd", 0}, {"Rn", 1}, {"Rm", 2}}), kX1 - kX2, 0b1010});
    check({word(E::ADDS_w_shift, {{"Rd", 0}, {"Rn", 1}, {"Rm", 2}}), 0x5689bcee, 0b0011});   // two negatives
    check({word(E::SUBS_w_imm, {{"Rd", 0}, {"Rn", 31}, {"imm12", 1}}), 0xffffffff, 0b1000}); // from SP, which is 0
}

TEST_CASE("logical") {
    using E = Encoding;
    check({word(E::AND_x_shift, {{"Rd", 0}, {"Rn", 1}, {"Rm", 2}}), kX1 & kX2});
    check({word(E::BIC_x_shift, {{"Rd", 0}, {"Rn", 1}, {"Rm", 2}}), kX1 & ~kX2});
    check({word(E::ORR_w_shift, {{"Rd", 0}, {"Rn", 31}, {"Rm", 1}}), 0xccddeeff});
    check(
        {word(E::EOR_x_shift, {{"Rd", 0}, {"Rn", 1}, {"Rm", 2}, {"shift", 3}, {"imm6", 8}}), kX1 ^ 0xef0123456789abcd});
    check({word(E::ORN_x_shift, {{"Rd", 0}, {"Rn", 31}, {"Rm", 2}}), ~kX2});
    check({word(E::ANDS_x_shift, {{"Rd", 0}, {"Rn", 1}, {"Rm", 1}}), kX1, 0b1000});
    check({word(E::BICS_w_shift, {{"Rd", 0}, {"Rn", 1}, {"Rm", 1}}), 0, 0b0100});
    // N:imms:immr of 0xff repeated every 16 bits, of 0x0f0f..., and of one run rotated
    check(
        {word(E::AND_x_imm, {{"Rd", 0}, {"Rn", 1}, {"N", 0}, {"imms", 0x27}, {"immr", 0}}), kX1 & 0x00ff00ff00ff00ff});
    check({word(E::ORR_w_imm, {{"Rd", 0}, {"Rn", 31}, {"imms", 0x33}, {"immr", 0}}), 0x0f0f0f0f});
    check({word(E::EOR_x_imm, {{"Rd", 0}, {"Rn", 31}, {"N", 1}, {"imms", 7}, {"immr", 4}}), 0xf00000000000000f});
    check(
        {word(E::ANDS_x_imm, {{"Rd", 0}, {"Rn", 1}, {"N", 1}, {"imms", 0}, {"immr", 1}}), 0x8000000000000000, 0b1000});
}

TEST_CASE("bitfields and extract") {
    using E = Encoding;
    check({word(E::UBFM_x, {{"Rd", 0}, {"Rn", 1}, {"immr", 8}, {"imms", 15}}), 0xee});               // UBFX #8, #8
    check({word(E::SBFM_x, {{"Rd", 0}, {"Rn", 1}, {"immr", 8}, {"imms", 15}}), 0xffffffffffffffee}); // SBFX #8, #8
    check({word(E::SBFM_w, {{"Rd", 0}, {"Rn", 1}, {"immr", 0}, {"imms", 7}}), 0xffffffff});          // SXTB
    check({word(E::UBFM_x, {{"Rd", 0}, {"Rn", 1}, {"immr", 60}, {"imms", 59}}), kX1 << 4});          // LSL #4
    check({word(E::BFM_x, {{"Rd", 0}, {"Rn", 1}, {"immr", 0}, {"imms", 7}}), 0xaaaaaaaaaaaaaaff});   // BFXIL #0, #8
    check({word(E::BFM_x, {{"Rd", 0}, {"Rn", 1}, {"immr", 48}, {"imms", 7}}), 0xaaaaaaaaaaffaaaa});  // BFI #16, #8
    check({word(E::EXTR_x, {{"Rd", 0}, {"Rn", 1}, {"Rm", 2}, {"imms", 8}}), kX1 << 56 | kX2 >> 8});
    check({word(E::EXTR_w, {{"Rd", 0}, {"Rn", 1}, {"Rm", 2}, {"imms", 0}}), 0x89abcdef});
}

TEST_CASE("conditional select under each condition") {
    for (unsigned nzcv = 0; nzcv < 16; ++nzcv) {
        const bool n = (nzcv & 8U) != 0, z = (nzcv & 4U) != 0, c = (nzcv & 2U) != 0, v = (nzcv & 1U) != 0;
        const bool holds[] = {
            z, !z, c, !c, n, !n, v, !v, c && !z, !(c && !z), n == v, n != v, n == v && !z, !(n == v && !z), true, true};
        for (unsigned cond = 0; cond < 16; ++cond) {
            PE pe;
            pe.state.PSTATE.N = n;
            pe.state.PSTATE.Z = z;
            pe.state.PSTATE.C = c;
            pe.state.PSTATE.V = v;
            pe.state.x[1] = kX1;
            pe.state.x[2] = kX2;
            CAPTURE(nzcv, cond);
            REQUIRE(pe.execute({word(Encoding::CSEL_x, {{"Rd", 0}, {"Rn", 1}, {"Rm", 2}, {"cond", cond}}),
                                word(Encoding::CSINC_x, {{"Rd", 3}, {"Rn", 1}, {"Rm", 2}, {"cond", cond}}),
                                word(Encoding::CSNEG_x, {{"Rd", 4}, {"Rn", 1}, {"Rm", 2}, {"cond", cond}})}) ==
                    RunStatus::completed);
            CHECK(pe.x(0) == (holds[cond] ? kX1 : kX2));
            CHECK(pe.x(3) == (holds[cond] ? kX1 : kX2 + 1));
            CHECK(pe.x(4) == (holds[cond] ? kX1 : 0 - kX2));
        }
    }
}

TEST_CASE("branches") {
    const std::uint32_t one = word(Encoding::MOVZ_x, {{"Rd", 0}, {"imm16", 1}});
    const auto taken = [&](std::uint32_t branch) {
        PE pe;
        pe.state.x[1] = 0x100000000;
        pe.state.PSTATE.Z = 1;
        REQUIRE(pe.execute({branch, one}) == RunStatus::completed);
        return pe.x(0) == 0;
    };
    CHECK(taken(word(Encoding::B, {{"imm26", 8}})));
    CHECK(taken(word(Encoding::B_cond, {{"cond", 0}, {"imm19", 8}})));
    CHECK_FALSE(taken(word(Encoding::B_cond, {{"cond", 1}, {"imm19", 8}})));
    CHECK(taken(word(Encoding::CBZ_w, {{"Rt", 1}, {"imm19", 8}})));
    CHECK_FALSE(taken(word(Encoding::CBZ_x, {{"Rt", 1}, {"imm19", 8}})));
    CHECK(taken(word(Encoding::CBNZ_x, {{"Rt", 1}, {"imm19", 8}})));
    CHECK(taken(word(Encoding::TBNZ, {{"Rt", 1}, {"b5", 1}, {"b40", 0}, {"imm14", 8}})));
    CHECK_FALSE(taken(word(Encoding::TBNZ, {{"Rt", 1}, {"b5", 1}, {"b40", 1}, {"imm14", 8}})));
    CHECK(taken(word(Encoding::TBZ, {{"Rt", 1}, {"b5", 0}, {"b40", 3}, {"imm14", 8}})));
}

TEST_CASE("SVC is taken with its immediate, and returns to the next instruction") {
    PE pe;
    REQUIRE(pe.execute(Encoding::SVC, {{"imm16", 0xbeef}}) == RunStatus::exception);
    CHECK(pe.ec() == 0x15);
    CHECK((pe.state.ESR_EL1.raw() & 0xffff) == 0xbeef);
    CHECK(pe.state.ELR_EL1.raw() == kCode + 4);
}
