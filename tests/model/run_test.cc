// SPDX-License-Identifier: Apache-2.0
//
// The step loop, the observers, and the strict machine against the concrete one.
#include <catch2/catch_test_macros.hpp>
#include <random>

#include "model/machine/mutant_machine.h"
#include "model/machine/tracing_machine.h"
#include "tests/model/pe.h"
#include "tests/model/strict_machine.h"

using namespace mtecheck;
using namespace mtecheck::model;
using namespace mtecheck::model::testing;

TEST_CASE("a run ends at the end of the code, by a branch out of it, or at the step limit") {
    ConcreteMachine m;
    set_up(m);
    RunResult result = run(m, {0x91000400, 0x91000400}); // add x0, x0, #1, twice
    CHECK(result.status == RunStatus::completed);
    CHECK(result.steps == 2);
    CHECK(m.state.x[0].raw() == 2);
    CHECK(m.state.pc.raw() == kCode + 8);

    set_up(m);
    result = run(m, {0x14000010}); // b .+64
    CHECK(result.status == RunStatus::left);
    CHECK(m.state.pc.raw() == kCode + 64);

    set_up(m);
    result = run(m, {0x91000400, 0x17ffffff}, 7); // add x0, x0, #1; b .-4
    CHECK(result.status == RunStatus::runaway);
    CHECK(result.steps == 7);
    CHECK(m.state.x[0].raw() == 4);
}

TEST_CASE("the tracing machine tells decisions and effects") {
    TracingMachine m;
    set_up(m);
    give_window(m, kTagged, 0x6);
    m.observer.keep_events = true;
    m.state.x[1] = tagged(kTagged, 6);
    REQUIRE(run(m, {0xf9000020}).status == RunStatus::completed); // str x0, [x1]
    CHECK(m.observer.decisions().contains(spec::Decision::TagMatch, true));
    CHECK_FALSE(m.observer.decisions().contains(spec::Decision::TagMatch, false));
    std::vector<Event::Kind> effects;
    for (const Event& event : m.observer.events) {
        if (event.kind != Event::Kind::decision) {
            effects.push_back(event.kind);
        }
    }
    CHECK(effects == std::vector{Event::Kind::tag_read, Event::Kind::write});
}

TEST_CASE("a mutant is wrong only while its fault is switched on") {
    MutantMachine m;
    for (const bool wrong : {false, true}) {
        set_up(m);
        if (wrong) {
            m.mutations.add(spec::Mutation::tco_not_set_on_exception);
        }
        REQUIRE(run(m, {0}).status == RunStatus::exception);
        CHECK(m.state.PSTATE.TCO.raw() == (wrong ? 0U : 1U));
    }
}

namespace {

/// Everything that two machines of different values must agree on.
template <class M>
std::vector<std::uint64_t> summary(M& m) {
    std::vector<std::uint64_t> result;
    for (const auto& x : m.state.x) {
        result.push_back(0);
        for (unsigned part = 0; part < 64; part += 16) {
            const auto piece = slice<15, 0>(LSR(x, bits<M, 64>(part)));
            result.back() |= std::uint64_t{M::index(piece)} << part;
        }
    }
    for (const auto& value : {m.state.pc, m.state.ESR_EL1, m.state.FAR_EL1, m.state.TFSR_EL1}) {
        result.push_back(M::index(slice<31, 0>(value)));
    }
    for (const auto& written : m.memory().written()) {
        result.push_back(written.pa);
        result.push_back(written.bytes);
        result.push_back(m.memory().tag(written.pa));
        for (unsigned i = 0; i < PhysicalMemory::granule_bytes; ++i) {
            result.push_back(m.memory().byte(written.pa + i));
        }
    }
    return result;
}

template <class M>
void start(M& m, std::uint64_t seed) {
    std::mt19937_64 random(seed);
    set_up(m);
    m.state.SCTLR_EL1 = sctlr(static_cast<unsigned>(random() % 4), 1);
    give_window(m, kTagged, random());
    for (auto& x : m.state.x) {
        x = bits<M, 64>(tagged(kTagged + random() % 0x80, static_cast<unsigned>(random() % 16)));
    }
}

} // namespace

TEST_CASE("opaque values give the same results as plain ones") {
    std::mt19937_64 random(1);
    std::vector<spec::Encoding> encodings;
    for (std::size_t i = 0; i < spec::encoding_count; ++i) {
        encodings.push_back(static_cast<spec::Encoding>(i));
    }
    strict::StrictBool::conversions = 0;
    for (unsigned round = 0; round < 20; ++round) {
        for (const spec::Encoding encoding : encodings) {
            const spec::EncodingInfo& info = spec::info(encoding);
            const auto opcode = static_cast<std::uint32_t>((random() & ~std::uint64_t{info.mask}) | info.value);
            const std::uint64_t seed = random();
            ConcreteMachine plain;
            strict::StrictMachine opaque;
            start(plain, seed);
            start(opaque, seed);
            CAPTURE(info.id, opcode, seed);
            const RunResult expected = run(plain, {opcode});
            const RunResult got = run(opaque, {opcode});
            REQUIRE(got.status == expected.status);
            REQUIRE(summary(opaque) == summary(plain));
        }
    }
    CHECK(strict::StrictBool::conversions > 1000);
}
