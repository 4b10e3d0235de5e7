// SPDX-License-Identifier: Apache-2.0
//
// ChooseNonExcludedTag, RandomTag and the tag arithmetic instructions, against tables of known answers.
#include <catch2/catch_test_macros.hpp>
#include <vector>

#include "tests/model/pe.h"

using namespace mtecheck;
using namespace mtecheck::model;
using namespace mtecheck::model::testing;

namespace {

unsigned choose(unsigned tag, unsigned offset, unsigned exclude) {
    ConcreteMachine m;
    return ChooseNonExcludedTag(m, Bits<4>(tag), Bits<4>(offset), Bits<16>(exclude)).raw();
}

struct RandomStep {
    unsigned tag;
    unsigned seed;
};

std::vector<RandomStep> random_tags(unsigned seed, unsigned count) {
    ConcreteMachine m;
    m.state.RGSR_EL1 = spec::field::RGSR_EL1::SEED.place(seed);
    std::vector<RandomStep> steps;
    for (unsigned i = 0; i < count; ++i) {
        const unsigned tag = RandomTag(m).raw();
        steps.push_back({tag, static_cast<unsigned>(spec::field::RGSR_EL1::SEED.extract(m.state.RGSR_EL1.raw()))});
    }
    return steps;
}

} // namespace

TEST_CASE("the tag chosen is the first that is not excluded") {
    CHECK(choose(15, 1, 0) == 0);
    CHECK(choose(15, 1, 0x0001) == 1);
    CHECK(choose(3, 0, 0x0008) == 4);
    CHECK(choose(3, 2, 0x0010) == 6);
    CHECK(choose(0, 15, 0) == 15);
    CHECK(choose(7, 3, 0xffff) == 0);
}

TEST_CASE("on all inputs the tag chosen is not excluded, and an offset counts allowed tags only", "[slow]") {
    ConcreteMachine m;
    unsigned wrong = 0;
    for (unsigned exclude = 0; exclude < 0xffff; ++exclude) {
        for (unsigned tag = 0; tag < 16; ++tag) {
            unsigned expected = tag;
            while ((exclude >> expected & 1U) != 0) {
                expected = (expected + 1) % 16;
            }
            if (choose(tag, 0, exclude) != expected) {
                ++wrong;
            }
            unsigned at = tag;
            for (unsigned offset = 1; offset < 16; ++offset) {
                do {
                    at = (at + 1) % 16;
                } while ((exclude >> at & 1U) != 0);
                if (ChooseNonExcludedTag(m, Bits<4>(tag), Bits<4>(offset), Bits<16>(exclude)).raw() != at) {
                    ++wrong;
                }
            }
        }
    }
    CHECK(wrong == 0);
}

TEST_CASE("the random tag generator steps as its polynomial says") {
    struct Row {
        unsigned seed;
        std::vector<RandomStep> steps;
    };
    const std::vector<Row> table = {
        {0x0001, {{0x1, 0x1000}, {0x0, 0x0100}, {0x8, 0x8010}, {0x6, 0x6801}}},
        {0xace1, {{0x2, 0x2ace}, {0x2, 0x22ac}, {0x7, 0x722a}, {0x4, 0x4722}}},
        {0xffff, {{0x0, 0x0fff}, {0x0, 0x00ff}, {0x8, 0x800f}, {0xd, 0xd800}}},
        {0x1234, {{0xe, 0xe123}, {0x6, 0x6e12}, {0x4, 0x46e1}, {0x2, 0x246e}}},
    };
    for (const Row& row : table) {
        const auto steps = random_tags(row.seed, 4);
        for (std::size_t i = 0; i < 4; ++i) {
            CAPTURE(row.seed, i);
            CHECK(steps[i].tag == row.steps[i].tag);
            CHECK(steps[i].seed == row.steps[i].seed);
        }
    }
}

TEST_CASE("the generator visits every seed but zero") {
    ConcreteMachine m;
    m.state.RGSR_EL1 = spec::field::RGSR_EL1::SEED.place(1);
    unsigned period = 0;
    do {
        NextRandomTagBit(m);
        ++period;
    } while (spec::field::RGSR_EL1::SEED.extract(m.state.RGSR_EL1.raw()) != 1 && period <= 0x10000);
    CHECK(period == 65535);
}

TEST_CASE("IRG gives the chain of tags that its seed, start and mask say") {
    struct Row {
        unsigned seed, tag, exclude;
        std::vector<unsigned> tags;
    };
    const std::vector<Row> table = {
        {0x0001, 0x0, 0x0000, {0x1, 0x1, 0x9, 0xf, 0x0, 0x4}},
        {0x0001, 0x0, 0x0001, {0x1, 0x1, 0x9, 0xf, 0x1, 0x5}},
        {0xace1, 0x5, 0x00ff, {0x9, 0xb, 0xa, 0xe, 0xd, 0x8}},
        {0xffff, 0xf, 0xfffe, {0x0, 0x0, 0x0}},
        {0x1234, 0x3, 0xffff, {0x0, 0x0, 0x0}},
        {0x8000, 0x0, 0x8001, {0x1, 0x1, 0x5, 0x2, 0x2, 0x4}},
    };
    for (const Row& row : table) {
        ConcreteMachine m;
        set_up(m);
        m.state.RGSR_EL1 = spec::field::RGSR_EL1::SEED.place(row.seed) | spec::field::RGSR_EL1::TAG.place(row.tag);
        m.state.GCR_EL1 = row.exclude & 0xff00U;
        m.state.x[2] = row.exclude & 0x00ffU;
        m.state.x[1] = 0xa5f0000012345678;
        for (const unsigned tag : row.tags) {
            CAPTURE(row.seed, row.exclude);
            m.state.pc = kCode;
            REQUIRE(run(m, {0x9ac21020}).status == RunStatus::completed); // irg x0, x1, x2
            CHECK(m.state.x[0].raw() == tagged(0xa5f0000012345678, tag));
        }
    }
}

TEST_CASE("address and tag arithmetic at the edges") {
    ConcreteMachine m;
    set_up(m);
    SECTION("ADDG carries out of the address into the old tag") {
        m.state.x[1] = 0xfffffffffffffff0;
        REQUIRE(run(m, {0x91810020}).status == RunStatus::completed); // addg x0, x1, #16, #0
        CHECK(m.state.x[0].raw() == 0x0f00000000000000);
    }
    SECTION("ADDG without access to tags gives tag 0") {
        m.state.SCTLR_EL1 = sctlr(1, 1) & ~spec::field::SCTLR_EL1::ATA.mask();
        m.state.x[1] = 0x0500000000000000;
        REQUIRE(run(m, {0x91810420}).status == RunStatus::completed); // addg x0, x1, #16, #1
        CHECK(m.state.x[0].raw() == 0x10);
    }
    SECTION("SUBP extends from bit 55") {
        m.state.x[1] = 0x00ffffffffffffff;
        REQUIRE(run(m, {0x9adf0020}).status == RunStatus::completed); // subp x0, x1, sp; SP is 0
        CHECK(m.state.x[0].raw() == 0xffffffffffffffff);
    }
    SECTION("GMI sets the bit of the tag") {
        m.state.x[1] = 0x0500000000000000;
        REQUIRE(run(m, {0x9adf1420}).status == RunStatus::completed); // gmi x0, x1, xzr
        CHECK(m.state.x[0].raw() == 0x20);
    }
}
