// SPDX-License-Identifier: Apache-2.0
// A kernel with the agent as init. MTECHECK_TEST_KERNEL is a target such as linux:/boot/vmlinuz-arm64,qemu=10.0.
#include <catch2/catch_test_macros.hpp>
#include <cstdlib>
#include <cstring>
#include <string>

#include "difftest/core/error.h"
#include "difftest/linux/kernel_target.h"
#include "tests/difftest/linux/samples.h"

using namespace mtecheck::difftest;
using namespace mtecheck::difftest::linux_tests;
using namespace mtecheck::difftest::linux_signal;

TEST_CASE("the initial RAM disk has one program") {
    const std::vector<std::uint8_t> program{1, 2, 3, 4, 5};
    const std::vector<std::uint8_t> disk = initial_ram_disk(program);
    const std::string text(disk.begin(), disk.end());
    REQUIRE(text.starts_with("070701"));
    CHECK(text.substr(14, 8) == "000081ed"); // a regular file, rwxr-xr-x
    CHECK(text.substr(54, 8) == "00000005");
    CHECK(text.substr(110, 5) == std::string("init\0", 5));
    CHECK(text.substr(116, 5) == std::string("\1\2\3\4\5"));
    CHECK(text.find("TRAILER!!!") != std::string::npos);
    CHECK(disk.size() % 4 == 0);
}

TEST_CASE("a kernel is named by its file") {
    CHECK_THROWS_AS(make_kernel_target("linux"), InputError);
    CHECK_THROWS_AS(make_kernel_target("linux:/no/such/kernel"), TargetError);
    CHECK_THROWS_AS(make_kernel_target("linux:/dev/null,speed=3"), InputError);
    CHECK_THROWS_AS(make_kernel_target("linux:/dev/null,timeout=soon"), InputError);
}

TEST_CASE("a real kernel tells a process of tag check faults") {
    const char* const name = std::getenv("MTECHECK_TEST_KERNEL");
    if (name == nullptr) SKIP("MTECHECK_TEST_KERNEL names no target");
    const auto target = make_kernel_target(name);
    const Profile& profile = target->probe();
    CHECK(profile.process);
    REQUIRE(profile.mte >= 2);
    const std::vector<Test> tests{make_test(profile, TagCheckMode::sync, {movz(9, 1), kLdrX5X4}),
                                  make_test(profile, TagCheckMode::async, {kLdrX5X4, movz(9, 2)}),
                                  make_test(profile, TagCheckMode::sync, {kUdf})};
    std::vector<std::vector<Outcome>> outcomes;
    target->run(tests, outcomes);
    CHECK(outcomes[0][0].signal == SignalRecord{kSigsegv, kTagCheck, ARENA_VA + 16});
    CHECK(outcomes[0][0].pc == ARENA_CODE_VA + 4);
    CHECK(outcomes[1][0].status == Status::completed);
    CHECK(outcomes[1][0].tfsre0_el1 == 1);
    CHECK(outcomes[2][0].signal.code == kIllegalOpcode);
}
