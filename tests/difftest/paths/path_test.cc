// SPDX-License-Identifier: Apache-2.0
//
// Names of paths: what is part of them, what is folded, and what is told apart.
#include <catch2/catch_test_macros.hpp>

#include "difftest/paths/path.h"

using namespace mtecheck::difftest;
using mtecheck::spec::Decision;
using mtecheck::spec::DontCare;

namespace {

PathStep is(Decision decision) { return PathStep::decision(decision, true); }
PathStep is_not(Decision decision) { return PathStep::decision(decision, false); }

constexpr bool kXn = false;
constexpr bool kSP = true;

} // namespace

TEST_CASE("a path leaves out what called functions decide, and each of those has a path of its own", "[paths]") {
    const PathLog log{{is(Decision::Aligned), is(Decision::InGranule), is(Decision::NonSecure), is_not(Decision::NoTBI),
                       is_not(Decision::TCMA), is_not(Decision::SCR_ATA), is_not(Decision::HCR_ATA), is(Decision::ATA),
                       is_not(Decision::TCO), is(Decision::TBI), is_not(Decision::UpperHalf),
                       is_not(Decision::VAIsOutOfRange), is(Decision::AllocationTagged), is(Decision::TagMatch)},
                      {}};
    CHECK(path_of(log, kXn) == "Aligned InGranule AllocationTagged TagMatch -> completed");
    CHECK(path_of(log, kSP) == "[SP] Aligned InGranule AllocationTagged TagMatch -> completed");
    CHECK(called_path(log.steps, "AccessIsTagChecked") == "NoTBI=0 TCMA=0 SCR_ATA=0 HCR_ATA=0 ATA TCO=0");
    CHECK(called_path(log.steps, "TranslateAddress") == "TBI UpperHalf=0 VAIsOutOfRange=0");
    CHECK(called_path(log.steps, "UnalignedAccessFaults").empty());
}

TEST_CASE("a piece that decides as an earlier one did adds nothing", "[paths]") {
    const auto piece = [](PathLog& log, bool match) {
        log.steps.push_back(is(Decision::TBI));
        log.steps.push_back(is(Decision::AllocationTagged));
        log.steps.push_back(PathStep::decision(Decision::TagMatch, match));
        if (!match) log.steps.push_back(is(Decision::TCFIgnore));
    };
    PathLog log{{is_not(Decision::Aligned), is_not(Decision::InGranule)}, {}};
    for (const bool match : {true, true, true, false, false, true, false}) piece(log, match);
    CHECK(path_of(log, kXn) == "Aligned=0 InGranule=0 AllocationTagged TagMatch | AllocationTagged TagMatch | "
                               "AllocationTagged TagMatch=0 TCFIgnore -> completed");
}

TEST_CASE("how an instruction ends is part of its path, the level of a fault is not", "[paths]") {
    PathLog log{{is(Decision::Aligned), PathStep::choice(DontCare::FaultsAtSeveralAddresses, 0)}, {}};
    for (const unsigned level : {1U, 2U, 3U}) {
        log.ending = {.exception = true,
                      .to_el = 1,
                      .exception_class = 0x25,
                      .fault_status = static_cast<std::uint8_t>(0x04U | level)};
        CHECK(path_of(log, kXn) == "Aligned FaultsAtSeveralAddresses? -> EL1 Translation fault");
    }
    log.ending.fault_status = 0x11;
    CHECK(path_of(log, kXn) == "Aligned FaultsAtSeveralAddresses? -> EL1 Tag Check Fault");
    log.ending = {.exception = true, .to_el = 2, .exception_class = 0x18};
    CHECK(path_of(log, kXn) == "Aligned FaultsAtSeveralAddresses? -> EL2 EC 0x18");
}

TEST_CASE("a log with and without the decisions of summarised functions has the same path", "[paths]") {
    PathLog all{{is(Decision::Aligned), is_not(Decision::NoTBI), is(Decision::TBI), is(Decision::AllocationTagged),
                 is(Decision::TagMatch), is_not(Decision::NoTBI), is(Decision::TBI), is(Decision::AllocationTagged),
                 is(Decision::TagMatch)},
                {}};
    PathLog without = all;
    std::erase_if(without.steps, [](const PathStep& step) {
        return summarised(mtecheck::spec::info(static_cast<Decision>(step.what)).outline);
    });
    CHECK(without.steps.size() + 2 == all.steps.size());
    CHECK(path_of(all, kXn) == path_of(without, kXn));
}
