// SPDX-License-Identifier: Apache-2.0
//
// Physical memory, how accesses are split, and what an abort in the middle of an instruction leaves open.
#include <catch2/catch_test_macros.hpp>
#include <vector>

#include "tests/model/pe.h"

using namespace mtecheck;
using namespace mtecheck::model;
using namespace mtecheck::model::testing;

TEST_CASE("memory reads as zero, keeps what is written and forgets on reset") {
    PhysicalMemory memory;
    CHECK(memory.read<8>(0x12340).raw() == 0);
    CHECK(memory.escaped());
    memory.reset();
    CHECK_FALSE(memory.escaped());
    std::array<std::uint8_t, PhysicalMemory::window_bytes> data{};
    data[3] = 0x5a;
    memory.initialise_window(0x12300, data.data(), 0xfedcba9876543210);
    CHECK(memory.read<4>(0x12300).raw() == 0x5a000000);
    CHECK(memory.read_tag(0x123a5) == 0xa);
    CHECK_FALSE(memory.escaped());
    memory.write<2>(0x12346, Bits<16>(0xbeef));
    memory.write_tag(0x12356, 0x7);
    CHECK(memory.read<8>(0x12340).raw() == 0xbeef000000000000);

    const auto written = memory.written();
    REQUIRE(written.size() == 2);
    CHECK(written[0].pa == 0x12340);
    CHECK(written[0].bytes == 0x00c0);
    CHECK_FALSE(written[0].tag);
    CHECK(written[1].pa == 0x12350);
    CHECK(written[1].bytes == 0);
    CHECK(written[1].tag);

    CHECK(memory.tags(0x12300) == 0xfedcba9876743210);
    CHECK(memory.byte(0x12347) == 0xbe);
    CHECK(data[0x47] == 0);

    // A window far away that shares the place in the look-up table.
    memory.write<1>(0x12346 + 64 * PhysicalMemory::window_bytes, Bits<8>(1));
    CHECK(memory.read<2>(0x12346).raw() == 0xbeef);
    memory.reset();
    CHECK(memory.read<8>(0x12340).raw() == 0);
    CHECK(memory.written().empty());
}

TEST_CASE("a window that the host lends is written in place until reset") {
    PhysicalMemory memory;
    std::array<std::uint8_t, PhysicalMemory::window_bytes> data{};
    data[3] = 0x5a;
    std::uint64_t tags = 0xfedcba9876543210;
    memory.lend_window(0x12300, data.data(), tags);
    CHECK(memory.read<4>(0x12300).raw() == 0x5a000000);
    memory.write<2>(0x12346, Bits<16>(0xbeef));
    memory.write_tag(0x12356, 0x7);
    CHECK_FALSE(memory.escaped());
    CHECK(data[0x46] == 0xef);
    CHECK(tags == 0xfedcba9876743210);
    CHECK(memory.written().size() == 2);
    memory.reset();
    memory.write<1>(0x12300, Bits<8>(1));
    CHECK(memory.escaped());
    CHECK(data[0] == 0);
}

TEST_CASE("touching reserved memory or memory that the host did not give is an escape") {
    ConcreteMachine m;
    for (const std::uint64_t address : {kReserved, kTagged + 0x100}) {
        set_up(m);
        give_window(m, kTagged, 0);
        m.state.x[1] = address;
        run(m, {0xf9400020}); // ldr x0, [x1]
        CHECK(m.memory().escaped());
    }
    set_up(m);
    give_window(m, kTagged, 0);
    m.state.x[1] = kTagged + 0xf8;
    run(m, {0xf9400020});
    CHECK_FALSE(m.memory().escaped());
    CHECK(m.state.x[0].raw() == 0xfffefdfcfbfaf9f8);
}

TEST_CASE("data moves in the right order whatever the split") {
    ConcreteMachine m;
    for (const std::uint64_t offset : {0x20U, 0x24U, 0x2cU}) {
        CAPTURE(offset);
        set_up(m);
        give_window(m, kTagged, 0);
        m.state.x[1] = kTagged + offset;
        m.state.x[2] = kTagged + 0x80 + offset;
        REQUIRE(run(m, {0xa9401023, 0xa9001043}).status == RunStatus::completed); // ldp x3, x4, [x1]; stp x3, x4, [x2]
        CHECK((m.state.x[3].raw() & 0xff) == offset);
        CHECK((m.state.x[4].raw() & 0xff) == offset + 8);
        for (std::uint64_t i = 0; i < 16; ++i) {
            CHECK(m.memory().byte(kPhysical + kTagged + 0x80 + offset + i) == offset + i);
        }
    }
}

TEST_CASE("what an aborted instruction wrote before may also not have happened") {
    ConcreteMachine m;
    set_up(m);
    give_window(m, kTagged, 0x76);
    m.state.x[1] = tagged(kTagged + 8, 6);
    m.state.x[2] = 0x1111111111111111;
    REQUIRE(run(m, {0xa9000822}).status == RunStatus::exception); // stp x2, x2, [x1]
    CHECK(m.state.FAR_EL1.raw() == tagged(kTagged + 16, 6));
    unsigned bytes = 0;
    for (const auto& mark : m.marks) {
        if (mark.reason == spec::DontCare::PartialStore) {
            CHECK(mark.place == Place::memory());
            CHECK(mark.either);
            const std::uint64_t offset = mark.address.raw() - kPhysical - kTagged;
            CHECK((offset >= 8 && offset < 16));
            CHECK(mark.alternative.raw() == offset);
            ++bytes;
        }
    }
    CHECK(bytes == 8);
}

TEST_CASE("of different faults at different addresses either may be reported") {
    // A Tag Check Fault in the last granule of Tagged memory, a Translation fault on the next page.
    const auto start = [](ConcreteMachine& m, std::vector<std::uint8_t> answers) {
        set_up(m);
        m.state.x[1] = tagged(kUnmapped - 8, 6);
        m.choices.start(std::move(answers));
    };
    constexpr std::uint32_t ldp = 0xa9401023;
    ConcreteMachine m;
    start(m, {});
    CHECK(run(m, {ldp}).status == RunStatus::exception);
    CHECK(m.state.ESR_EL1.raw() == 0x96000011);
    REQUIRE(m.choices.log().size() == 1);
    CHECK(m.choices.log()[0].reason == spec::DontCare::FaultsAtSeveralAddresses);
    start(m, {1});
    CHECK(run(m, {ldp}).status == RunStatus::exception);
    CHECK(m.state.ESR_EL1.raw() == 0x96000007);
    CHECK(m.state.FAR_EL1.raw() == tagged(kUnmapped, 6));

    // A single fault cannot be passed over.
    set_up(m);
    m.state.x[1] = tagged(kTagged, 6);
    m.choices.start({1});
    CHECK(run(m, {0xf9400020}).status == RunStatus::not_allowed);
}

TEST_CASE("a store-exclusive succeeds after a load-exclusive of the same memory and nothing else") {
    constexpr std::uint32_t ldxr = 0xc85f7c20; // ldxr x0, [x1]
    constexpr std::uint32_t stxr = 0xc8037c40; // stxr w3, x0, [x2]
    constexpr std::uint32_t str = 0xf9000024;  // str x4, [x1]
    struct Row {
        std::vector<std::uint32_t> code;
        std::uint64_t load, store;
        std::vector<std::uint8_t> answers;
        unsigned status;
    };
    const std::uint64_t here = tagged(kTagged, 6);
    const std::uint64_t elsewhere = tagged(kTagged + 0x40, 6);
    const std::uint64_t upper = tagged(kUpper | kTagged, 6);
    for (const Row& row : {Row{{ldxr, stxr}, here, here, {}, 0}, Row{{stxr}, here, here, {}, 1},
                           Row{{ldxr, stxr}, here, elsewhere, {}, 1}, Row{{ldxr, stxr}, here, elsewhere, {1}, 0},
                           Row{{ldxr, stxr}, here, upper, {}, 0}, Row{{ldxr, stxr}, here, upper, {1}, 1},
                           Row{{ldxr, str, stxr}, here, here, {}, 0}, Row{{ldxr, str, stxr}, here, here, {1}, 1}}) {
        CAPTURE(row.load, row.store, row.status);
        ConcreteMachine m;
        set_up(m);
        give_window(m, kTagged, 0x6666666666666666);
        m.state.x[1] = row.load;
        m.state.x[2] = row.store;
        m.state.x[3] = 0x55;
        m.choices.start(row.answers);
        REQUIRE(run(m, row.code).status == RunStatus::completed);
        CHECK(m.state.x[3].raw() == row.status);
    }
}

TEST_CASE("a store-exclusive that fails may detect aborts, check tags, or neither") {
    constexpr std::uint32_t stxr = 0xc8037c40;
    const auto outcome = [](std::uint64_t address, std::vector<std::uint8_t> answers) {
        ConcreteMachine m;
        set_up(m);
        give_window(m, kTagged, 0);
        m.state.x[2] = address;
        m.choices.start(std::move(answers));
        const RunResult result = run(m, {stxr});
        return result.status == RunStatus::exception ? m.state.ESR_EL1.raw() & 0x3fU : 0U;
    };
    CHECK(outcome(tagged(kTagged, 6), {}) == 0);
    CHECK(outcome(tagged(kTagged, 6), {1}) == 0);
    CHECK(outcome(tagged(kTagged, 6), {2}) == 0x11);
    CHECK(outcome(kUnmapped, {}) == 0x07);
    CHECK(outcome(kUnmapped, {1}) == 0);
}
