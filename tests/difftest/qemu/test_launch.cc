// SPDX-License-Identifier: Apache-2.0
// From the user's words to a command line, and clear words back if that fails.
#include <algorithm>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "difftest/core/error.h"
#include "tests/difftest/qemu/qemu_fixture.h"

using namespace mtecheck::difftest;
using namespace mtecheck::difftest::qemu_tests;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::MessageMatches;

TEST_CASE("a spec names a program and options") {
    const QemuOptions plain = parse_qemu_options("qemu-system:/bin/true");
    CHECK(plain.program == "/bin/true");
    CHECK(plain.cpu == "max");
    CHECK(plain.mte);
    const QemuOptions full = parse_qemu_options("qemu-system:/bin/true,cpu=neoverse-n2,mte=off,timeout=0.5");
    CHECK(full.program == "/bin/true");
    CHECK(full.cpu == "neoverse-n2");
    CHECK_FALSE(full.mte);
    CHECK(full.case_seconds == 0.5);
    CHECK(full.spec == "qemu-system:/bin/true,cpu=neoverse-n2,mte=off,timeout=0.5");
}

TEST_CASE("a spec passes properties of the CPU and of the machine on") {
    const QemuOptions options =
        parse_qemu_options("qemu-system:/bin/true,cpu.pauth=off,machine.gic-version=3,cpu=max,cpu.sve=on");
    CHECK(options.cpu == "max");
    CHECK(options.cpu_properties == ",pauth=off,sve=on");
    CHECK(options.machine_properties == ",gic-version=3");
}

TEST_CASE("a malformed spec is the user's mistake, and named") {
    for (const char* spec : {"qemu", "qemu-systems", "qemu-system:", "qemu-system:/bin/true,",
                             "qemu-system,cpu=", "qemu-system,mte=maybe", "qemu-system,cpu.=on",
                             "qemu-system,cpu.pauth=", "qemu-system,machine.secure=off", "qemu-system,machine.mte=off",
                             "qemu-system,timeout=-1", "qemu-system,timeout=soon", "qemu-system,color=red"}) {
        INFO(spec);
        CHECK_THROWS_AS(parse_qemu_options(spec), InputError);
    }
}

TEST_CASE("a QEMU that is not there is tool trouble with a mend") {
    CHECK_THROWS_MATCHES(parse_qemu_options("qemu-system:/nowhere/qemu"), TargetError,
                         MessageMatches(ContainsSubstring("/nowhere/qemu")));
    CHECK_THROWS_MATCHES(parse_qemu_options("qemu-system:0.1"), TargetError,
                         MessageMatches(ContainsSubstring("targets install qemu-system:0.1")));
}

TEST_CASE("a program that is not QEMU is recognised") {
    CHECK_THROWS_AS(qemu_version("/bin/false"), TargetError);
    CHECK_THROWS_AS(qemu_version("/bin/true"), TargetError);
}

TEST_CASE("properties that a release does not know are not given to it") {
    QemuOptions options;
    options.program = "qemu";
    const auto has = [&](const char* version, const std::string& word) {
        const std::vector<std::string> command = qemu_command(options, version, "/memory");
        return std::any_of(command.begin(), command.end(),
                           [&](const std::string& argument) { return argument.find(word) != std::string::npos; });
    };
    CHECK_FALSE(has("QEMU emulator version 5.2.0", "sme=off"));
    CHECK(has("QEMU emulator version 7.2.22 (Debian)", "sme=off"));
    CHECK(has("QEMU emulator version 10.0.2", "sme=off"));
    CHECK(has("QEMU emulator version 10.0.2", "mte=on"));
    options.cpu_properties = ",pauth=off";
    options.machine_properties = ",gic-version=3";
    CHECK(has("QEMU emulator version 10.0.2", "sme=off,pauth=off"));
    CHECK(has("QEMU emulator version 10.0.2", "mte=on,gic-version=3"));
    options.mte = false;
    options.cpu = "cortex-a710";
    CHECK_FALSE(has("QEMU emulator version 10.0.2", "sme=off"));
    CHECK(has("QEMU emulator version 10.0.2", "mte=off"));
}
