// SPDX-License-Identifier: Apache-2.0
//
// A campaign loses nothing and ends with the same report, whatever happens to its process on the way.
#include <sys/mount.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fstream>

#include "difftest/generate/random.h"
#include "tests/difftest/cli/campaign_process.h"
#include "tests/difftest/cli/child_process.h"
#include "tests/difftest/processes.h"
#include "tests/difftest/scratch.h"

namespace mtecheck::difftest {
namespace {

constexpr const char* kTarget = "model:tco_not_set_on_exception+stg_no_alignment_fault";
constexpr const char* kCases = "60000";

std::string undisturbed() {
    static const std::string report = [] {
        const auto directory = scratch_path("undisturbed");
        REQUIRE(mtecheck({"campaign", "--target", kTarget, "--cases", kCases, "--output", directory.string()}).status ==
                1);
        return report_of(directory);
    }();
    return report;
}

TEST_CASE("kill -9 at any moment, again and again", "[slow]") {
    const auto directory = scratch_path("killed");
    Random random(1, 0, 0);
    std::vector<std::string> arguments = {"campaign", "--target", kTarget,           "--cases",
                                          kCases,     "--output", directory.string()};
    for (int round = 0; round < 12; ++round) {
        ChildProcess child(arguments);
        pause(random.below(400));
        child.signal(SIGKILL);
        child.wait();
        if (std::filesystem::exists(directory / "campaign.json"))
            arguments = {"campaign", "--resume", directory.string()};
    }
    CHECK(mtecheck(arguments).status == 1);
    CHECK((report_of(directory) == undisturbed()));
}

TEST_CASE("Ctrl-C writes a checkpoint and says how to go on", "[slow]") {
    const auto directory = scratch_path("interrupted-process");
    ChildProcess child({"campaign", "--target", kTarget, "--cases", "100000000", "--output", directory.string()});
    while (!std::filesystem::exists(directory / "checkpoint.json")) pause(20);
    child.signal(SIGINT);
    const Ended ended = child.wait();
    CHECK(ended.status == 130);
    CHECK(ended.err.find("--resume " + directory.string()) != std::string::npos);
    ChildProcess resumed({"campaign", "--resume", directory.string()});
    pause(300);
    resumed.signal(SIGINT);
    CHECK(resumed.wait().status == 130);
}

TEST_CASE("a full disk is one clear line, and the campaign can go on", "[slow]") {
    const auto directory = scratch_path("full");
    // Findings still fit; the checkpoint does not.
    const Ended ended =
        ChildProcess({"campaign", "--target", kTarget, "--cases", kCases, "--output", directory.string()}, 12000)
            .wait();
    INFO(ended.err);
    CHECK(ended.status == 2);
    CHECK(ended.err.find("make room") != std::string::npos);
    CHECK(mtecheck({"campaign", "--resume", directory.string()}).status == 1);
    CHECK((report_of(directory) == undisturbed()));
}

/// A file system of its own with little room, for as long as it lives.
class SmallDisk {
  public:
    explicit SmallDisk(const std::filesystem::path& path, const std::string& size) : path_(path) {
        std::filesystem::create_directories(path_);
        if (::mount("mtecheck", path_.c_str(), "tmpfs", 0, ("size=" + size).c_str()) != 0) {
            SKIP("cannot mount a file system (" << std::strerror(errno) << "): run the test as root");
        }
    }
    ~SmallDisk() { ::umount2(path_.c_str(), MNT_DETACH); }
    SmallDisk(const SmallDisk&) = delete;
    SmallDisk& operator=(const SmallDisk&) = delete;

  private:
    std::filesystem::path path_;
};

void write_bytes(const std::filesystem::path& path, std::size_t size) {
    std::ofstream file(path, std::ios::binary);
    file << std::string(size, 'x');
}

TEST_CASE("a disk that is really full - at any moment - again and again", "[slow]") {
    const char* const target = "model:stg_no_alignment_fault"; // some 90 findings, 3 MB with the report
    const auto quiet = scratch_path("disk-undisturbed");
    REQUIRE(mtecheck({"campaign", "--target", target, "--cases", kCases, "--output", quiet}).status == 1);

    const auto place = scratch_directory("small-disk");
    const SmallDisk disk(place, "8m");
    const auto directory = place / "campaign";
    std::vector<std::string> arguments = {"campaign", "--target", target, "--cases", kCases, "--output", directory};
    // Less and less of the disk is taken by others: each time it gets full a little later.
    constexpr std::size_t kLess = std::size_t{350} << 10U;
    unsigned full = 0;
    for (std::size_t taken = (std::size_t{8} << 20U) - (std::size_t{32} << 10U); taken > kLess; taken -= kLess) {
        write_bytes(place / "ballast", taken);
        const Ended ended = mtecheck(arguments);
        INFO(ended.err);
        if (ended.status == 1) break;
        ++full;
        REQUIRE(ended.status == 2);
        CHECK(ended.err.find("make room") != std::string::npos);
        CHECK(std::count(ended.err.begin(), ended.err.end(), '\n') <= 3);
        std::filesystem::remove(place / "ballast");
        if (std::filesystem::exists(directory / "campaign.json")) arguments = {"campaign", "--resume", directory};
    }
    CHECK(full >= 3);
    CHECK((report_of(directory) == report_of(quiet)));
    CHECK((findings_of(directory) == findings_of(quiet)));
}

/// Runs a campaign; the most memory that it had resident.
double peak_memory(const std::string& target, const std::string& cases) {
    const auto directory = scratch_path("memory");
    ChildProcess child({"campaign", "--target", target, "--cases", cases, "--output", directory});
    double peak = 0;
    while (child.running()) {
        peak = std::max(peak, peak_memory_of(child.pid()));
        pause(10);
    }
    CHECK(child.wait().status == 1);
    std::filesystem::remove_all(directory); // as much as a hundred megabytes
    return peak;
}

TEST_CASE("the memory of a campaign is bounded however long it is", "[slow]") {
    constexpr const char* kFew = "model:stg_no_alignment_fault"; // some 90 findings, soon
    const double some = peak_memory(kFew, "500000");
    const double more = peak_memory(kFew, "2000000");
    const double many = peak_memory(kTarget, "250000"); // more than a thousand findings
    INFO("peaks of " << some << " and " << more << " MiB, with many findings of " << many);
    CHECK(more - some < 16);
    CHECK(more < 500);
    CHECK(many < 500);
}

TEST_CASE("two campaigns do not share a directory") {
    const auto directory = scratch_path("shared");
    ChildProcess child({"campaign", "--target", kTarget, "--cases", "100000000", "--output", directory.string()});
    while (!std::filesystem::exists(directory / "checkpoint.json")) pause(20);
    const Ended second = mtecheck({"campaign", "--resume", directory.string()});
    CHECK(second.status == 2);
    CHECK(second.err.find("another mtecheck") != std::string::npos);
    child.signal(SIGKILL);
    child.wait();
}

} // namespace
} // namespace mtecheck::difftest
