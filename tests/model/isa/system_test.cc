// SPDX-License-Identifier: Apache-2.0
//
// MRS, MSR, cache operations and barriers: who may, who traps, and what happens.
#include <catch2/catch_test_macros.hpp>

#include "tests/model/isa/instructions.h"

using namespace mtecheck;
using namespace mtecheck::model;
using namespace mtecheck::model::testing;

namespace {

using spec::Reg;

std::uint32_t move(Encoding encoding, Reg reg, unsigned t) {
    const spec::SystemRegisterKey key = spec::info(reg).key;
    return word(encoding, {{"o0", key.op0() - 2},
                           {"op1", key.op1()},
                           {"CRn", key.crn()},
                           {"CRm", key.crm()},
                           {"op2", key.op2()},
                           {"Rt", t}});
}
std::uint32_t mrs(unsigned t, Reg reg) { return move(Encoding::MRS, reg, t); }
std::uint32_t msr(Reg reg, unsigned t) { return move(Encoding::MSR_reg, reg, t); }

/// What an access comes to: 'U' UNDEFINED, '1' to '3' a trap to that Exception level, 'a' access.
char outcome(PE& pe, std::uint32_t opcode) {
    if (pe.execute({opcode}) == RunStatus::completed) return 'a';
    if (pe.ec() == kUncategorized) return 'U';
    REQUIRE(pe.ec() == kSystemRegisterTrap);
    return static_cast<char>('0' + pe.exception.to_el);
}

/// The outcomes at EL0, EL1, EL2 and EL3.
template <class SetUp>
std::string by_el(std::uint32_t opcode, SetUp&& set_up_more) {
    std::string result;
    for (const unsigned el : {EL0, EL1, EL2, EL3}) {
        PE pe;
        pe.state.PSTATE.EL = el;
        pe.state.PSTATE.SP = el == EL0 ? 0 : 1;
        pe.state.x[1] = kTagged;
        set_up_more(pe);
        result += outcome(pe, opcode);
    }
    return result;
}
std::string by_el(std::uint32_t opcode) {
    return by_el(opcode, [](PE&) {});
}

using spec::field::HCR_EL2::ATA;
using spec::field::HCR_EL2::E2H;
using spec::field::HCR_EL2::TGE;

} // namespace

TEST_CASE("who may access the registers, and who traps") {
    struct Row {
        Reg reg;
        const char *plain, *hcr_ata_0, *scr_ata_0, *e2h;
    };
    const Row table[] = {
        {Reg::TCO, "aaaa", "aaaa", "aaaa", "aaaa"},        {Reg::NZCV, "aaaa", "aaaa", "aaaa", "aaaa"},
        {Reg::GCR_EL1, "Uaaa", "U2aa", "U33a", "Uaaa"},    {Reg::RGSR_EL1, "Uaaa", "U2aa", "U33a", "Uaaa"},
        {Reg::TFSRE0_EL1, "Uaaa", "U2aa", "U33a", "Uaaa"}, {Reg::TFSR_EL1, "Uaaa", "U2aa", "U33a", "Uaaa"},
        {Reg::TFSR_EL12, "UUUU", "UUUU", "UUUU", "UUaa"},  {Reg::TFSR_EL2, "UUaa", "UUaa", "UU3a", "UUaa"},
        {Reg::TFSR_EL3, "UUUa", "UUUa", "UUUa", "UUUa"},
    };
    for (const Row& row : table) {
        for (const std::uint32_t opcode : {mrs(0, row.reg), msr(row.reg, 0)}) {
            CAPTURE(spec::info(row.reg).name, opcode);
            CHECK(by_el(opcode) == row.plain);
            const auto clear_hcr_ata = [](PE& pe) { pe.state.HCR_EL2 = pe.state.HCR_EL2 & ~Bits<64>(ATA.mask()); };
            const auto clear_scr_ata = [](PE& pe) {
                pe.state.SCR_EL3 = pe.state.SCR_EL3 & ~Bits<64>(spec::field::SCR_EL3::ATA.mask());
            };
            const auto set_e2h = [](PE& pe) { pe.state.HCR_EL2 = pe.state.HCR_EL2 | Bits<64>(E2H.mask()); };
            CHECK(by_el(opcode, clear_hcr_ata) == row.hcr_ata_0);
            CHECK(by_el(opcode, clear_scr_ata) == row.scr_ata_0);
            CHECK(by_el(opcode, set_e2h) == row.e2h);
        }
    }
}

TEST_CASE("HCR_EL2.ATA traps before SCR_EL3.ATA, and not while EL2 is disabled") {
    const auto clear_both = [](PE& pe) {
        pe.state.HCR_EL2 = 0;
        pe.state.SCR_EL3 = pe.state.SCR_EL3 & ~Bits<64>(spec::field::SCR_EL3::ATA.mask());
    };
    CHECK(by_el(mrs(0, Reg::GCR_EL1), clear_both) == "U23a");
    PE pe;
    pe.state.HCR_EL2 = 0;
    pe.state.SCR_EL3 = pe.state.SCR_EL3 & ~Bits<64>(spec::field::SCR_EL3::NS.mask()); // Secure, EEL2 = 0
    CHECK(outcome(pe, mrs(0, Reg::GCR_EL1)) == 'a');
}

TEST_CASE("GMID_EL1") {
    CHECK(by_el(mrs(0, Reg::GMID_EL1)) == "1aaa"); // FEAT_IDST
    CHECK(by_el(msr(Reg::GMID_EL1, 0)) == "UUUU");
    CHECK(by_el(mrs(0, Reg::GMID_EL1), [](PE& pe) { pe.features.remove(spec::Feature::FEAT_IDST); }) == "Uaaa");
    CHECK(by_el(mrs(0, Reg::GMID_EL1), [](PE& pe) {
              pe.state.HCR_EL2 = pe.state.HCR_EL2 | Bits<64>(spec::field::HCR_EL2::TID5.mask());
          }) == "12aa");
    CHECK(by_el(mrs(0, Reg::GMID_EL1), [](PE& pe) { pe.state.HCR_EL2 = pe.state.HCR_EL2 | Bits<64>(TGE.mask()); })[0] ==
          '2');
    PE pe;
    pe.state.GMID_EL1 = 5;
    REQUIRE(pe.execute({mrs(0, Reg::GMID_EL1)}) == RunStatus::completed);
    CHECK(pe.x(0) == 5);
}

TEST_CASE("registers that a feature brings are UNDEFINED without it") {
    for (const Reg reg : {Reg::GCR_EL1, Reg::RGSR_EL1}) {
        CHECK(by_el(mrs(0, reg), [](PE& pe) { pe.features.remove(spec::Feature::FEAT_MTE2); }) == "UUUU");
    }
    // Of the feature ID space: with FEAT_IDST reads are reported as of a System register.
    const auto without_tags = [](PE& pe) { pe.features.remove(spec::Feature::FEAT_MTE2); };
    CHECK(by_el(mrs(0, Reg::GMID_EL1), without_tags) == "1123");
    CHECK(by_el(msr(Reg::GMID_EL1, 0), without_tags) == "UUUU");
    CHECK(by_el(mrs(0, Reg::GMID_EL1), [&](PE& pe) {
              without_tags(pe);
              pe.features.remove(spec::Feature::FEAT_IDST);
          }) == "UUUU");
    for (const Reg reg : {Reg::TFSRE0_EL1, Reg::TFSR_EL1, Reg::TFSR_EL2, Reg::TFSR_EL3}) {
        CHECK(by_el(mrs(0, reg), [](PE& pe) { pe.features.remove(spec::Feature::FEAT_MTE_ASYNC); }) == "UUUU");
    }
}

TEST_CASE("values read back; reserved bits are 0 or what was written") {
    struct Row {
        Reg reg;
        std::uint64_t writable;
    };
    const Row table[] = {{Reg::GCR_EL1, 0x1ffff}, {Reg::RGSR_EL1, 0xffff0f}, {Reg::TFSR_EL1, 3},
                         {Reg::TFSRE0_EL1, 3},    {Reg::TFSR_EL2, 3},        {Reg::TFSR_EL3, 1},
                         {Reg::TCO, 0x2000000},   {Reg::NZCV, 0xf0000000}};
    for (const Row& row : table) {
        CAPTURE(spec::info(row.reg).name);
        for (std::uint8_t answer = 0; answer < 2; ++answer) {
            PE pe;
            pe.state.PSTATE.EL = EL3;
            pe.choices.start({answer});
            pe.state.x[0] = ~std::uint64_t{0};
            REQUIRE(pe.execute({msr(row.reg, 0), mrs(2, row.reg)}) == RunStatus::completed);
            const bool asked = !pe.choices.log().empty();
            CHECK(pe.x(2) == (asked && answer == 1 ? ~std::uint64_t{0} : row.writable));
        }
    }
}

TEST_CASE("at EL2 with HCR_EL2.E2H = 1, TFSR_EL1 is TFSR_EL2 and TFSR_EL12 is TFSR_EL1") {
    PE pe;
    pe.state.PSTATE.EL = EL2;
    pe.state.HCR_EL2 = pe.state.HCR_EL2 | Bits<64>(E2H.mask());
    pe.state.x[0] = 2;
    pe.state.x[1] = 1;
    REQUIRE(pe.execute({msr(Reg::TFSR_EL1, 0), msr(Reg::TFSR_EL12, 1), mrs(2, Reg::TFSR_EL2)}) == RunStatus::completed);
    CHECK(pe.state.TFSR_EL2.raw() == 2);
    CHECK(pe.state.TFSR_EL1.raw() == 1);
    CHECK(pe.x(2) == 2);
}

TEST_CASE("PSTATE.TCO by immediate, at once") {
    PE pe;
    pe.state.x[1] = tagged(kTagged, 5); // the granule has tag 0
    const std::uint32_t load = word(Encoding::LDR_x_imm_unsigned, {{"Rt", 0}, {"Rn", 1}});
    CHECK(pe.execute({word(Encoding::MSR_imm_TCO, {{"CRm", 1}}), load}) == RunStatus::completed);
    CHECK(pe.execute({word(Encoding::MSR_imm_TCO, {{"CRm", 0xe}}), load}) == RunStatus::exception);
    SECTION("with FEAT_MTE alone it may be ignored") {
        for (std::uint8_t answer = 0; answer < 2; ++answer) {
            PE level1;
            level1.features.remove(spec::Feature::FEAT_MTE2);
            level1.choices.start({answer});
            REQUIRE(level1.execute(Encoding::MSR_imm_TCO, {{"CRm", 1}}) == RunStatus::completed);
            CHECK(level1.state.PSTATE.TCO.raw() == answer);
        }
    }
}

TEST_CASE("DC ZVA, DC GVA and DC GZVA") {
    struct Row {
        Encoding encoding;
        bool zeroes, tags;
    };
    const Row table[] = {
        {Encoding::DC_ZVA, true, false}, {Encoding::DC_GVA, false, true}, {Encoding::DC_GZVA, true, true}};
    for (const Row& row : table) {
        PE pe;
        pe.state.PSTATE.TCO = 1;
        pe.state.x[1] = tagged(kTagged + 0x87, 9);
        CAPTURE(spec::info(row.encoding).id);
        REQUIRE(pe.execute(row.encoding, {{"Rt", 1}}) == RunStatus::completed);
        for (unsigned granule = 0; granule < 16; ++granule) {
            const bool in_block = granule / 4 == 2;
            CHECK(pe.tag_at(kTagged + 16 * granule) == (in_block && row.tags ? 9 : granule));
            CHECK(pe.byte_at(kTagged + 16 * granule + 5) == (in_block && row.zeroes ? 0 : 16 * granule + 5));
        }
    }
}

TEST_CASE("only DC ZVA is Tag Checked") {
    for (const Encoding encoding : {Encoding::DC_ZVA, Encoding::DC_GVA, Encoding::DC_GZVA}) {
        PE pe;
        pe.state.x[1] = tagged(kTagged + 0x80, 8); // granules 9 to 11 of the block differ
        const bool faults = pe.execute(encoding, {{"Rt", 1}}) == RunStatus::exception;
        CHECK(faults == (encoding == Encoding::DC_ZVA));
        if (faults) {
            CHECK(pe.dfsc() == kTagCheckFault);
            CHECK(pe.wnr());
        }
    }
}

TEST_CASE("the traps of DC ZVA and its kind") {
    const std::uint32_t opcode = word(Encoding::DC_GVA, {{"Rt", 1}});
    const auto allow = [](PE& pe) {
        pe.state.SCTLR_EL1 = pe.state.SCTLR_EL1 | Bits<64>(spec::field::SCTLR_EL1::DZE.mask());
    };
    CHECK(by_el(opcode, allow) == "aaaa");
    CHECK(by_el(opcode) == "1aaa");
    CHECK(by_el(opcode, [&](PE& pe) {
              allow(pe);
              pe.state.HCR_EL2 = pe.state.HCR_EL2 | Bits<64>(spec::field::HCR_EL2::TDZ.mask());
          }) == "22aa");
    CHECK(by_el(opcode, [&](PE& pe) { pe.state.HCR_EL2 = pe.state.HCR_EL2 | Bits<64>(TGE.mask()); })[0] == '2');

    PE pe; // DCZID_EL0.DZP says the same
    pe.state.PSTATE.EL = EL0;
    REQUIRE(pe.execute({mrs(0, Reg::DCZID_EL0)}) == RunStatus::completed);
    CHECK(pe.x(0) == 0x14);
    allow(pe);
    REQUIRE(pe.execute({mrs(0, Reg::DCZID_EL0)}) == RunStatus::completed);
    CHECK(pe.x(0) == 4);
}

TEST_CASE("the traps of cache maintenance") {
    struct Row {
        Encoding encoding;
        const char *plain, *uci, *tpcp, *tsw;
    };
    const Row table[] = {
        {Encoding::DC_CGVAC, "1aaa", "aaaa", "22aa", "aaaa"},  {Encoding::DC_CIGDVAC, "1aaa", "aaaa", "22aa", "aaaa"},
        {Encoding::DC_CVAC, "1aaa", "aaaa", "22aa", "aaaa"},   {Encoding::DC_IGVAC, "Uaaa", "Uaaa", "U2aa", "Uaaa"},
        {Encoding::DC_CIGDSW, "Uaaa", "Uaaa", "Uaaa", "U2aa"}, {Encoding::DC_IGSW, "Uaaa", "Uaaa", "Uaaa", "U2aa"},
    };
    for (const Row& row : table) {
        const std::uint32_t opcode = word(row.encoding, {{"Rt", 1}});
        CAPTURE(spec::info(row.encoding).id);
        const auto allow = [](PE& pe) {
            pe.state.SCTLR_EL1 = pe.state.SCTLR_EL1 | Bits<64>(spec::field::SCTLR_EL1::UCI.mask());
        };
        const auto with_hcr = [&](spec::BitRange field) {
            return by_el(opcode, [&](PE& pe) {
                allow(pe);
                pe.state.HCR_EL2 = pe.state.HCR_EL2 | Bits<64>(field.mask());
            });
        };
        CHECK(by_el(opcode) == row.plain);
        CHECK(by_el(opcode, allow) == row.uci);
        CHECK(with_hcr(spec::field::HCR_EL2::TPCP) == row.tpcp);
        CHECK(with_hcr(spec::field::HCR_EL2::TSW) == row.tsw);
    }
}

TEST_CASE("cache maintenance by address translates, is not Tag Checked, and reports CM and WnR") {
    PE pe;
    pe.state.x[1] = tagged(kTagged, 5);
    CHECK(pe.execute(Encoding::DC_CIGDVAC, {{"Rt", 1}}) == RunStatus::completed);
    pe.state.x[1] = kUnmapped;
    REQUIRE(pe.execute(Encoding::DC_CIGDVAC, {{"Rt", 1}}) == RunStatus::exception);
    CHECK(pe.ec() == kDataAbortSameEL);
    CHECK(pe.wnr());
    CHECK((pe.state.ESR_EL1.raw() >> 8U & 1U) == 1);
}

TEST_CASE("a DSB makes asynchronous faults visible, unless it waits for stores only") {
    struct Row {
        unsigned CRm;
        bool synchronizes;
    };
    const Row table[] = {{0xf, true}, {0xd, true}, {0xe, false}, {0xb, true}, {0xa, false},
                         {0x9, true}, {0x8, true}, {0x0, false}, {0x4, false}};
    for (const Row& row : table) {
        PE pe;
        pe.state.SCTLR_EL1 = sctlr(2, 2);
        pe.state.x[1] = tagged(kTagged, 5);
        pe.choices.start({1}); // a read may miss what is not synchronized
        CAPTURE(row.CRm);
        REQUIRE(pe.execute({word(Encoding::STR_x_imm_unsigned, {{"Rt", 0}, {"Rn", 1}}),
                            word(Encoding::DSB, {{"CRm", row.CRm}}), mrs(2, Reg::TFSR_EL1)}) == RunStatus::completed);
        CHECK(pe.x(2) == (row.synchronizes ? 1 : 0));
    }
}

TEST_CASE("a register that the model does not have ends the prediction") {
    PE pe;
    CHECK(pe.execute({mrs(0, Reg::CTR_EL0)}) == RunStatus::not_predicted);
    CHECK(pe.execute({msr(Reg::SCTLR_EL1, 0)}) == RunStatus::not_predicted);
    CHECK(pe.execute({word(Encoding::MRS, {{"o0", 1}, {"op1", 7}, {"CRn", 15}, {"CRm", 15}, {"op2", 7}})}) ==
          RunStatus::not_predicted);
}
