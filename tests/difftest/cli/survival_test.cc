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
constexpr const char* kGroups = "20"; // reducing the examples of all would take most of the time

std::vector<std::string> campaign_into(const std::filesystem::path& directory) {
    return {"campaign", "--target", kTarget, "--cases", kCases, "--max-groups", kGroups, "--output", directory};
}

std::string undisturbed() {
    static const std::string report = [] {
        const auto directory = scratch_path("undisturbed");
        REQUIRE(mtecheck(campaign_into(directory)).status == 1);
        return report_of(directory);
    }();
    return report;
}

TEST_CASE("kill -9 at any moment, again and again", "[slow]") {
    const auto directory = scratch_path("killed");
    Random random(1, 0, 0);
    std::vector<std::string> arguments = campaign_into(directory);
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

/// Whether a campaign in this directory has come to a phase.
using Phase = bool (*)(const std::filesystem::path&);

bool any_file(const std::filesystem::path& directory, const char* end) {
    std::error_code gone; // files come and go while we look
    for (std::filesystem::directory_iterator entry(directory, gone), last; !gone && entry != last;
         entry.increment(gone))
        if (entry->path().filename().string().ends_with(end)) return true;
    return false;
}

TEST_CASE("kill -9 in every phase: after each the campaign goes on to the same end", "[slow]") {
    const std::vector<std::string> what = {
        "campaign", "--target", "model:subps_flags_carry_wrong", "--cases", "120000", "--distil", "--seed", "3"};
    const auto with = [&](std::vector<std::string> arguments, const std::filesystem::path& directory) {
        arguments.insert(arguments.end(), {"--output", directory});
        return arguments;
    };
    const auto quiet = scratch_path("phases-undisturbed");
    REQUIRE(mtecheck(with(what, quiet)).status == 1);

    const std::vector<std::pair<const char*, Phase>> phases = {
        {"begun", [](const auto& place) { return std::filesystem::exists(place / "findings"); }},
        {"seen", [](const auto& place) { return any_file(place / "findings", ".json"); }},
        {"checkpoint", [](const auto& place) { return std::filesystem::exists(place / "checkpoint.json"); }},
        {"guided", [](const auto& place) { return std::filesystem::exists(place / "guided.jsonl"); }},
        {"statistics",
         [](const auto& place) { // the last checkpoint, which has them
             std::error_code error;
             return std::filesystem::file_size(place / "checkpoint.json", error) > 0 && !error &&
                    read_file(place / "checkpoint.json").find("\"random_tags\"") != std::string::npos;
         }},
        {"shrinking", [](const auto& place) { return any_file(place / "findings", ".shrink"); }},
        {"distilling", [](const auto& place) { return std::filesystem::exists(place / "corpus"); }},
    };
    const auto directory = scratch_path("phases");
    Random random(2, 0, 0);
    std::vector<std::string> arguments = with(what, directory);
    std::size_t killed = 0;
    for (const auto& [name, reached] : phases) {
        for (int round = 0; round < 2; ++round) {
            ChildProcess child(arguments);
            while (child.running() && !reached(directory)) pause(1);
            pause(random.below(30));
            killed += child.running() ? 1U : 0U;
            child.signal(SIGKILL);
            child.wait();
            if (std::filesystem::exists(directory / "campaign.json")) arguments = {"campaign", "--resume", directory};
        }
    }
    INFO(killed << " of " << 2 * phases.size() << " processes were killed");
    CHECK(killed >= phases.size());
    CHECK(mtecheck(arguments).status == 1);
    CHECK((report_of(directory) == report_of(quiet)));
    CHECK((findings_of(directory) == findings_of(quiet)));
    CHECK((files_of(directory / "corpus") == files_of(quiet / "corpus")));
}

TEST_CASE("kill -9 while parts run and are merged: what is merged in the end is the whole", "[slow]") {
    const auto campaign = [](const std::filesystem::path& directory, const std::string& shards) {
        std::vector<std::string> arguments = {"campaign", "--target", "model:tco_not_set_on_exception",
                                              "--cases",  "80000",    "--output",
                                              directory,  "--distil", "--max-groups",
                                              "12"};
        if (!shards.empty()) arguments.insert(arguments.end(), {"--shards", shards});
        return arguments;
    };
    const auto whole = scratch_path("parts-whole");
    REQUIRE(mtecheck(campaign(whole, "")).status == 1);
    Random random(3, 0, 0);
    std::vector<std::filesystem::path> parts;
    for (const char* shards : {"0-6/64", "7-63/64"}) {
        const auto part = parts.emplace_back(scratch_path("parts-" + std::to_string(parts.size())));
        std::vector<std::string> arguments = campaign(part, shards);
        for (int round = 0; round < 6; ++round) {
            ChildProcess child(arguments);
            pause(random.below(1500));
            child.signal(SIGKILL);
            child.wait();
            if (std::filesystem::exists(part / "campaign.json")) arguments = {"campaign", "--resume", part};
        }
        CHECK(mtecheck(arguments).status == 1);
    }
    auto joined = scratch_path("parts-joined");
    for (int round = 0; round < 8; ++round) {
        ChildProcess child({"merge", parts[1], parts[0], "--output", joined});
        pause(random.below(1500));
        child.signal(SIGKILL);
        child.wait();
        if (std::filesystem::exists(joined / "campaign.json"))
            joined = scratch_path("parts-joined-" + std::to_string(round));
    }
    CHECK(mtecheck({"merge", parts[1], parts[0], "--output", joined}).status == 1);
    CHECK((report_of(joined) == report_of(whole)));
    CHECK((findings_of(joined) == findings_of(whole)));
    CHECK((files_of(joined / "corpus") == files_of(whole / "corpus")));
}

TEST_CASE("Ctrl-C while examples are reduced: they are reduced to the same when it goes on", "[slow]") {
    const std::vector<std::string> what = {
        "campaign", "--target", "model:tco_not_set_on_exception", "--cases", "20000", "--max-groups", "12"};
    const auto run = [&](const std::filesystem::path& directory) {
        std::vector<std::string> arguments = what;
        arguments.insert(arguments.end(), {"--output", directory});
        return arguments;
    };
    const auto quiet = scratch_path("reduced-undisturbed");
    REQUIRE(mtecheck(run(quiet)).status == 1);
    const auto directory = scratch_path("reduced");
    std::vector<std::string> arguments = run(directory);
    for (int round = 0; round < 3; ++round) {
        ChildProcess child(arguments);
        while (child.running() && !any_file(directory / "findings", ".shrink")) pause(1);
        if (round != 0) pause(300); // for it to have begun
        child.signal(SIGINT);
        child.wait();
        arguments = {"campaign", "--resume", directory};
    }
    CHECK(mtecheck(arguments).status == 1);
    CHECK((findings_of(directory) == findings_of(quiet)));
    CHECK((report_of(directory) == report_of(quiet)));
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
    const Ended ended = ChildProcess(campaign_into(directory), 12000).wait();
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
double peak_memory(const std::string& target, const std::string& cases, const std::string& groups) {
    const auto directory = scratch_path("memory");
    ChildProcess child(
        {"campaign", "--target", target, "--cases", cases, "--max-groups", groups, "--output", directory});
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
    const double some = peak_memory(kFew, "500000", kGroups);
    const double more = peak_memory(kFew, "2000000", kGroups);
    const double many = peak_memory(kTarget, "100000", "200"); // hundreds of findings
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
