// SPDX-License-Identifier: Apache-2.0
//
// The instructions of FEAT_MTE that read or write tags, and the arithmetic that tag_choice_test.cc does not cover.
#include <catch2/catch_test_macros.hpp>

#include "tests/model/isa/instructions.h"

using namespace mtecheck;
using namespace mtecheck::model;
using namespace mtecheck::model::testing;

namespace {
constexpr std::uint64_t kBase = kTagged; // granules have the tags 0, 1, ..., 15
}

TEST_CASE("SUBG subtracts the address and adds the tag") {
    PE pe;
    pe.state.x[1] = tagged(0x1000, 3);
    REQUIRE(pe.execute(Encoding::SUBG, {{"Xd", 0}, {"Xn", 1}, {"uimm6", 32}, {"uimm4", 2}}) == RunStatus::completed);
    CHECK(pe.x(0) == tagged(0xfe0, 5));
}

TEST_CASE("ADDG excludes what GCR_EL1 says, and nothing else changes") {
    PE pe;
    pe.state.x[1] = tagged(0x1000, 3);
    pe.state.GCR_EL1 = 0x0030; // tags 4 and 5
    pe.state.RGSR_EL1 = 0x123405;
    REQUIRE(pe.execute(Encoding::ADDG, {{"Xd", 0}, {"Xn", 1}, {"uimm6", 16}, {"uimm4", 1}}) == RunStatus::completed);
    CHECK(pe.x(0) == tagged(0x1010, 6));
    CHECK(pe.state.RGSR_EL1.raw() == 0x123405);
}

TEST_CASE("register 31 is SP or XZR as the instruction says") {
    PE pe;
    pe.state.sp[1] = tagged(0x1000, 7);
    SECTION("ADDG writes SP") {
        REQUIRE(pe.execute(Encoding::ADDG, {{"Xd", 31}, {"Xn", 31}, {"uimm6", 16}, {"uimm4", 0}}) ==
                RunStatus::completed);
        CHECK(pe.sp() == tagged(0x1010, 7));
    }
    SECTION("GMI reads SP, and XZR as mask") {
        REQUIRE(pe.execute(Encoding::GMI, {{"Xd", 0}, {"Xn", 31}, {"Xm", 31}}) == RunStatus::completed);
        CHECK(pe.x(0) == 0x80);
    }
    SECTION("SUBPS reads SP and writes XZR") {
        REQUIRE(pe.execute(Encoding::SUBPS, {{"Xd", 31}, {"Xn", 31}, {"Xm", 31}}) == RunStatus::completed);
        CHECK(pe.sp() == tagged(0x1000, 7));
        CHECK(pe.state.PSTATE.Z.raw() == 1);
        CHECK(pe.state.PSTATE.C.raw() == 1);
    }
    SECTION("STG stores the tag of SP") {
        pe.state.x[1] = kBase;
        REQUIRE(pe.execute(Encoding::STG_off, {{"Xt", 31}, {"Xn", 1}, {"imm9", 0}}) == RunStatus::completed);
        CHECK(pe.tag_at(kBase) == 7);
    }
    SECTION("LDG drops its result in XZR") {
        pe.state.x[1] = kBase;
        REQUIRE(pe.execute(Encoding::LDG, {{"Xt", 31}, {"Xn", 1}, {"imm9", 0}}) == RunStatus::completed);
        CHECK(pe.sp() == tagged(0x1000, 7));
    }
}

TEST_CASE("the flags of SUBPS are those of a 64-bit subtraction of 56-bit signed numbers") {
    struct Row {
        std::uint64_t n, m;
        unsigned nzcv;
    };
    const Row table[] = {
        {0x0000000000000010, 0x0000000000000010, 0b0110}, {0x0000000000000010, 0x0000000000000020, 0b1000},
        {0x0000000000000020, 0x0000000000000010, 0b0010}, {0x00ffffffffffffff, 0x0000000000000001, 0b1010},
        {0x0000000000000001, 0x00ffffffffffffff, 0b0000}, {0xab80000000000000, 0x1280000000000000, 0b0110},
    };
    for (const Row& row : table) {
        PE pe;
        pe.state.x[1] = row.n;
        pe.state.x[2] = row.m;
        CAPTURE(row.n, row.m);
        REQUIRE(pe.execute(Encoding::SUBPS, {{"Xd", 0}, {"Xn", 1}, {"Xm", 2}}) == RunStatus::completed);
        CHECK(pe.nzcv() == row.nzcv);
    }
}

TEST_CASE("IRG with RRND = 1 may give every tag that is not excluded") {
    unsigned seen = 0;
    for (std::uint8_t answer = 0; answer < 16; ++answer) {
        PE pe;
        pe.choices.start({answer});
        pe.state.GCR_EL1 = spec::field::GCR_EL1::RRND.place(1) | 0x0ff0;
        pe.state.x[2] = 0x1000;
        REQUIRE(pe.execute(Encoding::IRG, {{"Xd", 0}, {"Xn", 1}, {"Xm", 2}}) == RunStatus::completed);
        seen |= 1U << (pe.x(0) >> 56U & 15U);
        REQUIRE(pe.marks.size() == 1); // RGSR_EL1
    }
    CHECK(seen == 0xe00f);
}

TEST_CASE("IRG without access to tags gives tag 0 and leaves RGSR_EL1") {
    PE pe;
    pe.state.SCTLR_EL1 = sctlr(1, 1) & ~spec::field::SCTLR_EL1::ATA.mask();
    pe.state.RGSR_EL1 = 0xace105;
    pe.state.x[1] = tagged(0x1000, 9);
    REQUIRE(pe.execute(Encoding::IRG, {{"Xd", 0}, {"Xn", 1}, {"Xm", 31}}) == RunStatus::completed);
    CHECK(pe.x(0) == 0x1000);
    CHECK(pe.state.RGSR_EL1.raw() == 0xace105);
}

TEST_CASE("LDG replaces the tag of Xt by that of the granule of any address in it") {
    PE pe;
    pe.state.x[0] = 0xa5ffffffffffffff;
    pe.state.x[1] = kBase + 0x1f; // granule 1, and 3 * 16 on
    REQUIRE(pe.execute(Encoding::LDG, {{"Xt", 0}, {"Xn", 1}, {"imm9", 48}}) == RunStatus::completed);
    CHECK(pe.x(0) == 0xa4ffffffffffffff);
    SECTION("Untagged memory has tag 0") {
        pe.state.x[1] = kUntagged + 0x30;
        REQUIRE(pe.execute(Encoding::LDG, {{"Xt", 0}, {"Xn", 1}, {"imm9", 0}}) == RunStatus::completed);
        CHECK(pe.x(0) == 0xa0ffffffffffffff);
    }
    SECTION("Xt may be the base") {
        pe.state.x[1] = kBase + 0x20;
        REQUIRE(pe.execute(Encoding::LDG, {{"Xt", 1}, {"Xn", 1}, {"imm9", 0}}) == RunStatus::completed);
        CHECK(pe.x(1) == tagged(kBase + 0x20, 2));
    }
}

TEST_CASE("tag stores index their base after the access") {
    struct Row {
        Encoding encoding;
        std::uint64_t stored, base_after;
    };
    const Row table[] = {{Encoding::STG_off, kBase + 0x20, kBase},
                         {Encoding::STG_pre, kBase + 0x20, kBase + 0x20},
                         {Encoding::STG_post, kBase, kBase + 0x20}};
    for (const Row& row : table) {
        PE pe;
        pe.state.x[1] = kBase;
        pe.state.x[2] = tagged(0, 0xa);
        REQUIRE(pe.execute(row.encoding, {{"Xt", 2}, {"Xn", 1}, {"imm9", 32}}) == RunStatus::completed);
        CHECK(pe.tag_at(row.stored) == 0xa);
        CHECK(pe.x(1) == row.base_after);
        CHECK(pe.byte_at(row.stored - kBase + kBase) == (row.stored & 0xff));
    }
}

TEST_CASE("the stored tag is that of Xt before writeback") {
    PE pe;
    pe.state.x[1] = tagged(kBase, 0xb);
    REQUIRE(pe.execute(Encoding::STG_post, {{"Xt", 1}, {"Xn", 1}, {"imm9", 16}}) == RunStatus::completed);
    CHECK(pe.tag_at(kBase) == 0xb);
}

TEST_CASE("which tags and bytes each tag store writes") {
    struct Row {
        Encoding encoding;
        unsigned tags;  // granules from the address
        unsigned zeros; // bytes
    };
    const Row table[] = {{Encoding::STG_off, 1, 0},
                         {Encoding::STZG_off, 1, 16},
                         {Encoding::ST2G_off, 2, 0},
                         {Encoding::STZ2G_off, 2, 32}};
    for (const Row& row : table) {
        PE pe;
        pe.state.x[1] = kBase + 0x40;
        pe.state.x[2] = tagged(0, 0xe);
        CAPTURE(spec::info(row.encoding).id);
        REQUIRE(pe.execute(row.encoding, {{"Xt", 2}, {"Xn", 1}, {"imm9", 0}}) == RunStatus::completed);
        for (unsigned granule = 0; granule < 8; ++granule) {
            const bool tag_written = granule >= 4 && granule < 4 + row.tags;
            CHECK(pe.tag_at(kBase + 16 * granule) == (tag_written ? 0xe : granule));
        }
        for (unsigned offset = 0; offset < 0x80; ++offset) {
            const bool zeroed = offset >= 0x40 && offset < 0x40 + row.zeros;
            CHECK(pe.byte_at(kBase + offset) == (zeroed ? 0 : offset));
        }
    }
}

TEST_CASE("STGP stores two registers and the tag of the address") {
    PE pe;
    pe.state.x[1] = tagged(kBase, 0xc);
    pe.state.x[2] = 0x1111222233334444;
    REQUIRE(pe.execute(Encoding::STGP_pre, {{"Xt", 2}, {"Xt2", 31}, {"Xn", 1}, {"simm7", 32}}) == RunStatus::completed);
    CHECK(pe.doubleword_at(kBase + 0x20) == 0x1111222233334444);
    CHECK(pe.doubleword_at(kBase + 0x28) == 0);
    CHECK(pe.tag_at(kBase + 0x20) == 0xc);
    CHECK(pe.x(1) == tagged(kBase + 0x20, 0xc));
}

TEST_CASE("tag stores to an address within a granule are Alignment faults that write nothing") {
    for (const Encoding encoding : {Encoding::STG_pre, Encoding::STZG_pre, Encoding::ST2G_pre, Encoding::STZ2G_pre}) {
        PE pe;
        pe.state.x[1] = kBase + 8;
        pe.state.x[2] = tagged(0, 0xe);
        CAPTURE(spec::info(encoding).id);
        REQUIRE(pe.execute(encoding, {{"Xt", 2}, {"Xn", 1}, {"imm9", 16}}) == RunStatus::exception);
        CHECK(pe.ec() == kDataAbortSameEL);
        CHECK(pe.dfsc() == kAlignmentFault);
        CHECK(pe.wnr());
        CHECK(pe.state.FAR_EL1.raw() == kBase + 0x18);
        CHECK(pe.x(1) == kBase + 8);
        CHECK(pe.tag_at(kBase + 0x10) == 1);
        CHECK(pe.byte_at(kBase + 0x18) == 0x18);
    }
}

TEST_CASE("without access to tags, tag stores keep the tags and still write data and base") {
    PE pe;
    pe.state.SCTLR_EL1 = sctlr(1, 1) & ~spec::field::SCTLR_EL1::ATA.mask();
    pe.state.x[1] = kBase + 0x20;
    pe.state.x[2] = tagged(0, 0xe);
    REQUIRE(pe.execute(Encoding::STZG_post, {{"Xt", 2}, {"Xn", 1}, {"imm9", 16}}) == RunStatus::completed);
    CHECK(pe.tag_at(kBase + 0x20) == 2);
    CHECK(pe.doubleword_at(kBase + 0x20) == 0);
    CHECK(pe.x(1) == kBase + 0x30);
}

TEST_CASE("tag stores need no matching tag and write permission") {
    PE pe;
    pe.state.x[1] = tagged(kBase, 9); // the granule has tag 0
    REQUIRE(pe.execute(Encoding::STG_off, {{"Xt", 1}, {"Xn", 1}, {"imm9", 0}}) == RunStatus::completed);
    pe.state.x[1] = kReadOnly;
    REQUIRE(pe.execute(Encoding::LDG, {{"Xt", 0}, {"Xn", 1}, {"imm9", 0}}) == RunStatus::completed);
    REQUIRE(pe.execute(Encoding::STG_off, {{"Xt", 1}, {"Xn", 1}, {"imm9", 0}}) == RunStatus::exception);
    CHECK((pe.dfsc() & 0x3cU) == 0x0c); // Permission fault
}

TEST_CASE("LDGM and STGM place tags by address, for every block size") {
    struct Row {
        unsigned BS;
        std::uint64_t address, loaded;
    };
    const Row table[] = {
        {6, kBase + 0x57, 0xfedcba9876543210}, {5, kBase + 0x57, 0x0000000076543210},
        {5, kBase + 0x97, 0xfedcba9800000000}, {4, kBase + 0x57, 0x0000000076540000},
        {3, kBase + 0x57, 0x0000000000540000}, {2, kBase + 0x57, 0x0000000000500000},
    };
    for (const Row& row : table) {
        PE pe;
        pe.state.GMID_EL1 = row.BS;
        pe.state.x[1] = row.address;
        CAPTURE(row.BS, row.address);
        REQUIRE(pe.execute(Encoding::LDGM, {{"Xt", 0}, {"Xn", 1}}) == RunStatus::completed);
        CHECK(pe.x(0) == row.loaded);

        pe.state.x[2] = ~std::uint64_t{0xfedcba9876543210};
        REQUIRE(pe.execute(Encoding::STGM, {{"Xt", 2}, {"Xn", 1}}) == RunStatus::completed);
        for (unsigned granule = 0; granule < 16; ++granule) {
            const bool in_block = (16 * granule) / (4U << row.BS) == (row.address - kBase) / (4U << row.BS);
            CHECK(pe.tag_at(kBase + 16 * granule) == (in_block ? 15 - granule : granule));
        }
    }
}

TEST_CASE("STZGM takes the tag from Xt<3:0> and zeroes the block of DC ZVA") {
    PE pe;
    pe.state.x[1] = tagged(kBase + 0x47, 9);
    pe.state.x[2] = tagged(0x5, 3);
    REQUIRE(pe.execute(Encoding::STZGM, {{"Xt", 2}, {"Xn", 1}}) == RunStatus::completed);
    for (unsigned granule = 0; granule < 16; ++granule) {
        const bool in_block = granule / 4 == 1;
        CHECK(pe.tag_at(kBase + 16 * granule) == (in_block ? 5 : granule));
        CHECK(pe.byte_at(kBase + 16 * granule + 3) == (in_block ? 0 : 16 * granule + 3));
    }
}

TEST_CASE("LDGM, STGM and STZGM are UNDEFINED at EL0 and without FEAT_MTE2") {
    for (const Encoding encoding : {Encoding::LDGM, Encoding::STGM, Encoding::STZGM}) {
        for (const bool at_el0 : {false, true}) {
            PE pe;
            pe.state.x[1] = kBase;
            CAPTURE(spec::info(encoding).id, at_el0);
            if (at_el0) {
                pe.state.PSTATE.EL = EL0;
            } else {
                pe.features.remove(spec::Feature::FEAT_MTE2);
            }
            REQUIRE(pe.execute(encoding, {{"Xt", 2}, {"Xn", 1}}) == RunStatus::exception);
            CHECK(pe.ec() == kUncategorized);
        }
    }
}

TEST_CASE("every instruction of the tag group is UNDEFINED without FEAT_MTE") {
    for (const spec::EncodingInfo& row : spec::encodings()) {
        bool needs_mte = false;
        for (const spec::Feature feature : row.features) {
            needs_mte = needs_mte || feature == spec::Feature::FEAT_MTE || feature == spec::Feature::FEAT_MTE2;
        }
        if (!needs_mte) continue;
        PE pe;
        pe.features.remove(spec::Feature::FEAT_MTE);
        pe.features.remove(spec::Feature::FEAT_MTE2);
        CAPTURE(row.id);
        CHECK(pe.execute({row.value}) == RunStatus::exception);
        CHECK(pe.ec() == kUncategorized);
    }
}

TEST_CASE("a misaligned SP as base faults before anything else; as data it does not matter") {
    PE pe;
    pe.state.SCTLR_EL1 = sctlr(1, 1) | spec::field::SCTLR_EL1::SA.place(1);
    pe.state.sp[1] = kBase + 8;
    pe.state.x[1] = kBase;
    REQUIRE(pe.execute(Encoding::STG_off, {{"Xt", 31}, {"Xn", 1}, {"imm9", 0}}) == RunStatus::completed);
    REQUIRE(pe.execute(Encoding::STG_off, {{"Xt", 1}, {"Xn", 31}, {"imm9", 0}}) == RunStatus::exception);
    CHECK(pe.ec() == kSPAlignment);
}

TEST_CASE("an abort of STZGM reports the lowest faulting address or the register argument") {
    for (std::uint8_t answer = 0; answer < 2; ++answer) {
        PE pe;
        pe.choices.start({0, answer}); // the fault is not passed over
        pe.state.x[1] = kUnmapped + 0x47;
        REQUIRE(pe.execute(Encoding::STZGM, {{"Xt", 2}, {"Xn", 1}}) == RunStatus::exception);
        CHECK(pe.state.FAR_EL1.raw() == kUnmapped + (answer == 0 ? 0x40 : 0x47));
    }
}
