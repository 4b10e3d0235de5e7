// SPDX-License-Identifier: Apache-2.0
//
// Comparison: every field can fail, every kind of allowance works, and none covers more than it says.
#include "difftest/core/compare.h"

#include <functional>
#include <random>
#include <type_traits>

#include <catch2/catch_test_macros.hpp>

#include "tests/difftest/core/samples.h"

using namespace mtecheck::difftest;
using mtecheck::spec::DontCare;
using mtecheck::spec::Requirement;
using Kind = Allowance::Kind;

namespace {

constexpr std::uint64_t kTagCheckFault = 0x96000011;

Expectation expectation(Status status = Status::exception) {
    Expectation e;
    e.outcome = test::full_outcome();
    e.outcome.status = status;
    e.outcome.exception.esr = kTagCheckFault;
    e.far_valid = true;
    return e;
}

/// Names of the differing fields, with one space between; checks that both answers agree.
std::string fields(const Expectation& e, const Outcome& got) {
    std::string result;
    for (const auto& difference : differences(e, got)) {
        CHECK(difference.expected != difference.got);
        result += (result.empty() ? "" : " | ") + difference.field;
    }
    CHECK(agrees(e, got) == result.empty());
    return result;
}

} // namespace

TEST_CASE("equal outcomes agree", "[compare]") {
    for (const auto status : {Status::completed, Status::exception}) {
        const Expectation e = expectation(status);
        CHECK(fields(e, e.outcome) == "");
    }
}

TEST_CASE("every field can fail", "[compare]") {
    struct Row {
        Status status;
        std::function<void(Outcome&)> change;
        const char* field;
    };
    const Row rows[] = {
        {Status::exception, [](Outcome& o) { o.status = Status::completed; }, "status"},
        {Status::completed, [](Outcome& o) { o.status = Status::crashed; }, "status"},
        {Status::completed, [](Outcome& o) { o.pc += 4; }, "pc"},
        {Status::completed, [](Outcome& o) { o.x[0] ^= 1; }, "x0"},
        {Status::completed, [](Outcome& o) { o.x[30] ^= std::uint64_t{1} << 63; }, "x30"},
        {Status::completed, [](Outcome& o) { o.sp[0] += 16; }, "sp_el0"},
        {Status::completed, [](Outcome& o) { o.sp[3] += 16; }, "sp_el3"},
        {Status::completed, [](Outcome& o) { o.pstate ^= 1U << 31; }, "pstate.N"},
        {Status::completed, [](Outcome& o) { o.pstate ^= 1U << 28; }, "pstate.V"},
        {Status::completed, [](Outcome& o) { o.pstate ^= 1U << 25; }, "pstate.TCO"},
        {Status::exception, [](Outcome& o) { o.pstate ^= 1U << 25; }, "pstate.TCO"},
        {Status::exception, [](Outcome& o) { o.pstate ^= 1U << 23; }, "pstate.UAO"},
        {Status::exception, [](Outcome& o) { o.pstate ^= 1U << 22; }, "pstate.PAN"},
        {Status::exception, [](Outcome& o) { o.pstate ^= 4U; }, "pstate.EL"},
        {Status::exception, [](Outcome& o) { o.pstate ^= 1U; }, "pstate.SP"},
        {Status::exception, [](Outcome& o) { o.pstate ^= 1U << 20; }, "pstate"},
        {Status::exception, [](Outcome& o) { o.exception.to_el = 1; }, "exception.to_el"},
        {Status::exception, [](Outcome& o) { o.exception.vector = 0x200; }, "exception.vector"},
        {Status::exception, [](Outcome& o) { o.exception.esr ^= 1U << 26; }, "esr.EC"},
        {Status::exception, [](Outcome& o) { o.exception.esr ^= 1U << 25; }, "esr.IL"},
        {Status::exception, [](Outcome& o) { o.exception.esr ^= 0x30; }, "esr.DFSC"},
        {Status::exception, [](Outcome& o) { o.exception.esr ^= 0x40; }, "esr.WnR"},
        {Status::exception, [](Outcome& o) { o.exception.esr ^= 0x100; }, "esr.CM"},
        {Status::exception, [](Outcome& o) { o.exception.esr ^= 1U << 24; }, "esr"},
        {Status::exception, [](Outcome& o) { o.exception.esr |= std::uint64_t{1} << 40; }, "esr"},
        {Status::exception, [](Outcome& o) { o.exception.far ^= 1; }, "far"},
        {Status::exception, [](Outcome& o) { o.exception.far ^= std::uint64_t{1} << 60; }, "far"},
        {Status::exception, [](Outcome& o) { o.exception.elr += 4; }, "elr"},
        {Status::exception, [](Outcome& o) { o.exception.spsr ^= 1U << 25; }, "spsr.TCO"},
        {Status::exception, [](Outcome& o) { o.exception.spsr ^= 1U << 30; }, "spsr.Z"},
        {Status::exception, [](Outcome& o) { o.exception.spsr ^= 1U << 7; }, "spsr"},
        {Status::completed, [](Outcome& o) { o.gcr_el1 ^= 1U << 16; }, "gcr_el1.RRND"},
        {Status::completed, [](Outcome& o) { o.gcr_el1 ^= 1; }, "gcr_el1.Exclude"},
        {Status::completed, [](Outcome& o) { o.gcr_el1 ^= 1U << 20; }, "gcr_el1"},
        {Status::completed, [](Outcome& o) { o.rgsr_el1 ^= 0x100; }, "rgsr_el1.SEED"},
        {Status::completed, [](Outcome& o) { o.rgsr_el1 ^= 8; }, "rgsr_el1.TAG"},
        {Status::completed, [](Outcome& o) { o.tfsre0_el1 ^= 1; }, "tfsre0_el1.TF0"},
        {Status::completed, [](Outcome& o) { o.tfsr[1] ^= 2; }, "tfsr_el1.TF1"},
        {Status::completed, [](Outcome& o) { o.tfsr[2] ^= 1; }, "tfsr_el2.TF0"},
        {Status::completed, [](Outcome& o) { o.tfsr[3] ^= 3; }, "tfsr_el3.TF0 | tfsr_el3.TF1"},
        {Status::completed, [](Outcome& o) { o.v[0].low ^= 1; }, "v0"},
        {Status::completed, [](Outcome& o) { o.v[31].high ^= 1; }, "v31"},
        {Status::completed, [](Outcome& o) { o.v.clear(); }, "v"},
        {Status::completed, [](Outcome& o) { o.windows[0].data[0] ^= 1; }, "memory 0x40600000"},
        {Status::completed, [](Outcome& o) { o.windows[1].data[255] ^= 1; }, "memory 0x406003f0"},
        {Status::completed, [](Outcome& o) { o.windows[1].tags ^= std::uint64_t{1} << 60; }, "tag 0x406003f0"},
        {Status::completed, [](Outcome& o) { o.windows.pop_back(); }, "windows"},
        {Status::completed, [](Outcome& o) { o.windows[0].pa += 256; }, "windows"},
    };
    for (const Row& row : rows) {
        const Expectation e = expectation(row.status);
        Outcome got = e.outcome;
        row.change(got);
        INFO(row.field);
        CHECK(fields(e, got) == row.field);
    }
}

TEST_CASE("FAR counts only if the exception writes it", "[compare]") {
    Expectation e = expectation();
    e.far_valid = false;
    Outcome got = e.outcome;
    got.exception.far ^= 1;
    CHECK(agrees(e, got));
}

TEST_CASE("the exception record of a run without exception does not count", "[compare]") {
    const Expectation e = expectation(Status::completed);
    Outcome got = e.outcome;
    got.exception = {};
    CHECK(agrees(e, got));
}

TEST_CASE("each kind of allowance leaves open what it says, and nothing beside it", "[compare]") {
    struct Row {
        Kind kind;
        std::uint16_t index;
        std::uint64_t address;
        std::uint64_t mask;
        std::function<void(Outcome&)> inside;
        std::function<void(Outcome&)> outside;
    };
    const Row rows[] = {
        {Kind::general_register, 7, 0, ~std::uint64_t{0}, [](Outcome& o) { o.x[7] = 1; },
         [](Outcome& o) { o.x[8] = 1; }},
        {Kind::general_register, 7, 0, 0xff, [](Outcome& o) { o.x[7] ^= 0x81; }, [](Outcome& o) { o.x[7] ^= 0x101; }},
        {Kind::simd_register, 3, 0, ~std::uint64_t{0}, [](Outcome& o) { o.v[3] = {}; },
         [](Outcome& o) { o.v[4] = {}; }},
        {Kind::stack_pointer, 1, 0, ~std::uint64_t{0}, [](Outcome& o) { o.sp[1] = 0; },
         [](Outcome& o) { o.sp[2] = 0; }},
        {Kind::gcr, 0, 0, 0x10000, [](Outcome& o) { o.gcr_el1 ^= 0x10000; }, [](Outcome& o) { o.gcr_el1 ^= 1; }},
        {Kind::rgsr, 0, 0, 0xf, [](Outcome& o) { o.rgsr_el1 ^= 0xf; }, [](Outcome& o) { o.rgsr_el1 ^= 0x100; }},
        {Kind::tfsr, 0, 0, 1, [](Outcome& o) { o.tfsre0_el1 ^= 1; }, [](Outcome& o) { o.tfsr[1] ^= 1; }},
        {Kind::tfsr, 2, 0, 1, [](Outcome& o) { o.tfsr[2] ^= 1; }, [](Outcome& o) { o.tfsr[2] ^= 2; }},
        {Kind::nzcv, 0, 0, 0x80000000, [](Outcome& o) { o.pstate ^= 0x80000000; },
         [](Outcome& o) { o.pstate ^= 0x40000000; }},
        {Kind::esr, 0, 0, 0x40, [](Outcome& o) { o.exception.esr ^= 0x40; }, [](Outcome& o) { o.exception.esr ^= 1; }},
        {Kind::far, 0, 0, std::uint64_t{15} << 60, [](Outcome& o) { o.exception.far ^= std::uint64_t{15} << 60; },
         [](Outcome& o) { o.exception.far ^= std::uint64_t{1} << 59; }},
        {Kind::memory, 0, 0x40600001, ~std::uint64_t{0}, [](Outcome& o) { o.windows[0].data[1] ^= 0xff; },
         [](Outcome& o) { o.windows[0].data[2] ^= 1; }},
        {Kind::tag, 0, 0x40600010, ~std::uint64_t{0}, [](Outcome& o) { o.windows[0].tags ^= 0x10; },
         [](Outcome& o) { o.windows[0].tags ^= 1; }},
    };
    for (const Row& row : rows) {
        Expectation e = expectation();
        e.allowances.push_back({.reason = DontCare::PartialStore,
                                .kind = row.kind,
                                .index = row.index,
                                .address = row.address,
                                .mask = row.mask});
        INFO("kind " << static_cast<int>(row.kind) << " index " << row.index);
        Outcome got = e.outcome;
        row.inside(got);
        CHECK(fields(e, got) == "");
        row.outside(got);
        CHECK(fields(e, got) != "");
    }
}

TEST_CASE("either-or accepts the alternative and nothing else", "[compare]") {
    Expectation e = expectation();
    const std::uint8_t now = e.outcome.windows[0].data[5];
    const auto before = static_cast<std::uint8_t>(now ^ 0x33U);
    e.allowances.push_back({.reason = DontCare::PartialStore,
                            .kind = Kind::memory,
                            .either = true,
                            .address = 0x40600005,
                            .alternative = before});
    Outcome got = e.outcome;
    got.windows[0].data[5] = before;
    CHECK(fields(e, got) == "");
    got.windows[0].data[5] = static_cast<std::uint8_t>(now ^ 1U);
    CHECK(fields(e, got) == "memory 0x40600000");
    CHECK(differences(e, got).at(0).allowed_by == DontCare::PartialStore);
}

TEST_CASE("differences carry values, kinds and the requirement at stake", "[compare]") {
    const Expectation e = expectation();
    Outcome got = e.outcome;
    got.exception.esr ^= 0x40;
    got.x[12] = 0x2a;
    got.windows[0].tags ^= 3;
    const auto found = differences(e, got);
    REQUIRE(found.size() == 3);
    CHECK(found[0].field == "esr.WnR");
    CHECK(found[0].kind == "esr.WnR");
    CHECK(found[0].expected == "0x0");
    CHECK(found[0].got == "0x1");
    CHECK(found[0].requirement == Requirement::MTE_FAULT_002);
    CHECK(found[1].kind == "x");
    CHECK(found[1].got == "0x2a");
    CHECK_FALSE(found[1].requirement.has_value());
    CHECK(found[2].kind == "tag");
}

TEST_CASE("requirements on Tag Check Faults are not at stake in other exceptions", "[compare]") {
    Expectation e = expectation();
    e.outcome.exception.esr = 0x96000045; // a Translation fault
    Outcome got = e.outcome;
    got.exception.esr ^= 0x40;
    CHECK_FALSE(differences(e, got).at(0).requirement.has_value());
}

TEST_CASE("whatever bits differ, agreeing and naming differences say the same", "[compare]") {
    // Blocks are compared as wholes first: no word may be left out of them, and none may be in them alone.
    std::mt19937_64 random(1);
    for (unsigned round = 0; round < 4000; ++round) {
        const Expectation e = expectation(round % 2 == 0 ? Status::completed : Status::exception);
        Outcome got = e.outcome;
        const auto flip = [&](auto& value) {
            value ^= static_cast<std::remove_reference_t<decltype(value)>>(1U << random() % 8);
        };
        for (unsigned flips = 0; flips < 1 + round % 3; ++flips) {
            Window& window = got.windows[random() % got.windows.size()];
            switch (random() % 8) {
            case 0: flip(got.x[random() % got.x.size()]); break;
            case 1: flip(got.sp[random() % got.sp.size()]); break;
            case 2: flip(got.gcr_el1); break;
            case 3: flip(got.rgsr_el1); break;
            case 4: flip(got.tfsre0_el1); break;
            case 5: flip(got.tfsr[1 + random() % 3]); break;
            case 6: flip(window.data[random() % window.data.size()]); break;
            default: flip(window.tags); break;
            }
        }
        const bool same = static_cast<const Registers&>(got) == e.outcome && got.windows == e.outcome.windows;
        CHECK(fields(e, got).empty() == same);
        CHECK(agrees(e, OutcomeView(got).copy()) == same);
    }
}
