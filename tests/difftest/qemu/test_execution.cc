// SPDX-License-Identifier: Apache-2.0
// Hand-written sequences with known architectural results, at every exception level.
#include <tuple>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/generators/catch_generators_range.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <nlohmann/json.hpp>

#include "difftest/core/json.h"
#include "tests/difftest/qemu/qemu_fixture.h"

using namespace mtecheck::difftest;
using namespace mtecheck::difftest::qemu_tests;

namespace {

struct Level {
    unsigned el;
    unsigned spsel;
};
constexpr Level kLevels[] = {{0, 0}, {1, 0}, {1, 1}, {2, 0}, {2, 1}, {3, 0}};

Level any_level() { return GENERATE(from_range(std::begin(kLevels), std::end(kLevels))); }

unsigned taking_el(unsigned el) { return el == 0 ? 1 : el; }
std::uint16_t synchronous_vector(Level level) { return level.el == 0 ? 0x400 : level.spsel == 1 ? 0x200 : 0x000; }
std::uint64_t tfsr_of(const Outcome& outcome, unsigned el) { return el == 0 ? outcome.tfsre0_el1 : outcome.tfsr[el]; }

constexpr std::uint64_t kTco = bit(25);
constexpr std::uint64_t kDaif = 0x3c0;
constexpr std::uint64_t kDataAbortLower = 0x92000000, kDataAbortSame = 0x96000000;
constexpr std::uint64_t kTagCheckFault = 0x11, kWnR = bit(6);

/// Two-range regime of EL2: its registers look like EL1's.
void make_host(Test& test) {
    Configuration& c = test.sequence.configuration;
    c.hcr_el2 |= kHcrE2h;
    c.sctlr[2] = c.sctlr[1];
    c.tcr[2] = c.tcr[1];
    if (c.el == 0) c.hcr_el2 |= kHcrTge;
}

#define REQUIRE_MTE(profile)                                                                                           \
    if ((profile).mte < 2) SKIP("this implementation has no FEAT_MTE2")

} // namespace

TEST_CASE("the profile is read from the implementation") {
    const auto target = target_or_skip();
    const Profile& profile = target->probe();
    CHECK(profile.version.find("QEMU") != std::string::npos);
    CHECK(profile.el2);
    CHECK(profile.el3);
    CHECK((profile.registers.at("ID_AA64PFR1_EL1") >> 8 & 0xf) == profile.mte);
    CHECK((profile.gmid_el1 >= 2 && profile.gmid_el1 <= 6));
}

TEST_CASE("cases of an implementation without FEAT_MTE2 can be stored") {
    QemuOptions options = options_or_skip();
    options.mte = false;
    const auto target = make_qemu_system_target(options);
    const Profile& profile = target->probe();
    CHECK(profile.mte < 2);
    const Test test = make_test(profile, 1, 1, {kNop});
    const nlohmann::json stored = nlohmann::json::parse(dump(to_json(test)));
    CHECK(test_from_json(JsonPlace(stored, "test")).sequence == test.sequence);
}

TEST_CASE("code runs to its end and registers come back") {
    const auto target = target_or_skip();
    const Level level = any_level();
    Test test = make_test(target->probe(), level.el, level.spsel, {kAddsX0X1X2});
    State& state = test.states[0];
    state.x[1] = 0x8000000000000000;
    state.x[2] = 0x8000000000000001;
    state.sp = {0x10, 0x20, 0x30, 0x40};
    state.nzcv = 0xf;
    const Outcome outcome = run_one(*target, test);
    REQUIRE(outcome.status == Status::completed);
    CHECK(outcome.x[0] == 1);
    for (unsigned n = 1; n < 31; ++n) CHECK(outcome.x[n] == state.x[n]);
    CHECK(outcome.sp == state.sp);
    CHECK(outcome.pc == test.sequence.pc + 4);
    CHECK(outcome.pstate == (0x30000000 | level.el << 2 | level.spsel)); // C and V
    CHECK(outcome.windows == state.windows);
}

TEST_CASE("the selected stack pointer is the one that code changes") {
    const auto target = target_or_skip();
    const Level level = any_level();
    Test test = make_test(target->probe(), level.el, level.spsel, {kMovSpX3});
    const Outcome outcome = run_one(*target, test);
    REQUIRE(outcome.status == Status::completed);
    std::array<std::uint64_t, 4> sp{};
    sp[level.spsel == 1 ? level.el : 0] = test.states[0].x[3];
    CHECK(outcome.sp == sp);
}

TEST_CASE("PSTATE is installed and reported") {
    const auto target = target_or_skip();
    const Profile& profile = target->probe();
    REQUIRE_MTE(profile);
    const Level level = any_level();
    Test test = make_test(profile, level.el, level.spsel, {kNop});
    Configuration& c = test.sequence.configuration;
    c.tco = 1;
    c.uao = 1;
    c.pan = level.el == 0 ? 0 : 1;
    const std::uint64_t started = kTco | bit(23) | std::uint64_t{c.pan} << 22 | level.el << 2 | level.spsel;
    CHECK(run_one(*target, test).pstate == started);
    test.sequence.code = {kMsrTco0};
    CHECK(run_one(*target, test).pstate == (started & ~kTco));
    c.tco = 0;
    test.sequence.code = {kMsrTco1};
    CHECK(run_one(*target, test).pstate == started);
}

TEST_CASE("a checked store with the right tag completes and shows in the window") {
    const auto target = target_or_skip();
    const Level level = any_level();
    Test test = make_test(target->probe(), level.el, level.spsel, {kStrX0X3});
    test.states[0].x[0] = 0x1122334455667788;
    test.states[0].x[3] = tagged(ARENA_VA + 8, 5);
    const Outcome outcome = run_one(*target, test);
    REQUIRE(outcome.status == Status::completed);
    Window expected = test.states[0].windows[0];
    for (unsigned i = 0; i < 8; ++i) expected.data[8 + i] = static_cast<std::uint8_t>(0x88 - 0x11 * i);
    CHECK(outcome.windows.at(0) == expected);
}

TEST_CASE("a tag check fault is recorded where it is taken") {
    const auto target = target_or_skip();
    const Profile& profile = target->probe();
    REQUIRE_MTE(profile);
    const Level level = any_level();
    const bool store = GENERATE(false, true);
    Test test = make_test(profile, level.el, level.spsel, {kNop, store ? kStrX0X3 : kLdrX5X6});
    const std::uint64_t address = tagged(ARENA_VA + 24, 6);
    test.states[0].x[3] = test.states[0].x[6] = address;
    test.states[0].nzcv = 5;
    const Outcome outcome = run_one(*target, test);
    REQUIRE(outcome.status == Status::exception);
    const ExceptionRecord& exception = outcome.exception;
    CHECK(exception.to_el == taking_el(level.el));
    CHECK(exception.vector == synchronous_vector(level));
    CHECK(exception.esr == ((level.el == 0 ? kDataAbortLower : kDataAbortSame) | kTagCheckFault | (store ? kWnR : 0)));
    CHECK((exception.far & ~(std::uint64_t{0xf} << 60)) == address);
    CHECK(exception.elr == test.sequence.pc + 4);
    CHECK(exception.spsr == (0x50000000 | kDaif | level.el << 2 | level.spsel));
    // SPAN = 1: PAN stays. TCO is set. SP_ELx is selected. (NZCV stay too, but QEMU clears them.)
    CHECK((outcome.pstate & 0xfffffff) == (kTco | taking_el(level.el) << 2 | 1));
    CHECK(outcome.windows == test.states[0].windows);
    CHECK(outcome.x == test.states[0].x);
}

TEST_CASE("asynchronous tag check faults accumulate in the TFSR of the level") {
    const auto target = target_or_skip();
    const Profile& profile = target->probe();
    REQUIRE_MTE(profile);
    const Level level = any_level();
    Test test = make_test(profile, level.el, level.spsel, {kStrX0X3});
    set_tcf(test, kAsynchronous);
    test.states[0].x[3] = tagged(ARENA_VA, 6);
    const Outcome outcome = run_one(*target, test);
    REQUIRE(outcome.status == Status::completed);
    CHECK(tfsr_of(outcome, level.el) == 1);
    CHECK(outcome.windows[0].data[1] == 0x10); // the store went ahead
    if (level.el <= 1) {
        test.states[0].x[3] = tagged(ARENA_UPPER_HALF | ARENA_VA, 6);
        CHECK(tfsr_of(run_one(*target, test), level.el) == 2);
    }
    if (profile.mte >= 3) {
        set_tcf(test, kAsymmetric);
        CHECK(run_one(*target, test).status == Status::completed);
        test.sequence.code = {kLdrX5X6};
        test.states[0].x[6] = tagged(ARENA_VA, 6);
        CHECK(run_one(*target, test).status == Status::exception);
    }
}

TEST_CASE("tag registers are installed and come back") {
    const auto target = target_or_skip();
    const Profile& profile = target->probe();
    REQUIRE_MTE(profile);
    const Level level = any_level();
    Test test = make_test(profile, level.el, level.spsel, {kNop});
    repeat_state(test, 3);
    for (unsigned i = 0; i < 3; ++i) {
        State& state = test.states[i];
        state.gcr_el1 = 0x1a5a5 + i;
        state.rgsr_el1 = 0x00ff0f - i;
        state.tfsre0_el1 = i & 3;
        state.tfsr = {0, (i + 1) & 3, i & 1, (i + 1) & 1};
    }
    const auto outcomes = run_all(*target, {test}).at(0);
    for (unsigned i = 0; i < 3; ++i) {
        CHECK(outcomes[i].gcr_el1 == test.states[i].gcr_el1);
        CHECK(outcomes[i].rgsr_el1 == test.states[i].rgsr_el1);
        CHECK(outcomes[i].tfsre0_el1 == test.states[i].tfsre0_el1);
        CHECK(outcomes[i].tfsr == test.states[i].tfsr);
    }
}

TEST_CASE("windows keep data and a tag for every granule, in every page") {
    const auto target = target_or_skip();
    const Profile& profile = target->probe();
    std::vector<Test> tests;
    for (unsigned first = 0; first < 2; ++first) {
        Test test = make_test(profile, 0, 0, {kNop});
        repeat_state(test, 16);
        for (unsigned s = 0; s < 16; ++s) {
            State& state = test.states[s];
            state.windows.clear();
            for (std::uint64_t page = first; page < ARENA_PAGES; page += 2) {
                Window window;
                window.pa = ARENA_PA + page * ARENA_PAGE_BYTES + s * kWindowBytes;
                window.tags = profile.mte >= 2 ? 0xfedcba9876543210u + 0x1111111111111111u * s * page : 0;
                for (unsigned b = 0; b < kWindowBytes; ++b)
                    window.data[b] = static_cast<std::uint8_t>(b * 7 + s + page);
                state.windows.push_back(window);
            }
        }
        tests.push_back(test);
    }
    const auto outcomes = run_all(*target, tests);
    for (std::size_t i = 0; i < tests.size(); ++i)
        for (std::size_t s = 0; s < 16; ++s) {
            INFO("test " << i << " state " << s);
            REQUIRE(outcomes[i][s].status == Status::completed);
            CHECK(outcomes[i][s].windows == tests[i].states[s].windows);
        }
}

TEST_CASE("all windows of a page keep their data") {
    const auto target = target_or_skip();
    Test test = make_test(target->probe(), 0, 0, {kNop});
    State& state = test.states[0];
    state.windows.clear();
    for (unsigned i = 0; i < kMaxWindows; ++i) {
        Window window;
        window.pa = ARENA_PA + i * 512;
        window.data.fill(static_cast<std::uint8_t>(i + 1));
        state.windows.push_back(window);
    }
    const Outcome outcome = run_one(*target, test);
    REQUIRE(outcome.status == Status::completed);
    CHECK(outcome.windows == state.windows);
}

TEST_CASE("tag loads and stores act on the window's tags") {
    const auto target = target_or_skip();
    const Profile& profile = target->probe();
    REQUIRE_MTE(profile);
    const Level level = any_level();
    Test test = make_test(profile, level.el, level.spsel, {kLdgX7X3, kStgX3X3});
    test.states[0].windows[0].tags = 0xfedcba9876543210;
    test.states[0].x[3] = tagged(ARENA_VA + 0x10, 12);
    const Outcome outcome = run_one(*target, test);
    REQUIRE(outcome.status == Status::completed);
    CHECK(outcome.x[7] == tagged(test.states[0].x[7], 1));
    CHECK(outcome.windows[0].tags == 0xfedcba98765432c0);
}

TEST_CASE("pages have the attributes of the arena") {
    const auto target = target_or_skip();
    const Profile& profile = target->probe();
    const Level level = any_level();
    std::vector<Test> tests;
    struct Expected {
        bool mapped;
        bool writable;
    };
    std::vector<Expected> expected;
#define PAGE(page, attribute, ap, is_mapped)                                                                           \
    {                                                                                                                  \
        Test test = make_test(profile, level.el, level.spsel, {kStrX0X3});                                             \
        test.states[0].windows[0].pa = ARENA_PA + page * ARENA_PAGE_BYTES;                                             \
        test.states[0].x[3] = tagged(ARENA_VA + page * ARENA_PAGE_BYTES, 5);                                           \
        tests.push_back(test);                                                                                         \
        expected.push_back({is_mapped != 0, ap == ARENA_AP_RW || (ap == ARENA_AP_PRIV_RW && level.el != 0)});          \
    }
    ARENA_PAGE_TABLE(PAGE)
#undef PAGE
    const auto outcomes = run_all(*target, tests);
    for (std::size_t page = 0; page < tests.size(); ++page) {
        INFO("page " << page);
        const Outcome& outcome = outcomes[page][0];
        if (expected[page].mapped && expected[page].writable) {
            CHECK(outcome.status == Status::completed);
            continue;
        }
        REQUIRE(outcome.status == Status::exception);
        // DFSC: permission or translation fault of level 3
        CHECK((outcome.exception.esr & 0x3f) == (expected[page].mapped ? 0xf : 0x7));
        CHECK(outcome.windows == tests[page].states[0].windows);
    }
}

TEST_CASE("the other views show the same memory at every level") {
    const auto target = target_or_skip();
    const Level level = any_level();
    const std::uint64_t view = GENERATE(ARENA_TAGGED_VA, ARENA_UNTAGGED_VA);
    Test test = make_test(target->probe(), level.el, level.spsel, {kStrX0X3});
    test.states[0].windows[0].pa = ARENA_PA + 15 * ARENA_PAGE_BYTES;
    test.states[0].x[3] = tagged(view + 15 * ARENA_PAGE_BYTES, 5);
    const Outcome outcome = run_one(*target, test);
    REQUIRE(outcome.status == Status::completed);
    CHECK(outcome.windows[0].data[1] == 0x10);
}

TEST_CASE("code may be in the upper half, and addresses in it are as the sequence has them") {
    const auto target = target_or_skip();
    const unsigned el = GENERATE(0u, 1u);
    Test test = make_test(target->probe(), el, el, {kNop, kUdf});
    test.sequence.pc = ARENA_UPPER_HALF | (ARENA_CODE_VA + 0x12340);
    const Outcome outcome = run_one(*target, test);
    REQUIRE(outcome.status == Status::exception);
    CHECK(outcome.exception.esr == 0x02000000);
    CHECK(outcome.exception.elr == test.sequence.pc + 4);
    test.sequence.code = {kNop};
    CHECK(run_one(*target, test).pc == test.sequence.pc + 4);
}

TEST_CASE("a branch into the void is an instruction abort there") {
    const auto target = target_or_skip();
    const Level level = any_level();
    Test test = make_test(target->probe(), level.el, level.spsel, {kBrX3});
    test.states[0].x[3] = ARENA_VA + 9 * ARENA_PAGE_BYTES;
    const Outcome outcome = run_one(*target, test);
    REQUIRE(outcome.status == Status::exception);
    CHECK(outcome.exception.esr == ((level.el == 0 ? 0x82000000 : 0x86000000) | 0x7));
    CHECK(outcome.exception.elr == test.states[0].x[3]);
    CHECK(outcome.exception.far == test.states[0].x[3]);
}

TEST_CASE("exception-generating instructions of a test are told from the end marker") {
    const auto target = target_or_skip();
    const auto [el, instruction, to_el, esr] =
        GENERATE(std::tuple(0u, svc(1), 1u, 0x56000001u), std::tuple(1u, svc(0x100), 1u, 0x56000100u),
                 std::tuple(1u, hvc(2), 2u, 0x5a000002u), std::tuple(1u, smc(0x103), 3u, 0x5e000103u),
                 std::tuple(2u, hvc(3), 2u, 0x5a000003u), std::tuple(2u, smc(1), 3u, 0x5e000001u),
                 std::tuple(3u, svc(4), 3u, 0x56000004u), std::tuple(3u, smc(1), 3u, 0x5e000001u));
    Test test = make_test(target->probe(), el, el != 0 && el != 3, {kNop, instruction});
    const Outcome outcome = run_one(*target, test);
    REQUIRE(outcome.status == Status::exception);
    CHECK(outcome.exception.to_el == to_el);
    CHECK(outcome.exception.esr == esr);
    CHECK(outcome.exception.elr == test.sequence.pc + 8);
}

TEST_CASE("the EL2&0 regime has two ranges and an EL0") {
    const auto target = target_or_skip();
    const Profile& profile = target->probe();
    REQUIRE_MTE(profile);
    const unsigned el = GENERATE(0u, 2u);
    const std::uint64_t half = GENERATE(std::uint64_t{0}, ARENA_UPPER_HALF);
    Test test = make_test(profile, el, el != 0, {kStrX0X3});
    make_host(test);
    test.states[0].x[3] = tagged(half | ARENA_VA, 5);
    CHECK(run_one(*target, test).status == Status::completed);
    test.states[0].x[3] = tagged(half | ARENA_VA, 4);
    const Outcome outcome = run_one(*target, test);
    REQUIRE(outcome.status == Status::exception);
    CHECK(outcome.exception.to_el == 2);
    CHECK(outcome.exception.esr == ((el == 0 ? kDataAbortLower : kDataAbortSame) | kTagCheckFault | kWnR));
    test.sequence.configuration.sctlr[2] =
        (test.sequence.configuration.sctlr[2] & ~(bit(40) | bit(38))) | bit(41) | bit(39);
    const Outcome accumulated = run_one(*target, test);
    REQUIRE(accumulated.status == Status::completed);
    CHECK(tfsr_of(accumulated, el) == (half == 0 ? 1 : 2));
}

TEST_CASE("Secure EL0 and EL1 run with and without Secure EL2") {
    const auto target = target_or_skip();
    const Profile& profile = target->probe();
    REQUIRE_MTE(profile);
    const unsigned el = GENERATE(0u, 1u, 2u);
    const bool el2 = GENERATE(false, true);
    Test test = make_test(profile, el, el != 0, {kLdrX5X6});
    test.sequence.configuration.scr_el3 &= ~kScrNs;
    if (el2) test.sequence.configuration.scr_el3 |= kScrEel2;
    test.states[0].x[6] = tagged(ARENA_VA, 5);
    const Outcome right = run_one(*target, test);
    if (el == 2 && !el2) {
        CHECK(right.status == Status::unsupported);
        return;
    }
    REQUIRE(right.status == Status::completed);
    CHECK(right.x[5] == 0x0706050403020100);
    test.states[0].x[6] = tagged(ARENA_VA, 6);
    CHECK(run_one(*target, test).exception.to_el == taking_el(el));
}

TEST_CASE("access to allocation tags is controlled by the configuration") {
    const auto target = target_or_skip();
    const Profile& profile = target->probe();
    REQUIRE_MTE(profile);
    const Level level = any_level();
    Test test = make_test(profile, level.el, level.spsel, {kLdgX7X3});
    test.states[0].x[3] = tagged(ARENA_VA, 9);
    Configuration& c = test.sequence.configuration;
    const Configuration all = c;
    c.sctlr[taking_el(level.el)] &= ~(level.el == 0 ? bit(42) : bit(43));
    const auto tag = [](const Outcome& outcome) { return outcome.x[7] >> 56 & 0xf; };
    CHECK(tag(run_one(*target, test)) == 0);
    c = all;
    if (level.el != 3) {
        c.scr_el3 &= ~kScrAta;
        CHECK(tag(run_one(*target, test)) == 0);
        c = all;
    }
    if (level.el <= 1) {
        c.hcr_el2 &= ~kHcrAta;
        CHECK(tag(run_one(*target, test)) == 0);
        c = all;
    }
    CHECK(tag(run_one(*target, test)) == 5);
}

TEST_CASE("configurations alternate within a batch without leaking into each other") {
    const auto target = target_or_skip();
    const Profile& profile = target->probe();
    REQUIRE_MTE(profile);
    std::vector<Test> tests;
    for (unsigned i = 0; i < 400; ++i) {
        const Level level = kLevels[i * 7 % 6];
        Test test = make_test(profile, level.el, level.spsel, {kStrX0X3});
        set_tcf(test, i / 3 % 3);
        if (i % 5 == 0 && level.el != 3) {
            if (level.el != 1) make_host(test);
            set_tcf(test, i / 3 % 3);
            if (level.el == 0) {
                Configuration& c = test.sequence.configuration;
                c.sctlr[2] = c.sctlr[1];
            }
        }
        test.states[0].x[3] = tagged(ARENA_VA, 6);
        tests.push_back(test);
    }
    const auto outcomes = run_all(*target, tests);
    for (unsigned i = 0; i < 400; ++i) {
        INFO("test " << i);
        const unsigned mode = i / 3 % 3;
        const Outcome& outcome = outcomes[i][0];
        CHECK(outcome.status == (mode == kSynchronous ? Status::exception : Status::completed));
        CHECK(tfsr_of(outcome, tests[i].sequence.configuration.el) == (mode == kAsynchronous ? 1 : 0));
    }
}

TEST_CASE("SIMD&FP registers are installed and come back for states that use them") {
    const auto target = target_or_skip();
    const Level level = any_level();
    Test test = make_test(target->probe(), level.el, level.spsel, {kLdrQ31X3, kStrQ30X3});
    repeat_state(test, 3);
    for (const std::size_t i : {0u, 2u}) {
        State& state = test.states[i];
        for (std::uint64_t n = 0; n < 32; ++n) state.v.push_back({.low = 0x1000 * i + n, .high = ~n});
    }
    for (State& state : test.states) state.x[3] = tagged(ARENA_VA + 16, 5);
    const auto outcomes = run_all(*target, {test}).at(0);
    for (const std::size_t i : {0u, 2u}) {
        REQUIRE(outcomes[i].status == Status::completed);
        std::vector<Vector128> expected = test.states[i].v;
        expected[31] = {.low = 0x1716151413121110, .high = 0x1f1e1d1c1b1a1918};
        CHECK(outcomes[i].v == expected);
        CHECK(outcomes[i].windows[0].data[16] == 30);
        CHECK(outcomes[i].windows[0].data[24] == 0xe1);
    }
    CHECK(outcomes[1].status == Status::completed);
    CHECK(outcomes[1].v.empty());
}

TEST_CASE("SIMD&FP can be trapped") {
    const auto target = target_or_skip();
    const unsigned el = GENERATE(0u, 1u);
    Test test = make_test(target->probe(), el, el, {kLdrQ31X3});
    test.sequence.configuration.cpacr_el1 = 0;
    const Outcome outcome = run_one(*target, test);
    REQUIRE(outcome.status == Status::exception);
    CHECK(outcome.exception.esr >> 26 == 0x07);
}

TEST_CASE("unsupported states and sequences do not disturb the others") {
    const auto target = target_or_skip();
    const Profile& profile = target->probe();
    Test good = make_test(profile, 1, 1, {kAddX0X1X2});
    repeat_state(good, 3);
    good.states[1].windows[0].pa = 0;
    Test bad = make_test(profile, 1, 1, {kAddX0X1X2});
    bad.sequence.configuration.sctlr[1] = 0;
    const auto outcomes = run_all(*target, {bad, good, bad});
    CHECK(outcomes[0][0].status == Status::unsupported);
    CHECK(outcomes[0][0].note.find("SCTLR_EL1") != std::string::npos);
    CHECK(outcomes[1][0].status == Status::completed);
    CHECK(outcomes[1][1].status == Status::unsupported);
    CHECK(outcomes[1][2].status == Status::completed);
    CHECK(outcomes[2][0].status == Status::unsupported);
    CHECK(run_all(*target, {}).empty());
    CHECK(run_all(*target, {bad})[0][0].status == Status::unsupported);
}

TEST_CASE("code returns from an exception, and is followed wherever it goes on") {
    const auto target = target_or_skip();
    const Profile& profile = target->probe();
    REQUIRE_MTE(profile);
    const unsigned el = GENERATE(1U, 2U);
    const unsigned mode = GENERATE(0b0000U, 0b0100U, 0b0101U, 0b1000U, 0b1001U);
    const std::uint64_t tco = GENERATE(std::uint64_t{0}, kTco);
    if (mode >> 2 > el) return;
    Test test = make_test(profile, el, 1, {kMovSpX3, kEret, kAddX0X1X2});
    Configuration& c = test.sequence.configuration;
    c.tco = tco == 0 ? 1 : 0;
    c.elr[el] = test.sequence.pc + 8;
    c.spsr[el] = tco | bit(29) | kDaif | mode;
    repeat_state(test, 3); // the exception that ends a run overwrites both registers
    const auto outcomes = run_all(*target, {test});
    for (const Outcome& outcome : outcomes.front()) {
        REQUIRE(outcome.status == Status::completed);
        CHECK(outcome.pc == test.sequence.pc + 12);
        CHECK(outcome.pstate == (tco | bit(29) | mode));
        CHECK(outcome.x[0] == outcome.x[1] + outcome.x[2]);
        CHECK(outcome.sp[el] == test.states[0].x[3]);
    }
}

TEST_CASE("an illegal exception return is caught at the next instruction") {
    const auto target = target_or_skip();
    const unsigned el = GENERATE(1U, 2U);
    const bool at_end = GENERATE(false, true);
    Test test = make_test(target->probe(), el, 1, {kEret});
    if (!at_end) test.sequence.code.push_back(kNop);
    test.sequence.configuration.elr[el] = test.sequence.pc + 4;
    test.sequence.configuration.spsr[el] = bit(31) | kDaif | 0b1101;
    const Outcome outcome = run_one(*target, test);
    REQUIRE(outcome.status == Status::exception);
    CHECK(outcome.exception.to_el == el);
    CHECK(outcome.exception.esr >> 26 == 0x0e);
    CHECK(outcome.exception.elr == test.sequence.pc + 4);
    CHECK((outcome.exception.spsr & 0xf01003cf) == (bit(31) | bit(20) | kDaif | el << 2 | 1));
}

TEST_CASE("exception return at EL3 is the monitor's own") {
    const auto target = target_or_skip();
    Test test = make_test(target->probe(), 3, 0, {kEret});
    CHECK(run_one(*target, test).status == Status::unsupported);
}
