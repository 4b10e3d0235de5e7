// SPDX-License-Identifier: Apache-2.0
//
// Snapshots that cannot be made. Those of real guests: kernel_test.cc.
#include "difftest/linux/snapshot.h"

#include <csignal>
#include <filesystem>
#include <fstream>
#include <string>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <sys/resource.h>

#include "difftest/core/error.h"
#include "difftest/core/json_reader.h"
#include "tests/difftest/scratch.h"

namespace mtecheck::difftest {
namespace {

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::MessageMatches;

TEST_CASE("a guest that does not come up is booted once for a snapshot, and leaves nothing behind") {
    const std::filesystem::path place = scratch_directory("no-snapshot");
    const std::filesystem::path qemu = place / "qemu";
    std::ofstream(qemu) << "#!/bin/sh\necho boot >> " << (place / "boots").string() << "\nexit 1\n";
    std::filesystem::permissions(qemu, std::filesystem::perms(0755));
    std::ofstream(place / "kernel") << "none";
    const GuestSnapshots snapshots({.program = qemu.string(),
                                    .version = "QEMU emulator version 10.0.0",
                                    .cpu = "max",
                                    .kernel = place / "kernel",
                                    .ram_disk = {}},
                                   place / "cache", "linux:none", 1);
    CHECK_THROWS_MATCHES(snapshots.start(), TargetError, MessageMatches(ContainsSubstring("no agent answers")));
    CHECK(read_file((place / "boots").string()) == "boot\n");
    for (const auto& entry : std::filesystem::directory_iterator(place / "cache/snapshots"))
        CHECK(entry.path().extension() == ".lock");

    // A limit of the size of files is like a full disk.
    rlimit old{};
    REQUIRE(::getrlimit(RLIMIT_FSIZE, &old) == 0);
    const rlimit small{.rlim_cur = 1 << 20, .rlim_max = old.rlim_max};
    auto* const handler = std::signal(SIGXFSZ, SIG_IGN);
    REQUIRE(::setrlimit(RLIMIT_FSIZE, &small) == 0);
    CHECK_THROWS_MATCHES(snapshots.start(), ToolError,
                         MessageMatches(ContainsSubstring("cannot reserve") && ContainsSubstring("snapshot=off")));
    ::setrlimit(RLIMIT_FSIZE, &old);
    std::signal(SIGXFSZ, handler);
    CHECK(read_file((place / "boots").string()) == "boot\n");
    for (const auto& entry : std::filesystem::directory_iterator(place / "cache/snapshots"))
        CHECK(entry.path().extension() == ".lock");
}

} // namespace
} // namespace mtecheck::difftest
