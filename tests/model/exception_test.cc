// SPDX-License-Identifier: Apache-2.0
//
// Exception entry: routing, vector, syndrome registers, saved and new PSTATE.
#include <catch2/catch_test_macros.hpp>
#include <vector>

#include "tests/model/pe.h"

using namespace mtecheck;
using namespace mtecheck::model;
using namespace mtecheck::model::testing;

namespace {

constexpr std::uint32_t kUndefined = 0x00000000; // UDF #0
constexpr std::uint32_t kSvc7 = 0xd40000e1;

} // namespace

TEST_CASE("exceptions go to the right level and vector") {
    struct Row {
        unsigned el, sp;
        bool tge;
        unsigned to_el;
        unsigned vector;
    };
    for (const Row& row :
         {Row{EL0, 0, false, EL1, 0x400}, Row{EL0, 0, true, EL2, 0x400}, Row{EL1, 0, false, EL1, 0x000},
          Row{EL1, 1, false, EL1, 0x200}, Row{EL2, 1, false, EL2, 0x200}, Row{EL3, 0, false, EL3, 0x000}}) {
        CAPTURE(row.el, row.sp, row.tge);
        ConcreteMachine m;
        set_up(m);
        m.state.PSTATE.EL = row.el;
        m.state.PSTATE.SP = row.sp;
        if (row.tge) {
            m.state.HCR_EL2 = m.state.HCR_EL2 | Bits<64>(spec::field::HCR_EL2::TGE.mask());
        }
        REQUIRE(run(m, {kUndefined}).status == RunStatus::exception);
        CHECK(m.exception.taken);
        CHECK(m.exception.to_el == row.to_el);
        CHECK(m.exception.vector == row.vector);
        CHECK(m.state.PSTATE.EL.raw() == row.to_el);
        CHECK(m.state.PSTATE.SP.raw() == 1);
        CHECK(m.state.pc.raw() == 0x70000 + 0x10000 * row.to_el + row.vector);
    }
}

TEST_CASE("entry saves PSTATE and sets TCO") {
    for (const unsigned tco : {0U, 1U}) {
        ConcreteMachine m;
        set_up(m);
        m.state.PSTATE.EL = EL0;
        m.state.PSTATE.SP = 0;
        m.state.PSTATE.TCO = tco;
        m.state.PSTATE.UAO = 1;
        m.state.PSTATE.N = 1;
        m.state.PSTATE.C = 1;
        REQUIRE(run(m, {kSvc7}).status == RunStatus::exception);
        CHECK(m.state.ESR_EL1.raw() == 0x56000007);
        CHECK(m.state.ELR_EL1.raw() == kCode + 4);
        CHECK(m.state.SPSR_EL1.raw() == (0xa08003c0U | tco << 25));
        CHECK(m.state.PSTATE.TCO.raw() == 1);
        CHECK(m.state.PSTATE.UAO.raw() == 0);
        CHECK(m.state.PSTATE.N.raw() == 1);
        CHECK_FALSE(m.exception.far_valid);
    }
}

TEST_CASE("entry sets PAN if SPAN is 0, where unprivileged accesses exist") {
    struct Row {
        unsigned el;
        bool span;
        unsigned pan;
    };
    for (const Row& row : {Row{EL1, false, 1}, Row{EL1, true, 0}, Row{EL2, false, 0}, Row{EL3, false, 0}}) {
        CAPTURE(row.el, row.span);
        ConcreteMachine m;
        set_up(m);
        m.state.PSTATE.EL = row.el;
        if (row.span) {
            m.state.SCTLR_EL1 = m.state.SCTLR_EL1 | Bits<64>(spec::field::SCTLR_EL1::SPAN.mask());
        }
        REQUIRE(run(m, {kUndefined}).status == RunStatus::exception);
        CHECK(m.state.PSTATE.PAN.raw() == row.pan);
    }
}

TEST_CASE("a Data Abort writes ESR and FAR of its target") {
    struct Row {
        unsigned el;
        std::uint64_t address;
        std::uint32_t opcode;
        std::uint64_t esr;
    };
    constexpr std::uint32_t load = 0xf9400020;
    constexpr std::uint32_t store = 0xf9000020;
    for (const Row& row : {Row{EL1, kUnmapped, load, 0x96000007}, Row{EL1, kUnmapped, store, 0x96000047},
                           Row{EL0, kUnmapped, load, 0x92000007}, Row{EL1, kReadOnly, store, 0x9600004f},
                           Row{EL1, kDevice + 4, load, 0x96000021}, Row{EL1, bit(45), load, 0x96000004}}) {
        CAPTURE(row.el, row.address, row.opcode);
        ConcreteMachine m;
        set_up(m);
        m.state.PSTATE.EL = row.el;
        m.state.PSTATE.SP = row.el == EL0 ? 0 : 1;
        m.state.x[1] = row.address;
        REQUIRE(run(m, {row.opcode}).status == RunStatus::exception);
        CHECK(m.state.ESR_EL1.raw() == row.esr);
        CHECK(m.state.FAR_EL1.raw() == row.address);
        CHECK(m.state.ELR_EL1.raw() == kCode);
        CHECK(m.exception.far_valid);
    }
}

TEST_CASE("SIMD&FP accesses are trapped as CPACR_EL1, CPTR_EL2 and CPTR_EL3 say") {
    struct Row {
        unsigned el;
        unsigned fpen;
        bool tfp2, tfp3;
        unsigned to_el; // 0: not trapped
    };
    for (const Row& row :
         {Row{EL0, 3, false, false, 0}, Row{EL0, 1, false, false, EL1}, Row{EL1, 1, false, false, 0},
          Row{EL1, 0, true, true, EL1}, Row{EL1, 2, false, false, EL1}, Row{EL1, 3, true, true, EL2},
          Row{EL2, 0, true, false, EL2}, Row{EL2, 0, false, true, EL3}, Row{EL3, 0, true, true, EL3}}) {
        CAPTURE(row.el, row.fpen, row.tfp2, row.tfp3);
        ConcreteMachine m;
        set_up(m);
        give_window(m, kTagged, 0);
        m.state.PSTATE.EL = row.el;
        m.state.CPACR_EL1 = spec::field::CPACR_EL1::FPEN.place(row.fpen);
        m.state.CPTR_EL2 = spec::field::CPTR_EL2::TFP.place(row.tfp2);
        m.state.CPTR_EL3 = spec::field::CPTR_EL3::TFP.place(row.tfp3);
        m.state.x[1] = kTagged;
        const RunResult result = run(m, {0xfd400020}); // ldr d0, [x1]
        CHECK(result.status == (row.to_el == 0 ? RunStatus::completed : RunStatus::exception));
        CHECK(m.exception.to_el == row.to_el);
        if (row.to_el != 0) {
            const std::uint64_t esr = (row.to_el == EL1   ? m.state.ESR_EL1
                                       : row.to_el == EL2 ? m.state.ESR_EL2
                                                          : m.state.ESR_EL3)
                                          .raw();
            CHECK(esr == 0x1fe00000);
        }
    }
}

TEST_CASE("a misaligned SP is found before anything else") {
    ConcreteMachine m;
    set_up(m);
    m.state.SCTLR_EL1 = m.state.SCTLR_EL1 | Bits<64>(spec::field::SCTLR_EL1::SA.mask());
    m.state.sp[1] = kUnmapped + 8;
    REQUIRE(run(m, {0xf94003e0}).status == RunStatus::exception); // ldr x0, [sp]
    CHECK(m.state.ESR_EL1.raw() == 0x9a000000);
}

TEST_CASE("a fault that is not yet synchronized may be missed by a read and come after a write") {
    constexpr std::uint32_t store = 0xf9000020;
    constexpr std::uint32_t mrs_tfsr = 0xd5385602; // mrs x2, tfsr_el1
    constexpr std::uint32_t msr_tfsr = 0xd518561f; // msr tfsr_el1, xzr
    constexpr std::uint32_t dsb = 0xd5033f9f;      // dsb sy
    const auto start = [](ConcreteMachine& m, std::vector<std::uint8_t> answers) {
        set_up(m);
        m.state.SCTLR_EL1 = sctlr(2, 2);
        m.state.x[1] = tagged(kTagged, 6);
        m.choices.start(std::move(answers));
    };
    ConcreteMachine m;
    start(m, {});
    run(m, {store, mrs_tfsr});
    CHECK(m.state.x[2].raw() == 1);
    start(m, {1});
    run(m, {store, mrs_tfsr});
    CHECK(m.state.x[2].raw() == 0);
    CHECK(m.state.TFSR_EL1.raw() == 1);
    start(m, {1});
    run(m, {store, dsb, mrs_tfsr});
    CHECK(m.state.x[2].raw() == 1);
    CHECK(m.choices.log().empty());
    start(m, {});
    run(m, {store, msr_tfsr});
    CHECK(m.state.TFSR_EL1.raw() == 0);
    start(m, {1});
    run(m, {store, msr_tfsr});
    CHECK(m.state.TFSR_EL1.raw() == 1);
}
