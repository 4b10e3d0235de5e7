// SPDX-License-Identifier: Apache-2.0
// A kernel with the agent as init: those of mtecheck targets install linux:..., in the QEMU of the same time.
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "difftest/core/cache_directory.h"
#include "difftest/core/error.h"
#include "difftest/core/json_reader.h"
#include "difftest/linux/kernel_target.h"
#include "difftest/linux/ram_disk.h"
#include "tests/difftest/linux/samples.h"
#include "tests/difftest/scratch.h"

using namespace mtecheck::difftest;
using namespace mtecheck::difftest::linux_tests;
using namespace mtecheck::difftest::linux_signal;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::MessageMatches;

TEST_CASE("the initial RAM disk has one program, and modules in order") {
    const std::vector<std::uint8_t> program{1, 2, 3, 4, 5};
    const std::vector<std::uint8_t> disk = initial_ram_disk(program, std::vector<std::string>{"first", "second"});
    const std::string text(disk.begin(), disk.end());
    REQUIRE(text.starts_with("070701"));
    CHECK(text.substr(14, 8) == "000081ed"); // a regular file, rwxr-xr-x
    CHECK(text.substr(54, 8) == "00000005");
    CHECK(text.substr(110, 5) == std::string("init\0", 5));
    CHECK(text.substr(116, 5) == std::string("\1\2\3\4\5"));
    const std::size_t first = text.find("module-a");
    const std::size_t second = text.find("module-b");
    REQUIRE(first < second);
    CHECK(text.substr(first + 10, 5) == "first"); // 110 + 9 bytes up to the name's end, padded to a multiple of 4
    CHECK(text.find("second") > second);
    CHECK(text.find("TRAILER!!!") < text.size());
    CHECK(disk.size() % 4 == 0);
}

TEST_CASE("a kernel is named by its version or its file") {
    CHECK_THROWS_AS(make_kernel_target("linux"), InputError);
    CHECK_THROWS_AS(make_kernel_target("linux:,qemu=10.0"), InputError);
    CHECK_THROWS_AS(make_kernel_target("linux:/no/such/kernel"), TargetError);
    CHECK_THROWS_MATCHES(make_kernel_target("linux:2.4"), TargetError,
                         MessageMatches(ContainsSubstring("mtecheck targets install linux:2.4")));
    CHECK_THROWS_AS(make_kernel_target("linux:/dev/null,speed=3"), InputError);
    CHECK_THROWS_AS(make_kernel_target("linux:/dev/null,timeout=soon"), InputError);
}

namespace {

/// What the tests of real kernels run on, or nothing with the reason.
std::unique_ptr<Target> kernel_or_skip(const std::string& name) {
    try {
        return make_kernel_target(name);
    } catch (const TargetError& error) {
        SKIP(error.what());
    }
    return nullptr;
}

std::string kernel_of_test() {
    return GENERATE(as<std::string>(), "linux:6.1,qemu=10.0", "linux:6.12,qemu=10.0", "linux:7,qemu=11.1");
}

/// A cache of the test's own, with everything that is installed in that of the user's.
struct OwnCache {
    OwnCache() : installed(*cache_directory() / "targets"), place(scratch_directory("kernel-cache")) {
        const char* const old = std::getenv("XDG_CACHE_HOME");
        if (old != nullptr) old_place = old;
        std::filesystem::create_directories(place / "mtecheck");
        std::filesystem::create_directory_symlink(installed, place / "mtecheck/targets");
        ::setenv("XDG_CACHE_HOME", place.c_str(), 1);
    }
    ~OwnCache() {
        if (old_place.empty()) {
            ::unsetenv("XDG_CACHE_HOME");
        } else {
            ::setenv("XDG_CACHE_HOME", old_place.c_str(), 1);
        }
    }
    OwnCache(const OwnCache&) = delete;
    OwnCache& operator=(const OwnCache&) = delete;

    /// The only snapshot.
    std::filesystem::path snapshot() const {
        for (const auto& entry : std::filesystem::directory_iterator(place / "mtecheck/snapshots")) {
            if (entry.is_directory()) return entry.path();
        }
        FAIL("there is no snapshot");
        return {};
    }

    std::filesystem::path installed, place;
    std::string old_place;
};

std::string manifest(const OwnCache& cache) { return read_file(cache.snapshot() / "snapshot.json"); }

} // namespace

TEST_CASE("a real kernel tells a process of tag check faults", "[slow]") {
    const auto target = kernel_or_skip(kernel_of_test());
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

TEST_CASE("a snapshot serves again, and one that is stale or damaged is made anew", "[slow]") {
    const std::string name = "linux:6.12,qemu=10.0";
    kernel_or_skip(name);
    const OwnCache cache;
    const Profile first = make_kernel_target(name)->probe();
    const std::string made = manifest(cache);
    CHECK(make_kernel_target(name)->probe().registers == first.registers);
    CHECK(manifest(cache) == made);

    const auto state = [&] { return cache.snapshot() / "state"; };
    const auto description = [&] { return cache.snapshot() / "snapshot.json"; };
    const auto damage = [&] {
        std::fstream file(state(), std::ios::in | std::ios::out | std::ios::binary);
        file.seekp(1000);
        file << std::string(20000, 'x');
    };
    const std::vector<std::pair<std::string, std::function<void()>>> accidents{
        {"somebody wrote to it", damage},
        {"it is damaged, and nothing tells from outside",
         [&] {
             const auto written = std::filesystem::last_write_time(state());
             damage();
             std::filesystem::last_write_time(state(), written);
         }},
        {"it was made of something else",
         [&] {
             std::string text = manifest(cache);
             text.replace(text.find("QEMU emulator"), 4, "Qemu");
             std::ofstream(description()) << text;
         }},
        {"its description is cut off", [&] { std::filesystem::resize_file(description(), 40); }}};
    for (const auto& [what, happen] : accidents) {
        INFO(what);
        const std::string before = manifest(cache);
        happen();
        CHECK(make_kernel_target(name)->probe().registers == first.registers);
        CHECK(manifest(cache) != before);
    }
}

TEST_CASE("several that start at once make one snapshot", "[slow]") {
    const std::string name = "linux:6.12,qemu=10.0";
    kernel_or_skip(name);
    const OwnCache cache;
    std::vector<std::string> manifests(3);
    std::vector<std::thread> threads;
    for (std::string& one : manifests) {
        threads.emplace_back([&] {
            make_kernel_target(name)->probe();
            one = manifest(cache);
        });
    }
    for (std::thread& thread : threads) thread.join();
    CHECK(manifests[0] == manifests[1]);
    CHECK(manifests[0] == manifests[2]);
    CHECK_FALSE(std::filesystem::exists(cache.snapshot().string() + ".part"));
}

TEST_CASE("a guest that hangs is started again from its snapshot", "[slow]") {
    const auto target = kernel_or_skip("linux:6.12,qemu=10.0,timeout=2");
    const Profile& profile = target->probe();
    const std::vector<Test> tests{make_test(profile, TagCheckMode::sync, {kBranchToItself}),
                                  make_test(profile, TagCheckMode::sync, {movz(9, 1)})};
    std::vector<std::vector<Outcome>> outcomes;
    target->run(tests, outcomes);
    CHECK(outcomes[0][0].status == Status::runaway);
    CHECK(outcomes[1][0].status == Status::completed);
}
