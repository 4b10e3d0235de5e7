// SPDX-License-Identifier: Apache-2.0
//
// Loads and stores of general registers: values, addressing, when they are Tag Checked.
#include <catch2/catch_test_macros.hpp>

#include "tests/model/isa/instructions.h"

using namespace mtecheck;
using namespace mtecheck::model;
using namespace mtecheck::model::testing;

namespace {

constexpr std::uint64_t kBase = kTagged; // granules have the tags 0, 1, ..., 15
constexpr std::uint64_t kMatching = tagged(kBase + 0x80, 8);
constexpr std::uint64_t kMismatching = tagged(kBase + 0x80, 9);

/// What became of an instruction that accesses memory through x1 or SP.
struct Access {
    bool tag_fault = false;
    bool completed = false;
};

/// Runs with both bases at `base`.
Access access(std::uint32_t opcode, std::uint64_t base) {
    PE pe;
    pe.state.x[1] = base;
    pe.state.sp[1] = base;
    const RunStatus status = pe.execute({opcode});
    return {.tag_fault = status == RunStatus::exception && pe.ec() == kDataAbortSameEL && pe.dfsc() == kTagCheckFault,
            .completed = status == RunStatus::completed};
}

} // namespace

TEST_CASE("loads of every size extend as the instruction says") {
    struct Row {
        Encoding encoding;
        std::uint64_t loaded;
    };
    const Row table[] = {
        {Encoding::LDRB_imm_unsigned, 0x80},
        {Encoding::LDRSB_w_imm_unsigned, 0xffffff80},
        {Encoding::LDRSB_x_imm_unsigned, 0xffffffffffffff80},
        {Encoding::LDRH_imm_unsigned, 0x8180},
        {Encoding::LDRSH_w_imm_unsigned, 0xffff8180},
        {Encoding::LDRSH_x_imm_unsigned, 0xffffffffffff8180},
        {Encoding::LDR_w_imm_unsigned, 0x83828180},
        {Encoding::LDRSW_imm_unsigned, 0xffffffff83828180},
        {Encoding::LDR_x_imm_unsigned, 0x8786858483828180},
    };
    for (const Row& row : table) {
        PE pe;
        pe.state.x[0] = ~std::uint64_t{0};
        pe.state.x[1] = kMatching;
        CAPTURE(spec::info(row.encoding).id);
        REQUIRE(pe.execute(row.encoding, {{"Rt", 0}, {"Rn", 1}, {"imm12", 0}}) == RunStatus::completed);
        CHECK(pe.x(0) == row.loaded);
    }
}

TEST_CASE("immediate offsets: scaled, unscaled, before and after") {
    struct Row {
        Encoding encoding;
        const char* field;
        std::int64_t offset;
        std::uint64_t accessed, base_after;
    };
    const Row table[] = {
        {Encoding::LDR_w_imm_unsigned, "imm12", 8, kBase + 0x88, kBase + 0x80},
        {Encoding::LDUR_w, "imm9", -4, kBase + 0x7c, kBase + 0x80},
        {Encoding::LDR_w_imm_pre, "imm9", -16, kBase + 0x70, kBase + 0x70},
        {Encoding::LDR_w_imm_post, "imm9", 12, kBase + 0x80, kBase + 0x8c},
        {Encoding::LDTR_w, "imm9", 4, kBase + 0x84, kBase + 0x80},
    };
    for (const Row& row : table) {
        PE pe;
        pe.state.PSTATE.TCO = 1;
        pe.state.x[1] = kBase + 0x80;
        CAPTURE(spec::info(row.encoding).id);
        REQUIRE(pe.execute(row.encoding, {{"Rt", 0}, {"Rn", 1}, {row.field, row.offset}}) == RunStatus::completed);
        CHECK(pe.x(0) == ascending(row.accessed, 4));
        CHECK(pe.x(1) == row.base_after);
    }
}

TEST_CASE("register offsets are extended and shifted") {
    struct Row {
        unsigned option, S;
        std::uint64_t index;
        std::uint64_t accessed;
    };
    const Row table[] = {
        {0b011, 0, 0x8, kBase + 0x88},                // LSL
        {0b011, 1, 0x2, kBase + 0x90},                // LSL #3
        {0b010, 0, 0xffffffff00000010, kBase + 0x90}, // UXTW
        {0b110, 0, 0x00000000fffffff8, kBase + 0x78}, // SXTW
        {0b110, 1, 0x00000000ffffffff, kBase + 0x78}, // SXTW #3
        {0b111, 0, 0xfffffffffffffff0, kBase + 0x70}, // SXTX
    };
    for (const Row& row : table) {
        PE pe;
        pe.state.PSTATE.TCO = 1;
        pe.state.x[1] = kBase + 0x80;
        pe.state.x[2] = row.index;
        CAPTURE(row.option, row.S);
        REQUIRE(
            pe.execute(Encoding::LDR_x_reg, {{"Rt", 0}, {"Rn", 1}, {"Rm", 2}, {"option", row.option}, {"S", row.S}}) ==
            RunStatus::completed);
        CHECK(pe.x(0) == ascending(row.accessed, 8));
    }
}

TEST_CASE("pairs") {
    PE pe;
    pe.state.PSTATE.TCO = 1;
    pe.state.x[1] = kBase + 0x80;
    SECTION("LDPSW sign-extends both") {
        REQUIRE(pe.execute(Encoding::LDPSW_off, {{"Rt", 2}, {"Rt2", 3}, {"Rn", 1}, {"imm7", 4}}) ==
                RunStatus::completed);
        CHECK(pe.x(2) == (0xffffffff00000000 | ascending(kBase + 0x84, 4)));
        CHECK(pe.x(3) == (0xffffffff00000000 | ascending(kBase + 0x88, 4)));
    }
    SECTION("STP stores the first register at the lower address") {
        pe.state.x[2] = 0x2222222222222222;
        pe.state.x[3] = 0x3333333333333333;
        REQUIRE(pe.execute(Encoding::STP_x_pre, {{"Rt", 2}, {"Rt2", 3}, {"Rn", 1}, {"imm7", -16}}) ==
                RunStatus::completed);
        CHECK(pe.doubleword_at(kBase + 0x70) == 0x2222222222222222);
        CHECK(pe.doubleword_at(kBase + 0x78) == 0x3333333333333333);
        CHECK(pe.x(1) == kBase + 0x70);
    }
    SECTION("the base may be loaded without writeback") {
        REQUIRE(pe.execute(Encoding::LDP_w_off, {{"Rt", 1}, {"Rt2", 2}, {"Rn", 1}, {"imm7", 0}}) ==
                RunStatus::completed);
        CHECK(pe.x(1) == ascending(kBase + 0x80, 4));
        CHECK(pe.x(2) == ascending(kBase + 0x84, 4));
    }
}

TEST_CASE("an abort in the middle of a pair leaves the destinations open, but not the base") {
    PE pe;
    pe.state.x[1] = tagged(kBase + 0x88, 8); // the second register is in the next granule
    pe.state.x[2] = 0x22;
    REQUIRE(pe.execute(Encoding::LDP_x_post, {{"Rt", 2}, {"Rt2", 3}, {"Rn", 1}, {"imm7", 16}}) == RunStatus::exception);
    CHECK(pe.dfsc() == kTagCheckFault);
    CHECK((pe.state.FAR_EL1.raw() & 0xffffff) == ((kBase + 0x90) & 0xffffff));
    CHECK(pe.x(1) == tagged(kBase + 0x88, 8));
    unsigned open = 0;
    for (const auto& mark : pe.marks) {
        if (mark.reason == spec::DontCare::PartialLoad) open |= 1U << mark.place.index;
    }
    CHECK(open == 0b1100);
}

TEST_CASE("which addressing forms are Tag Checked") {
    struct Row {
        Encoding encoding;
        bool checked_with_sp;
    };
    // Every form is checked with a general register as base.
    const Row table[] = {
        {Encoding::LDR_x_imm_unsigned, false},
        {Encoding::STR_x_imm_unsigned, false},
        {Encoding::LDUR_x, false},
        {Encoding::LDR_x_imm_pre, true},
        {Encoding::STR_x_imm_post, true},
        {Encoding::LDTR_x, false},
        {Encoding::STTR_x, false},
        {Encoding::LDR_x_reg, true},
        {Encoding::STR_x_reg, true},
        {Encoding::LDP_x_off, false},
        {Encoding::STP_x_off, false},
        {Encoding::LDP_x_pre, true},
        {Encoding::STP_x_post, true},
        {Encoding::LDNP_x, false},
        {Encoding::LDXR_x, false},
        {Encoding::LDAR_x, false},
        {Encoding::STLR_x, false},
        {Encoding::LDAPR_x, false},
        {Encoding::LDAPUR_x, false},
        {Encoding::STLUR_x, false},
        {Encoding::CAS_x, false},
        {Encoding::LDADD_x, false},
        {Encoding::SWP_x, false},
        {Encoding::LDR_q_imm_unsigned, false},
        {Encoding::LDR_q_imm_post, true},
        {Encoding::LDR_d_reg, true},
        {Encoding::LDP_d_off, false},
        {Encoding::LD1_x1, false},
        {Encoding::LD1_x1_post, true},
        {Encoding::ST1_lane_b, false},
        {Encoding::ST1_lane_b_post, true},
        {Encoding::LD1R, false},
    };
    for (const Row& row : table) {
        CAPTURE(spec::info(row.encoding).id);
        const auto with_base = [&](unsigned n) {
            std::uint32_t opcode = word(row.encoding, {{"Rn", n}, {"Rt", 2}});
            if (const auto* rm = spec::find_field(row.encoding, "Rm")) opcode = rm->insert(opcode, 31);
            if (const auto* rt2 = spec::find_field(row.encoding, "Rt2")) opcode = rt2->insert(opcode, 3);
            if (const auto* rs = spec::find_field(row.encoding, "Rs")) opcode = rs->insert(opcode, 4);
            if (const auto* option = spec::find_field(row.encoding, "option")) opcode = option->insert(opcode, 3);
            return opcode;
        };
        CHECK(access(with_base(1), kMatching).completed);
        CHECK(access(with_base(1), kMismatching).tag_fault);
        CHECK(access(with_base(31), kMatching).completed);
        CHECK(access(with_base(31), kMismatching).tag_fault == row.checked_with_sp);
        CHECK(access(with_base(31), kMismatching).completed == !row.checked_with_sp);
    }
}

TEST_CASE("prefetches never fault, not even on a misaligned SP") {
    for (const Encoding encoding : {Encoding::PRFM_imm, Encoding::PRFUM, Encoding::PRFM_reg, Encoding::PRFM_lit}) {
        PE pe;
        pe.state.SCTLR_EL1 = sctlr(1, 1) | spec::field::SCTLR_EL1::SA.place(1);
        pe.state.sp[1] = kUnmapped + 1;
        CAPTURE(spec::info(encoding).id);
        std::uint32_t opcode = spec::info(encoding).value;
        if (const auto* rn = spec::find_field(encoding, "Rn")) opcode = rn->insert(opcode, 31);
        if (const auto* option = spec::find_field(encoding, "option")) opcode = option->insert(opcode, 3);
        CHECK(pe.execute({opcode}) == RunStatus::completed);
    }
}

TEST_CASE("unprivileged loads and stores act as EL0") {
    const std::uint32_t ldtr = word(Encoding::LDTR_x, {{"Rt", 0}, {"Rn", 1}, {"imm9", 0}});
    const std::uint32_t ldr = word(Encoding::LDR_x_imm_unsigned, {{"Rt", 0}, {"Rn", 1}, {"imm12", 0}});
    PE pe;
    SECTION("permission") {
        pe.state.x[1] = kPrivileged;
        CHECK(pe.execute({ldr}) == RunStatus::completed);
        CHECK(pe.execute({ldtr}) == RunStatus::exception);
    }
    SECTION("TCF0 instead of TCF") {
        pe.state.x[1] = kMismatching;
        pe.state.SCTLR_EL1 = sctlr(1, 0);
        CHECK(pe.execute({ldtr}) == RunStatus::completed);
        CHECK(pe.execute({ldr}) == RunStatus::exception);
    }
    SECTION("asynchronous faults go to TFSRE0_EL1") {
        pe.state.x[1] = kMismatching;
        pe.state.SCTLR_EL1 = sctlr(1, 2);
        CHECK(pe.execute({ldtr}) == RunStatus::completed);
        CHECK(pe.state.TFSRE0_EL1.raw() == 1);
        CHECK(pe.state.TFSR_EL1.raw() == 0);
    }
    SECTION("unless PSTATE.UAO says otherwise") {
        pe.state.PSTATE.UAO = 1;
        pe.state.x[1] = kPrivileged;
        CHECK(pe.execute({ldtr}) == RunStatus::completed);
    }
}

TEST_CASE("a base that is also a destination: each documented outcome") {
    const std::uint32_t load = word(Encoding::LDR_x_imm_post, {{"Rt", 1}, {"Rn", 1}, {"imm9", 8}});
    const std::uint32_t store = word(Encoding::STR_x_imm_post, {{"Rt", 1}, {"Rn", 1}, {"imm9", 8}});
    const auto run_with = [](PE& pe, std::uint32_t opcode, std::uint8_t answer) {
        pe.choices.start({answer});
        pe.state.x[1] = kMatching;
        return pe.execute({opcode});
    };
    PE pe;
    SECTION("load: no writeback") {
        CHECK(run_with(pe, load, 0) == RunStatus::completed);
        CHECK(pe.x(1) == ascending(kBase + 0x80, 8));
    }
    SECTION("load: the base is UNKNOWN") {
        CHECK(run_with(pe, load, 1) == RunStatus::completed);
        REQUIRE(pe.marks.size() == 1);
        CHECK(pe.marks[0].place == Place::general_register(1));
    }
    SECTION("load: UNDEFINED") {
        CHECK(run_with(pe, load, 2) == RunStatus::exception);
        CHECK(pe.ec() == kUncategorized);
    }
    SECTION("load: no effect") {
        CHECK(run_with(pe, load, 3) == RunStatus::completed);
        CHECK(pe.x(1) == kMatching);
    }
    SECTION("store: the value before writeback") {
        CHECK(run_with(pe, store, 0) == RunStatus::completed);
        CHECK(pe.doubleword_at(kBase + 0x80) == kMatching);
        CHECK(pe.x(1) == kMatching + 8);
    }
    SECTION("store: an UNKNOWN value ends the prediction") {
        CHECK(run_with(pe, store, 1) == RunStatus::not_predicted);
    }
    SECTION("load pair into one register") {
        pe.choices.start({0});
        pe.state.x[1] = kMatching;
        CHECK(pe.execute(Encoding::LDP_x_off, {{"Rt", 2}, {"Rt2", 2}, {"Rn", 1}, {"imm7", 0}}) == RunStatus::completed);
        REQUIRE(pe.marks.size() == 1);
        CHECK(pe.marks[0].place == Place::general_register(2));
    }
}
