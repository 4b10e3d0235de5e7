// SPDX-License-Identifier: Apache-2.0
//
// Whether an access is Tag Checked, and what a mismatch does: one table row for each line of the decision.
#include <catch2/catch_test_macros.hpp>
#include <functional>
#include <string>
#include <vector>

#include "tests/model/pe.h"

using namespace mtecheck;
using namespace mtecheck::model;
using namespace mtecheck::model::testing;
namespace sctlr_el1 = spec::field::SCTLR_EL1;
namespace tcr_el1 = spec::field::TCR_EL1;
namespace hcr_el2 = spec::field::HCR_EL2;
namespace scr_el3 = spec::field::SCR_EL3;

namespace {

bool is_checked(ConcreteMachine& m, std::uint64_t address, bool privileged = true) {
    AccessDescriptor accdesc = CreateAccDescGPR(m, MemOp::LOAD, false, privileged, true);
    return AccessIsTagChecked(m, Bits<64>(address), accdesc);
}

struct Control {
    std::string what;
    std::function<void(ConcreteMachine&)> change;
    bool checked;
};

/// LDR X0, [X1] and STR X0, [X1]: the second instruction that the tests use.
constexpr std::uint32_t kLoad = 0xf9400020;
constexpr std::uint32_t kStore = 0xf9000020;
constexpr std::uint32_t kAtomicAdd = 0xf8200020; // ldadd x0, x0, [x1]

} // namespace

TEST_CASE("an access at EL1 is checked unless a control says otherwise") {
    const std::vector<Control> table = {
        {"all set", [](ConcreteMachine&) {}, true},
        {"TCO", [](ConcreteMachine& m) { m.state.PSTATE.TCO = 1; }, false},
        {"SCTLR_EL1.ATA", [](ConcreteMachine& m) { m.state.SCTLR_EL1 = sctlr(1, 1) & ~sctlr_el1::ATA.mask(); }, false},
        {"SCTLR_EL1.ATA0", [](ConcreteMachine& m) { m.state.SCTLR_EL1 = sctlr(1, 1) & ~sctlr_el1::ATA0.mask(); }, true},
        {"SCTLR_EL2.ATA", [](ConcreteMachine& m) { m.state.SCTLR_EL2 = 0; }, true},
        {"HCR_EL2.ATA", [](ConcreteMachine& m) { m.state.HCR_EL2 = hcr_el2::RW.place(1); }, false},
        {"HCR_EL2.ATA with EL2 disabled",
         [](ConcreteMachine& m) {
             m.state.HCR_EL2 = hcr_el2::RW.place(1);
             m.state.SCR_EL3 = scr_el3::RW.place(1) | scr_el3::ATA.place(1);
         },
         true},
        {"HCR_EL2.ATA without EL2",
         [](ConcreteMachine& m) {
             m.state.HCR_EL2 = 0;
             m.features.remove(spec::Feature::FEAT_EL2);
         },
         true},
        {"SCR_EL3.ATA", [](ConcreteMachine& m) { m.state.SCR_EL3 = scr_el3::NS.place(1); }, false},
        {"SCR_EL3.ATA without EL3",
         [](ConcreteMachine& m) {
             m.state.SCR_EL3 = 0;
             m.features.remove(spec::Feature::FEAT_EL3);
         },
         true},
        {"TBI0", [](ConcreteMachine& m) { m.state.TCR_EL1 = tcr_el1::TBI1.place(1); }, false},
        {"TBI1", [](ConcreteMachine& m) { m.state.TCR_EL1 = tcr_el1::TBI0.place(1); }, true},
        {"TBID0", [](ConcreteMachine& m) { m.state.TCR_EL1 = tcr_el1::TBI0.place(1) | tcr_el1::TBID0.place(1); }, true},
        {"FEAT_MTE2", [](ConcreteMachine& m) { m.features.remove(spec::Feature::FEAT_MTE2); }, false},
    };
    for (const Control& row : table) {
        CAPTURE(row.what);
        ConcreteMachine m;
        set_up(m);
        row.change(m);
        CHECK(is_checked(m, tagged(kTagged, 5)) == row.checked);
    }
}

TEST_CASE("an unprivileged access at EL1 is checked with the controls of EL0") {
    ConcreteMachine m;
    set_up(m);
    m.state.SCTLR_EL1 = sctlr(1, 1) & ~sctlr_el1::ATA0.mask();
    CHECK(is_checked(m, tagged(kTagged, 5)));
    CHECK_FALSE(is_checked(m, tagged(kTagged, 5), false));
    m.state.SCTLR_EL1 = sctlr(1, 1) & ~sctlr_el1::ATA.mask();
    CHECK_FALSE(is_checked(m, tagged(kTagged, 5)));
    CHECK(is_checked(m, tagged(kTagged, 5), false));
}

TEST_CASE("TCMA exempts tag 0 in the lower half and tag 15 in the upper half") {
    for (const bool tcma0 : {false, true}) {
        for (const bool tcma1 : {false, true}) {
            for (unsigned tag = 0; tag < 16; ++tag) {
                ConcreteMachine m;
                set_up(m);
                m.state.TCR_EL1 = m.state.TCR_EL1 | Bits<64>(tcr_el1::TCMA0.place(tcma0) | tcr_el1::TCMA1.place(tcma1));
                CAPTURE(tcma0, tcma1, tag);
                CHECK(is_checked(m, tagged(kTagged, tag)) == !(tcma0 && tag == 0));
                CHECK(is_checked(m, tagged(kUpper | kTagged, tag)) == !(tcma1 && tag == 15));
            }
        }
    }
}

TEST_CASE("TCF is that of the Exception level of the access") {
    ConcreteMachine m;
    set_up(m);
    m.state.SCTLR_EL1 = sctlr(1, 2);
    m.state.SCTLR_EL2 = sctlr(3, 1);
    m.state.SCTLR_EL3 = sctlr(2, 0);
    CHECK(EffectiveTCF(m, EL0).raw() == 2);
    CHECK(EffectiveTCF(m, EL1).raw() == 1);
    CHECK(EffectiveTCF(m, EL2).raw() == 3);
    CHECK(EffectiveTCF(m, EL3).raw() == 2);
    m.state.HCR_EL2 = m.state.HCR_EL2 | Bits<64>(hcr_el2::E2H.place(1) | hcr_el2::TGE.place(1));
    CHECK(EffectiveTCF(m, EL0).raw() == 1);
}

TEST_CASE("TCF 11 without asymmetric mode is one of the other values") {
    ConcreteMachine m;
    set_up(m);
    m.features.remove(spec::Feature::FEAT_MTE_ASYM_FAULT);
    m.state.SCTLR_EL1 = sctlr(3, 3);
    for (unsigned answer = 0; answer < 3; ++answer) {
        m.choices.start({static_cast<std::uint8_t>(answer)});
        CHECK(EffectiveTCF(m, EL1).raw() == answer);
    }
}

TEST_CASE("a mismatch faults, is recorded or is ignored, by TCF and direction") {
    struct Row {
        unsigned tcf;
        std::uint32_t opcode;
        bool faults;
        bool recorded;
        bool wnr;
    };
    const std::vector<Row> table = {
        {0, kLoad, false, false, false}, {0, kStore, false, false, false}, {0, kAtomicAdd, false, false, false},
        {1, kLoad, true, false, false},  {1, kStore, true, false, true},   {1, kAtomicAdd, true, false, false},
        {2, kLoad, false, true, false},  {2, kStore, false, true, false},  {2, kAtomicAdd, false, true, false},
        {3, kLoad, true, false, false},  {3, kStore, false, true, false},  {3, kAtomicAdd, true, false, false},
    };
    for (const Row& row : table) {
        for (const std::uint64_t half : {std::uint64_t{0}, kUpper}) {
            CAPTURE(row.tcf, row.opcode, half);
            ConcreteMachine m;
            set_up(m);
            m.state.SCTLR_EL1 = sctlr(row.tcf, 0);
            give_window(m, kTagged, 0x7777777777777777);
            m.state.x[1] = tagged(half | (kTagged + 8), 6);
            const RunResult result = run(m, {row.opcode});
            CHECK(result.status == (row.faults ? RunStatus::exception : RunStatus::completed));
            CHECK(m.state.TFSR_EL1.raw() == (row.recorded ? (half != 0 ? 2U : 1U) : 0U));
            if (row.faults) {
                CHECK(m.state.ESR_EL1.raw() == (row.wnr ? 0x96000051U : 0x96000011U));
                CHECK(m.state.FAR_EL1.raw() == m.state.x[1].raw());
                REQUIRE(m.marks.size() == 1);
                CHECK(m.marks[0].reason == spec::DontCare::FaultAddressTopBits);
                CHECK(m.marks[0].mask.raw() == 0xf000000000000000);
            }
            CHECK(m.memory().written().empty() == (row.faults || row.opcode == kLoad));
        }
    }
}

TEST_CASE("memory that is not Tagged is not checked") {
    for (const std::uint64_t offset : {kUntagged, kDevice}) {
        ConcreteMachine m;
        set_up(m);
        m.state.x[1] = tagged(offset, 6);
        CHECK(run(m, {kLoad}).status == RunStatus::completed);
    }
}

TEST_CASE("an access that straddles granules reports the first byte of the first granule that fails") {
    struct Row {
        std::uint64_t tags;
        std::uint64_t far; // 0: no fault
    };
    for (const Row& row : {Row{0x66, 0}, Row{0x76, kTagged + 16}, Row{0x67, kTagged + 12}, Row{0x77, kTagged + 12}}) {
        CAPTURE(row.tags);
        ConcreteMachine m;
        set_up(m);
        give_window(m, kTagged, row.tags);
        m.state.x[1] = tagged(kTagged + 12, 6);
        const RunResult result = run(m, {kLoad});
        CHECK(result.status == (row.far == 0 ? RunStatus::completed : RunStatus::exception));
        if (row.far != 0) {
            CHECK(m.state.FAR_EL1.raw() == tagged(row.far, 6));
        }
    }
}

TEST_CASE("tags are accessed only where memory is Tagged and access is enabled") {
    constexpr std::uint32_t kStg = 0xd9200821; // stg x1, [x1]
    constexpr std::uint32_t kLdg = 0xd9600020; // ldg x0, [x1]
    struct Row {
        std::uint64_t offset;
        bool enabled;
        unsigned read;
    };
    for (const Row& row : {Row{kTagged, true, 6}, Row{kTagged, false, 0}, Row{kUntagged, true, 0}}) {
        CAPTURE(row.offset, row.enabled);
        ConcreteMachine m;
        set_up(m);
        if (!row.enabled) {
            m.state.SCTLR_EL1 = sctlr(1, 1) & ~sctlr_el1::ATA.mask();
        }
        m.state.x[1] = tagged(row.offset, 6);
        m.state.x[0] = tagged(0x1234, 0xa);
        REQUIRE(run(m, {kStg, kLdg}).status == RunStatus::completed);
        CHECK(m.memory().written().size() == (row.read != 0 ? 1U : 0U));
        CHECK(m.state.x[0].raw() == tagged(0x1234, row.read));
    }
}

TEST_CASE("a synchronous abort leaves the asynchronous fault of the same instruction open") {
    ConcreteMachine m;
    set_up(m);
    m.state.SCTLR_EL1 = sctlr(2, 2);
    // The last granule of Tagged memory is followed by memory that cannot be written.
    m.state.x[1] = tagged(kDevice - 8, 6);
    const RunResult result = run(m, {0xa8810420}); // stp x0, x1, [x1], #16
    REQUIRE(result.status == RunStatus::exception);
    m.marks.clear();

    // A pair that ends beyond Tagged memory: the first half mismatches, the second is unmapped.
    set_up(m);
    m.state.SCTLR_EL1 = sctlr(2, 2);
    m.state.x[1] = tagged(kUnmapped - 8, 6);
    REQUIRE(run(m, {0xa9000420}).status == RunStatus::exception); // stp x0, x1, [x1]
    CHECK(m.state.TFSR_EL1.raw() == 1);
    bool marked = false;
    for (const auto& mark : m.marks) {
        marked = marked || (mark.reason == spec::DontCare::TagFaultWithDataAbort && mark.mask.raw() == 1 &&
                            mark.place == Place::system_register(spec::Reg::TFSR_EL1));
    }
    CHECK(marked);
}
