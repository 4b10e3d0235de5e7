// SPDX-License-Identifier: Apache-2.0
// What the monitor can set up is decided on the host, bit by bit, with a reason.
#include <variant>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "difftest/qemu/setup.h"
#include "tests/difftest/qemu/qemu_fixture.h"

using namespace mtecheck::difftest;
using namespace mtecheck::difftest::qemu_tests;
using Catch::Matchers::ContainsSubstring;

namespace {

const PageTables kTables{.lower = 0x1000, .upper = 0x2000, .el2 = 0x3000, .el3 = 0x4000};

/// An implementation with everything.
Profile full_profile() {
    Profile profile;
    profile.mte = 3;
    profile.gmid_el1 = 6;
    profile.dczid_el0 = 4;
    profile.features = {"FEAT_PAN", "FEAT_SEL2", "FEAT_UAO", "FEAT_VHE"};
    return profile;
}

wire_sequence accepted(const Test& test, const Profile& profile = full_profile()) {
    const auto setup = set_up(test.sequence, kTables, profile);
    if (const std::string* reason = std::get_if<std::string>(&setup)) FAIL(*reason);
    return std::get<wire_sequence>(setup);
}

std::string refused(const Test& test, const Profile& profile = full_profile()) {
    const auto setup = set_up(test.sequence, kTables, profile);
    REQUIRE(std::holds_alternative<std::string>(setup));
    return std::get<std::string>(setup);
}

Test at(unsigned el, unsigned spsel = 0) { return make_test(full_profile(), el, spsel, {kNop}); }

} // namespace

TEST_CASE("free bits are the configuration's, own bits the monitor's") {
    Test test = at(1, 1);
    Configuration& c = test.sequence.configuration;
    c.sctlr[1] |= bit(37) | bit(1);
    c.tcr[1] |= bit(57);
    c.tco = 1;
    const wire_sequence setup = accepted(test);
    CHECK((setup.sctlr_el1 & (bit(37) | bit(1) | bit(12))) == (bit(37) | bit(1) | bit(12)));
    CHECK((setup.sctlr_el1 >> kTcfShift & 3) == kSynchronous);
    CHECK((setup.tcr_el1 & bit(57)) != 0);
    CHECK((setup.tcr_el1 >> 30 & 3) == 2); // 4 KiB granule in the upper half
    CHECK(setup.spsr == (0x3c5 | bit(25)));
}

TEST_CASE("registers of another regime may be zero") {
    Test test = at(0);
    Configuration& c = test.sequence.configuration;
    c.sctlr[2] = c.sctlr[3] = c.tcr[2] = c.tcr[3] = c.cptr_el2 = 0;
    const wire_sequence setup = accepted(test);
    CHECK((setup.sctlr_el2 & 1) == 1);
    CHECK((setup.sctlr_el3 & 1) == 1);
    CHECK((setup.tcr_el2 & 0x3f) == ARENA_TXSZ);
}

TEST_CASE("SCTLR_EL3 without ATA is in force only while the test runs") {
    Test test = at(3);
    test.sequence.configuration.sctlr[3] &= ~bit(43);
    const wire_sequence own = accepted(test);
    CHECK((own.run_sctlr_el3 & bit(43)) == 0);
    CHECK((own.sctlr_el3 & bit(43)) != 0);
    test.sequence.configuration.el = 1;
    const wire_sequence other = accepted(test);
    CHECK(other.run_sctlr_el3 == other.sctlr_el3);
}

TEST_CASE("what the monitor cannot set up is refused with the register's name") {
    const auto changed = [](unsigned el, auto change) {
        Test test = at(el);
        change(test.sequence);
        return refused(test);
    };
    CHECK_THAT(changed(1, [](Sequence& s) { s.configuration.sctlr[1] &= ~bit(0); }), ContainsSubstring("SCTLR_EL1"));
    CHECK_THAT(changed(0, [](Sequence& s) { s.configuration.sctlr[1] |= bit(25); }), ContainsSubstring("SCTLR_EL1"));
    CHECK_THAT(changed(2, [](Sequence& s) { s.configuration.sctlr[2] = 0; }), ContainsSubstring("SCTLR_EL2"));
    CHECK_THAT(changed(0, [](Sequence& s) { s.configuration.tcr[1] ^= 1; }), ContainsSubstring("TCR_EL1"));
    CHECK_THAT(changed(3, [](Sequence& s) { s.configuration.tcr[3] |= bit(24); }), ContainsSubstring("TCR_EL3"));
    CHECK_THAT(changed(1, [](Sequence& s) { s.configuration.hcr_el2 |= bit(0); }), ContainsSubstring("HCR_EL2"));
    CHECK_THAT(changed(1, [](Sequence& s) { s.configuration.hcr_el2 |= bit(19); }), ContainsSubstring("HCR_EL2"));
    CHECK_THAT(changed(1, [](Sequence& s) { s.configuration.scr_el3 |= bit(7); }), ContainsSubstring("SCR_EL3"));
    CHECK_THAT(changed(1, [](Sequence& s) { s.configuration.cptr_el3 |= bit(10); }), ContainsSubstring("CPTR_EL3"));
    CHECK_THAT(changed(3, [](Sequence& s) { s.configuration.spsel = 1; }), ContainsSubstring("SP_EL3"));
    CHECK_THAT(changed(2, [](Sequence& s) { s.configuration.scr_el3 &= ~kScrNs; }), ContainsSubstring("EL2"));
    CHECK_THAT(changed(1, [](Sequence& s) { s.configuration.hcr_el2 |= kHcrTge; }), ContainsSubstring("TGE"));
    CHECK_THAT(changed(0, [](Sequence& s) { s.configuration.hcr_el2 |= kHcrTge; }), ContainsSubstring("TGE"));
    CHECK_THAT(changed(3, [](Sequence& s) { s.pc |= ARENA_UPPER_HALF; }), ContainsSubstring("upper half"));
    CHECK_THAT(changed(0, [](Sequence& s) { s.pc += 4; }), ContainsSubstring("code area"));
    CHECK_THAT(changed(0, [](Sequence& s) { s.pc = ARENA_VA; }), ContainsSubstring("code area"));
    CHECK_THAT(changed(0, [](Sequence& s) { s.layout = LayoutId::golden; }), ContainsSubstring("layout"));
    CHECK_THAT(changed(0, [](Sequence& s) { s.configuration.gmid_el1 = 4; }), ContainsSubstring("GMID_EL1"));
    CHECK_THAT(changed(0, [](Sequence& s) { s.code.clear(); }), ContainsSubstring("no code"));
}

TEST_CASE("features that the implementation lacks are refused") {
    Profile bare;
    bare.gmid_el1 = 6;
    bare.dczid_el0 = 4;
    Test test = at(1);
    accepted(test, bare);
    test.sequence.configuration.pan = 1;
    CHECK_THAT(refused(test, bare), ContainsSubstring("FEAT_PAN"));
    test.sequence.configuration.pan = 0;
    test.sequence.configuration.uao = 1;
    CHECK_THAT(refused(test, bare), ContainsSubstring("FEAT_UAO"));
    test.sequence.configuration.uao = 0;
    test.sequence.configuration.tco = 1;
    CHECK_THAT(refused(test, bare), ContainsSubstring("FEAT_MTE2"));
    test.sequence.configuration.tco = 0;
    test.sequence.configuration.hcr_el2 |= kHcrE2h;
    CHECK_THAT(refused(test, bare), ContainsSubstring("FEAT_VHE"));
}

TEST_CASE("E2H selects the tables and the layout of EL2's registers") {
    Test test = at(2);
    Configuration& c = test.sequence.configuration;
    CHECK(accepted(test).ttbr0_el2 == kTables.el2);
    c.hcr_el2 |= kHcrE2h;
    CHECK_THAT(refused(test), ContainsSubstring("TCR_EL2")); // T1SZ
    c.tcr[2] = c.tcr[1];
    c.sctlr[2] = c.sctlr[1];
    CHECK(accepted(test).ttbr0_el2 == kTables.lower);
}
