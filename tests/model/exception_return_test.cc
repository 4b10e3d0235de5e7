// SPDX-License-Identifier: Apache-2.0
//
// Exception return: what ERET restores, which returns are illegal, and what follows those.
#include <catch2/catch_test_macros.hpp>

#include "tests/model/isa/instructions.h"

using namespace mtecheck;
using namespace mtecheck::model;
using namespace mtecheck::model::testing;

namespace {

namespace spsr = spec::field::SPSR_ELx;

constexpr std::uint32_t kEret = 0xd69f03e0;
constexpr std::uint32_t kNop = 0xd503201f;
constexpr std::uint32_t kUndefined = 0x00000000;
constexpr unsigned kIllegalState = 0x0e;

constexpr std::uint64_t to(unsigned mode) { return spsr::M.place(mode); }

/// At EL1 or EL2, returning to the instruction after the first.
struct Returning : PE {
    Returning(unsigned el, std::uint64_t saved) {
        state.PSTATE.EL = el;
        state.ELR_EL1 = state.ELR_EL2 = kCode + 4;
        (el == EL1 ? state.SPSR_EL1 : state.SPSR_EL2) = saved;
    }
};

} // namespace

TEST_CASE("ERET goes on where ELR_ELx and SPSR_ELx say") {
    Returning pe(EL2, to(0b0100) | spsr::TCO.mask() | spsr::N.mask() | spsr::V.mask() | spsr::PAN.mask() |
                          spsr::UAO.mask() | spsr::A.mask());
    REQUIRE(pe.execute({kEret, kNop}) == RunStatus::completed);
    const auto& p = pe.state.PSTATE;
    CHECK(p.EL.raw() == EL1);
    CHECK(p.SP.raw() == 0);
    CHECK(p.TCO.raw() == 1);
    CHECK(p.PAN.raw() == 1);
    CHECK(p.UAO.raw() == 1);
    CHECK(pe.nzcv() == 0b1001);
    CHECK(p.A.raw() == 1);
    CHECK(p.D.raw() == 0);
    CHECK(p.IL.raw() == 0);
}

TEST_CASE("ERET takes TCO from SPSR_ELx, whatever it was") {
    for (const unsigned before : {0U, 1U}) {
        for (const unsigned saved : {0U, 1U}) {
            Returning pe(EL1, to(0b0101) | spsr::TCO.place(saved));
            pe.state.PSTATE.TCO = before;
            REQUIRE(pe.execute({kEret}) == RunStatus::completed);
            CHECK(pe.state.PSTATE.TCO.raw() == saved);
        }
    }
}

TEST_CASE("an illegal return stays, and the next instruction takes an Illegal Execution state exception") {
    struct Row {
        unsigned el, mode;
        bool tge;
    };
    for (const Row& row : {Row{EL1, 0b1001, false}, Row{EL1, 0b1101, false}, Row{EL1, 0b0001, false},
                           Row{EL1, 0b0110, false}, Row{EL2, 0b0101, true}, Row{EL2, 0b1101, false}}) {
        for (const bool at_end : {false, true}) {
            CAPTURE(row.el, row.mode, at_end);
            Returning pe(row.el, to(row.mode) | spsr::Z.mask() | spsr::PAN.mask());
            if (row.tge) pe.state.HCR_EL2 = pe.state.HCR_EL2 | spec::field::HCR_EL2::TGE.mask();
            const std::uint32_t next = kUndefined;
            REQUIRE((at_end ? pe.execute({kEret}) : pe.execute({kEret, next})) == RunStatus::exception);
            CHECK(pe.ec() == kIllegalState);
            CHECK(pe.exception.to_el == row.el);
            CHECK_FALSE(pe.exception.far_valid);
            const auto saved = (row.el == EL1 ? pe.state.SPSR_EL1 : pe.state.SPSR_EL2).raw();
            CHECK((row.el == EL1 ? pe.state.ELR_EL1 : pe.state.ELR_EL2).raw() == kCode + 4);
            CHECK(spsr::IL.extract(saved) == 1);
            CHECK(spsr::Z.extract(saved) == 1);
            CHECK(spsr::PAN.extract(saved) == 1);
            CHECK(spsr::M.extract(saved) == (row.el << 2 | 1U));
            CHECK(pe.state.PSTATE.IL.raw() == 0);
            REQUIRE(pe.marks.size() == 1);
            CHECK(pe.marks.front().reason == spec::DontCare::IllegalReturnTCO);
            CHECK((pe.marks.front().mask.raw() & spsr::TCO.mask()) != 0);
            CHECK((pe.marks.front().mask.raw() & spsr::Z.mask()) == 0);
        }
    }
}

TEST_CASE("a return to EL2 is illegal where EL2 is disabled") {
    Returning pe(EL2, to(0b1001));
    pe.state.SCR_EL3 = pe.state.SCR_EL3 & ~Bits<64>(spec::field::SCR_EL3::NS.mask());
    CHECK(pe.execute({kEret}) == RunStatus::exception);
    CHECK(pe.ec() == kIllegalState);
}

TEST_CASE("a legal return may set PSTATE.IL, and says what the rest of PSTATE is") {
    Returning pe(EL1, to(0b0000) | spsr::IL.mask() | spsr::TCO.mask());
    REQUIRE(pe.execute({kEret, kNop}) == RunStatus::exception);
    CHECK(pe.ec() == kIllegalState);
    CHECK(pe.exception.to_el == EL1);
    CHECK(pe.exception.vector == 0x400);
    CHECK(spsr::TCO.extract(pe.state.SPSR_EL1.raw()) == 1);
    CHECK(pe.marks.empty());
}

TEST_CASE("ERET is UNDEFINED at EL0") {
    PE pe;
    pe.state.PSTATE.EL = EL0;
    REQUIRE(pe.execute({kEret}) == RunStatus::exception);
    CHECK(pe.ec() == kUncategorized);
}

TEST_CASE("a store-exclusive after an exception return fails") {
    Returning pe(EL1, to(0b0101));
    pe.state.ELR_EL1 = kCode + 8;
    pe.state.x[1] = kTagged;
    REQUIRE(pe.execute({word(Encoding::LDXR_x, {{"Rt", 2}, {"Rn", 1}}), kEret,
                        word(Encoding::STXR_x, {{"Rs", 3}, {"Rt", 2}, {"Rn", 1}})}) == RunStatus::completed);
    CHECK(pe.x(3) == 1);
}

TEST_CASE("the top byte of ELR_ELx is ignored where TBI is 1") {
    Returning pe(EL1, to(0b0101));
    pe.state.ELR_EL1 = tagged(kCode + 4, 5);
    CHECK(pe.execute({kEret, kNop}) == RunStatus::completed);
}

TEST_CASE("returns to AArch32 and with PSTATE.BTYPE are out of scope") {
    for (const std::uint64_t saved : {to(0) | spsr::M4.mask(), to(0b0101) | spsr::BTYPE.place(1)}) {
        Returning pe(EL1, saved);
        CHECK(pe.execute({kEret, kNop}) == RunStatus::not_predicted);
    }
}
