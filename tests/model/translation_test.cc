// SPDX-License-Identifier: Apache-2.0
//
// Translation of data accesses: ranges, faults and their levels, permissions, memory types, regimes.
#include <catch2/catch_test_macros.hpp>
#include <vector>

#include "tests/model/pe.h"

using namespace mtecheck;
using namespace mtecheck::model;
using namespace mtecheck::model::testing;

namespace {

struct Result {
    Fault fault;
    unsigned level;
    bool write;
    std::uint64_t pa;
};

Result translate(ConcreteMachine& m, std::uint64_t va, MemOp memop = MemOp::LOAD, bool aligned = true,
                 bool privileged = true) {
    const AccessDescriptor accdesc = CreateAccDescGPR(m, memop, false, privileged, false);
    const auto result = TranslateAddress(m, Bits<64>(va), accdesc, aligned);
    return {result.fault.statuscode, result.fault.level, result.fault.write, result.paddress.raw()};
}

} // namespace

TEST_CASE("addresses in range are translated, with any top byte if TBI is set") {
    ConcreteMachine m;
    set_up(m);
    for (const std::uint64_t va : {kTagged + 0x123, tagged(kTagged + 0x123, 9), kUpper | (kTagged + 0x123),
                                   tagged(kUpper | (kTagged + 0x123), 3)}) {
        CAPTURE(va);
        const Result result = translate(m, va);
        CHECK(result.fault == Fault::None);
        CHECK(result.pa == kPhysical + kTagged + 0x123);
    }
}

TEST_CASE("addresses out of range are Translation faults at level 0") {
    ConcreteMachine m;
    set_up(m);
    for (const std::uint64_t va : {bit(39), bit(54), kUpper ^ bit(39), kUpper ^ bit(54)}) {
        CAPTURE(va);
        const Result result = translate(m, va);
        CHECK(result.fault == Fault::Translation);
        CHECK(result.level == 0);
    }
    m.state.TCR_EL1 = m.state.TCR_EL1 & ~Bits<64>(spec::field::TCR_EL1::TBI0.mask());
    CHECK(translate(m, kTagged).fault == Fault::None);
    CHECK(translate(m, tagged(kTagged, 1)).fault == Fault::Translation);
    CHECK(translate(m, kTagged | bit(63)).fault == Fault::Translation);
}

TEST_CASE("what no region covers is unmapped at the level of the gap") {
    ConcreteMachine m;
    set_up(m);
    const Result result = translate(m, kUnmapped);
    CHECK(result.fault == Fault::Translation);
    CHECK(result.level == 3);
}

TEST_CASE("permissions depend on AP, direction, Exception level and PAN") {
    struct Row {
        std::uint64_t offset;
        unsigned el;
        bool pan;
        MemOp memop;
        bool allowed;
    };
    const std::vector<Row> table = {
        {kTagged, EL1, false, MemOp::LOAD, true},       {kTagged, EL1, false, MemOp::STORE, true},
        {kTagged, EL1, true, MemOp::LOAD, false},       {kTagged, EL1, true, MemOp::STORE, false},
        {kTagged, EL0, false, MemOp::STORE, true},      {kTagged, EL0, true, MemOp::STORE, true},
        {kReadOnly, EL1, false, MemOp::LOAD, true},     {kReadOnly, EL1, false, MemOp::STORE, false},
        {kReadOnly, EL1, true, MemOp::LOAD, false},     {kReadOnly, EL0, false, MemOp::STORE, false},
        {kPrivileged, EL1, true, MemOp::STORE, true},   {kPrivileged, EL0, false, MemOp::LOAD, false},
        {kPrivileged, EL0, false, MemOp::STORE, false}, {kPrivileged, EL2, false, MemOp::STORE, true},
        {kReadOnly, EL2, true, MemOp::LOAD, true},      {kReadOnly, EL3, false, MemOp::STORE, false},
    };
    for (const Row& row : table) {
        CAPTURE(row.offset, row.el, row.pan, row.memop);
        ConcreteMachine m;
        set_up(m);
        m.state.PSTATE.EL = row.el;
        m.state.PSTATE.PAN = row.pan ? 1 : 0;
        const Result result = translate(m, row.offset, row.memop);
        CHECK(result.fault == (row.allowed ? Fault::None : Fault::Permission));
        if (!row.allowed) {
            CHECK(result.level == 3);
            CHECK(result.write == (row.memop == MemOp::STORE));
        }
    }
}

TEST_CASE("an unprivileged access at EL1 has the permissions of EL0") {
    ConcreteMachine m;
    set_up(m);
    CHECK(translate(m, kPrivileged, MemOp::LOAD, true, true).fault == Fault::None);
    CHECK(translate(m, kPrivileged, MemOp::LOAD, true, false).fault == Fault::Permission);
}

TEST_CASE("Device memory wants alignment, before permission is looked at") {
    ConcreteMachine m;
    set_up(m);
    CHECK(translate(m, kDevice + 1, MemOp::LOAD, false).fault == Fault::Alignment);
    CHECK(translate(m, kUntagged + 1, MemOp::LOAD, false).fault == Fault::None);
    m.state.PSTATE.PAN = 1;
    CHECK(translate(m, kDevice + 1, MemOp::LOAD, false).fault == Fault::Alignment);
}

TEST_CASE("single-range regimes have no upper half") {
    ConcreteMachine m;
    set_up(m);
    for (const unsigned el : {EL2, EL3}) {
        m.state.PSTATE.EL = el;
        CHECK(translate(m, kTagged).fault == Fault::None);
        CHECK(translate(m, tagged(kTagged, 3)).fault == Fault::None);
        const Result result = translate(m, kUpper | kTagged);
        CHECK(result.fault == Fault::Translation);
        CHECK(result.level == 0);
    }
}

TEST_CASE("the EL2&0 regime has two ranges and its own controls") {
    ConcreteMachine m;
    set_up(m);
    m.state.HCR_EL2 = m.state.HCR_EL2 | Bits<64>(spec::field::HCR_EL2::E2H.mask() | spec::field::HCR_EL2::TGE.mask());
    m.state.TCR_EL2 = m.state.TCR_EL1;
    m.state.SCTLR_EL1 = 0;
    for (const unsigned el : {EL2, EL0}) {
        m.state.PSTATE.EL = el;
        CHECK(translate(m, kUpper | kTagged).fault == Fault::None);
    }
}

TEST_CASE("with stage 1 off memory is flat and Untagged Device") {
    ConcreteMachine m;
    set_up(m);
    m.state.SCTLR_EL1 = sctlr(1, 1) & ~spec::field::SCTLR_EL1::M.mask();
    CHECK(translate(m, tagged(0x1234500, 7)).pa == 0x1234500);
    CHECK(translate(m, 0x1234501, MemOp::LOAD, false).fault == Fault::Alignment);
    const Result result = translate(m, bit(50));
    CHECK(result.fault == Fault::AddressSize);
    CHECK(result.level == 0);
    give_window(m, kTagged, 0);
    m.state.x[1] = tagged(kPhysical + kTagged, 6);
    CHECK(run(m, {0xf9400020}).status == RunStatus::completed); // ldr x0, [x1]
}

TEST_CASE("address spaces are checked") {
    CHECK_THROWS_AS(AddressSpace({{.start = 0, .end = 0x2000}, {.start = 0x1000, .end = 0x3000}}, 3, 48),
                    std::invalid_argument);
    const AddressSpace halves(
        {{.start = 0, .end = 0x2000, .upper = false}, {.start = 0x1000, .end = 0x3000, .lower = false}}, 3, 48);
    CHECK(halves.find(false, 0x1800).start == 0);
    CHECK(halves.find(true, 0x1800).start == 0x1000);
    CHECK_FALSE(halves.find(true, 0x800).mapped);
    CHECK_FALSE(halves.find(false, 0x3000).mapped);
}
