// SPDX-License-Identifier: Apache-2.0
#include "tests/difftest/qemu/qemu_fixture.h"

#include <cstdlib>

#include <unistd.h>

#include <catch2/catch_test_macros.hpp>

#include "difftest/core/error.h"
#include "tests/difftest/processes.h"

namespace mtecheck::difftest::qemu_tests {

QemuOptions options_or_skip() {
    const char* const wanted = std::getenv("MTECHECK_TEST_QEMU");
    QemuOptions options;
    try {
        options = parse_qemu_options(wanted == nullptr ? "qemu-system" : wanted);
    } catch (const TargetError& error) {
        SKIP(error.what());
    }
    return options;
}

std::unique_ptr<Target> target_or_skip() { return make_qemu_system_target(options_or_skip()); }

Test make_test(const Profile& profile, unsigned el, unsigned spsel, std::initializer_list<std::uint32_t> code) {
    Test test;
    Configuration& c = test.sequence.configuration;
    c.el = static_cast<std::uint8_t>(el);
    c.spsel = static_cast<std::uint8_t>(spsel);
    c.gmid_el1 = profile.gmid_el1;
    c.dczid_el0 = profile.dczid_el0;
    c.scr_el3 = kScrNs | bit(8) | kScrAta;
    c.hcr_el2 = kHcrAta;
    c.cpacr_el1 = bit(20) | bit(21);
    // M, C, ATA; SPAN, ATA0, DZE, UCT and UCI with an EL0.
    c.sctlr = {0, bit(0) | bit(2) | bit(43) | bit(42) | bit(23) | bit(14) | bit(15) | bit(26),
               bit(0) | bit(2) | bit(43), bit(0) | bit(2) | bit(43)};
    c.tcr = {0, ARENA_TXSZ | ARENA_TXSZ << 16 | bit(37) | bit(38), ARENA_TXSZ | bit(20), ARENA_TXSZ | bit(20)};
    test.sequence.pc = ARENA_CODE_VA;
    for (const std::uint32_t instruction : code) test.sequence.code.push_back(instruction);
    set_tcf(test, kSynchronous);

    State state;
    for (unsigned n = 0; n < 31; ++n) state.x[n] = 0x1000 + n;
    Window window;
    window.pa = ARENA_PA;
    window.tags = 0x5555555555555555;
    for (unsigned i = 0; i < kWindowBytes; ++i) window.data[i] = static_cast<std::uint8_t>(i);
    state.windows.push_back(window);
    test.states.push_back(state);
    return test;
}

void repeat_state(Test& test, std::size_t count) { test.states.assign(count, State(test.states.at(0))); }

void set_tcf(Test& test, unsigned mode) {
    Configuration& c = test.sequence.configuration;
    const std::uint64_t wide = mode;
    for (unsigned el = 1; el <= 3; ++el)
        c.sctlr[el] = (c.sctlr[el] & ~(std::uint64_t{3} << kTcfShift)) | wide << kTcfShift;
    c.sctlr[1] = (c.sctlr[1] & ~(std::uint64_t{3} << kTcf0Shift)) | wide << kTcf0Shift;
}

std::vector<std::vector<Outcome>> run_all(Target& target, const std::vector<Test>& tests) {
    std::vector<std::vector<Outcome>> outcomes;
    target.run(tests, outcomes);
    REQUIRE(outcomes.size() == tests.size());
    return outcomes;
}

Outcome run_one(Target& target, const Test& test) {
    REQUIRE(test.states.size() == 1);
    return run_all(target, {test}).at(0).at(0);
}

std::vector<pid_t> children() { return children_of(::getpid()); }

} // namespace mtecheck::difftest::qemu_tests
