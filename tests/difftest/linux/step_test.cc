// SPDX-License-Identifier: Apache-2.0
//
// The agent's recorder in a guest: what it writes is a trace that the model agrees with.
#include <array>
#include <chrono>
#include <filesystem>
#include <memory>
#include <string>

#include <catch2/catch_test_macros.hpp>

#include <poll.h>
#include <unistd.h>

#include "difftest/core/cache_directory.h"
#include "difftest/core/error.h"
#include "difftest/core/json_reader.h"
#include "difftest/linux/agent_image.h"
#include "difftest/linux/guest_machine.h"
#include "difftest/linux/ram_disk.h"
#include "difftest/qemu/launch.h"
#include "difftest/trace/json_lines.h"
#include "difftest/trace/report.h"

namespace mtecheck::difftest {
namespace {

constexpr auto kLongest = std::chrono::minutes(5);

QemuOptions qemu_or_skip() {
    try {
        return parse_qemu_options("qemu-system:10.0");
    } catch (const TargetError& error) {
        SKIP(error.what());
    }
    return {};
}

std::string bytes_of(std::span<const std::uint8_t> bytes) { return {bytes.begin(), bytes.end()}; }

/// What comes through the port until the guest ends.
std::string run(const GuestMachine& machine) {
    const std::unique_ptr<CommandPipe> pipe = boot(machine);
    const auto end = std::chrono::steady_clock::now() + kLongest;
    std::string text;
    while (std::chrono::steady_clock::now() < end) {
        std::array<char, 4096> part{};
        pollfd request{.fd = pipe->from(), .events = POLLIN, .revents = 0};
        ::poll(&request, 1, 1000);
        const ssize_t count = ::read(pipe->from(), part.data(), part.size());
        if (count == 0) return text;
        if (count > 0) text.append(part.data(), static_cast<std::size_t>(count));
    }
    FAIL("the guest does not end");
    return text;
}

TEST_CASE("a program that is stepped through in a guest becomes a trace that agrees", "[slow]") {
    const QemuOptions qemu = qemu_or_skip();
    const auto place = installation_directory("linux:6.12");
    if (!place || !std::filesystem::exists(*place / "kernel")) SKIP("mtecheck targets install linux:6.12");
    const std::string program = read_file(MTECHECK_STEP_GUEST);
    const std::array<std::string, 1> files{bytes_of(agent_image())};
    const std::string version = qemu_version(qemu.program);
    const std::string text = run(
        {.program = qemu.program,
         .version = version,
         .cpu = cpu_of(qemu, version) + ",pauth-impdef=on",
         .kernel = *place / "kernel",
         .ram_disk = initial_ram_disk({reinterpret_cast<const std::uint8_t*>(program.data()), program.size()}, files)});
    INFO(text);

    JsonLinesReader reader(std::make_unique<LineReader>("the trace", text));
    const TraceHeader& header = reader.header();
    REQUIRE(header.features);
    CHECK(header.complete);
    CHECK(header.only_user);
    const TraceResult result = judge_trace(
        reader, {.features = *header.features, .complete = true, .only_user = true, .registers = header.registers});
    CHECK(reader.skipped() == 0);
    CHECK(result.instructions == 9);
    CHECK(result.judged.agreed == 7); // all but MOV and SVC: IRG, STG, STR, LDG, LDR, ADDG, and LDR with a fault
    CHECK(result.judged.diverged == 0);
    CHECK(result.judged.unknown == 0);
    CHECK(result.tags_stored == 1);
    CHECK(result.tags_learnt == 0);
    CHECK(text.find(R"("exception":"synchronous")") != std::string::npos);
}

} // namespace
} // namespace mtecheck::difftest
