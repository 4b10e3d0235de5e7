// SPDX-License-Identifier: Apache-2.0
//
// What the plugin records of a real QEMU is a trace, and agrees with the model but for what is known to be wrong there.
// Versions of QEMU that are not installed are not tried.
#include <catch2/catch_test_macros.hpp>
#include <cstdlib>
#include <filesystem>

#include "difftest/core/cache_directory.h"
#include "difftest/trace/json_lines.h"
#include "difftest/trace/report.h"
#include "tests/difftest/scratch.h"
#include "tests/places.h"

namespace mtecheck::difftest {
namespace {

/// The trace of a program beside this file, with options of the recorder.
TraceResult recorded(const std::string& qemu, const std::string& interface, const std::string& program = "bare",
                     const std::string& options = "") {
    const auto trace = scratch_directory("recorder-" + interface) / "trace.jsonl";
    const std::string plugin = mtecheck::places::build() + "/mtecheck-recorder-" + interface + ".so";
    const std::string command = "timeout 60 " + qemu +
                                " -M virt,mte=on -cpu max -m 256 -nographic -nodefaults -kernel " +
                                MTECHECK_BARE_PROGRAMS + "/" + program + ".elf -plugin " + plugin +
                                ",out=" + trace.string() + options + " > /dev/null 2>&1";
    INFO(command);
    REQUIRE(std::system(command.c_str()) == 0);
    JsonLinesReader reader(std::make_unique<LineReader>(trace.string()));
    LockstepSettings settings;
    if (reader.header().features) settings.features = *reader.header().features;
    settings.complete = reader.header().complete;
    settings.registers = reader.header().registers;
    settings.registers.push_back({RegisterId::named("DCZID_EL0").value(), 4}); // which QEMU does not show
    const TraceResult result = judge_trace(reader, settings);
    CHECK(reader.skipped() == 0);
    return result;
}

/// The program of an installed QEMU; skips the test if it is not.
std::string installed_or_skip(const std::string& version) {
    const auto directory = installation_directory("qemu-system:" + version);
    const auto program = directory.value_or("") / "qemu-system-aarch64";
    if (!directory || !std::filesystem::exists(program))
        SKIP("not installed: mtecheck targets install qemu-system:" + version);
    return program.string();
}

/// That nearly all of this program agrees, recorded by a QEMU whose plugins tell physical addresses.
void check_with_physical_addresses(const std::string& program, std::uint64_t agreed) {
    const TraceResult result = recorded(installed_or_skip("11.1"), "7", program);
    CHECK(result.judged.diverged == 0);
    CHECK(result.judged.agreed > agreed);
    CHECK(result.judged.unknown < 5);
}

TEST_CASE("a trace that QEMU 10.0 recorded agrees") {
    const std::string qemu = installed_or_skip("10.0");
    const TraceResult result = recorded(qemu, "4");
    CHECK(result.judged.agreed > 11000);
    CHECK(result.judged.diverged == 0);
    CHECK(result.judged.unknown < 300);
}

TEST_CASE("a trace that QEMU 11.1 recorded diverges where its syndromes are known to be wrong") {
    const std::string qemu = installed_or_skip("11.1");
    const TraceResult result = recorded(qemu, "7");
    CHECK(result.judged.agreed > 11000);
    for (const TraceFinding& finding : result.findings) {
        REQUIRE(finding.differences.size() == 1);
        CHECK(finding.differences[0].what == "ESR_EL1"); // with its upper half sign-extended
        CHECK(finding.differences[0].got == "0xffffffff" + finding.differences[0].expected.substr(2));
    }
}

TEST_CASE("memory that is mapped twice has one set of tags, where the recorder can tell physical addresses") {
    check_with_physical_addresses("alias", 1000);
}

TEST_CASE("an access in two pages has the tags of both, where the recorder can tell physical addresses") {
    check_with_physical_addresses("crossing", 1600);
}

TEST_CASE("the recorder leaves out loads and stores, or what is elsewhere, if it is told to") {
    const std::string qemu = installed_or_skip("10.0");
    const TraceResult all = recorded(qemu, "4");
    const TraceResult tags = recorded(qemu, "4", "bare", ",accesses=off");
    CHECK(tags.judged.diverged == 0);
    CHECK(tags.instructions < all.instructions / 2);
    CHECK(tags.judged.agreed > 1000);
    const TraceResult some = recorded(qemu, "4", "bare", ",accesses=0x40200000-0x402000ff");
    CHECK(some.judged.diverged == 0);
    CHECK(some.instructions > tags.instructions);
    const TraceResult range = recorded(qemu, "4", "bare", ",from=0x40200000,to=0x402000ff");
    CHECK(range.instructions > 0);
    CHECK(range.instructions < all.instructions);
    CHECK(range.judged.diverged == 0);
}

TEST_CASE("of a QEMU whose plugins have no registers the order of instructions is recorded") {
    if (std::system("qemu-system-aarch64 --version 2>/dev/null | grep -q 'version [5-8]\\.'") != 0)
        SKIP("no QEMU of 5 to 8 on PATH");
    if (std::system("qemu-system-aarch64 -help | grep -q -- -plugin") != 0) SKIP("it is built without plugins");
    const TraceResult result = recorded("qemu-system-aarch64", "1");
    CHECK(result.instructions > 12000);
    CHECK(result.judged.agreed == 0);
    CHECK(result.judged.diverged == 0);
}

} // namespace
} // namespace mtecheck::difftest
