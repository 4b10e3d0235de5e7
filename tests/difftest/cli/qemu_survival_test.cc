// SPDX-License-Identifier: Apache-2.0
//
// Campaigns on a real QEMU: QEMU or mtecheck is killed, QEMU hangs, and still every case is accounted for and the
// report is that of a quiet campaign, apart from what the death of QEMU itself adds. Slow, all of it.
#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <set>

#include "difftest/generate/random.h"
#include "tests/difftest/cli/campaign_process.h"
#include "tests/difftest/cli/child_process.h"
#include "tests/difftest/processes.h"
#include "tests/difftest/scratch.h"

namespace mtecheck::difftest {
namespace {

constexpr const char* kCases = "60000";
constexpr double kMaxMemory = 500; // MiB, of mtecheck alone
constexpr double kMaxGrowth = 16;  // MiB, from some cases to four times as many

/// The QEMU to test with, as in the tests of the target.
std::string target() {
    const char* const wanted = std::getenv("MTECHECK_TEST_QEMU");
    return wanted == nullptr ? "qemu-system" : wanted;
}

std::vector<std::string> campaign(const std::filesystem::path& directory, const std::string& workers = "2",
                                  const std::string& cases = kCases, const std::string& options = "") {
    return {"campaign",  "--target", target() + options, "--cases", cases, "--output", directory,
            "--workers", workers,    "--progress",       "none"};
}

/// The directory of a campaign that nobody disturbed; skips the test if there is no QEMU.
std::filesystem::path undisturbed() {
    static const std::filesystem::path directory = [] {
        probe_or_skip(target());
        const std::filesystem::path path = scratch_path("qemu-undisturbed");
        REQUIRE(mtecheck(campaign(path)).status <= 1);
        return path;
    }();
    return directory;
}

nlohmann::json parsed(const std::filesystem::path& directory) {
    const std::string file = (directory / "report.json").string();
    return parse_json(read_file(file), file);
}

/// The emulators that a campaign runs now; not those that only tell their version.
std::vector<pid_t> emulators_of(const ChildProcess& child) {
    std::vector<pid_t> emulators;
    for (const pid_t pid : children_of(child.pid())) {
        if (arguments_of(pid).find("memory-backend") != std::string::npos) emulators.push_back(pid);
    }
    return emulators;
}

/// Sends a signal to one emulator or other of the campaign, at moments all over it. Returns how often.
unsigned disturb(ChildProcess& child, int signal, unsigned times, std::uint64_t pause_between) {
    Random random(1, 0, 0);
    unsigned sent = 0;
    while (sent < times && child.running()) {
        pause(pause_between / 2 + random.below(static_cast<std::uint32_t>(pause_between)));
        const std::vector<pid_t> emulators = child.running() ? emulators_of(child) : std::vector<pid_t>();
        if (emulators.empty()) continue;
        if (::kill(emulators[random.below(static_cast<std::uint32_t>(emulators.size()))], signal) == 0) ++sent;
    }
    return sent;
}

using Groups = std::map<std::string, nlohmann::json>;

/// The groups of a report by id: those of divergences, or those of emulators that did not come to an end.
Groups groups_of(const nlohmann::json& report, bool of_ends) {
    Groups groups;
    for (const auto& group : report.at("groups")) {
        const std::string got = group.at("signature").at("got");
        if ((got == "crashed" || got == "runaway") == of_ends) groups[group.at("id")] = group;
    }
    return groups;
}

std::uint64_t cases_in(const Groups& groups) {
    std::uint64_t cases = 0;
    for (const auto& [id, group] : groups) cases += group.at("cases").get<std::uint64_t>();
    return cases;
}

/// That `report` is `quiet` but for at most `disturbances` cases, which have findings of their own.
void check_same_but_for(const nlohmann::json& quiet, const nlohmann::json& report, unsigned disturbances) {
    const auto& counts = report.at("counts");
    const auto count = [&](const char* name) { return counts.at(name).get<std::uint64_t>(); };
    CHECK(count("cases") == quiet.at("counts").at("cases"));
    CHECK(count("agreed") + count("explained") + count("led_astray") + count("unexplained") + count("unsupported") +
              count("untestable") ==
          count("cases"));

    const Groups ends = groups_of(report, true);
    CHECK(groups_of(quiet, true).empty());
    CHECK(cases_in(ends) <= disturbances);
    const std::uint64_t restarts = report.at("times").at("target_restarts");
    CHECK(cases_in(ends) <= restarts);
    CHECK(restarts <= disturbances);
    CHECK(count("unexplained") == quiet.at("counts").at("unexplained").get<std::uint64_t>() + cases_in(ends));
    for (const auto& [id, group] : ends) { // alone, on an emulator that nobody kills, the case is fine
        CHECK(group.at("examples").empty());
        CHECK_FALSE(group.at("suspects").empty()); // of many in one group only some are named
        CHECK(group.at("not_reproduced") >= group.at("suspects").size());
    }

    const Groups expected = groups_of(quiet, false);
    const Groups got = groups_of(report, false);
    std::uint64_t missing = 0;
    for (const auto& [id, group] : expected) {
        CAPTURE(id);
        if (!got.contains(id)) { // a group of a single case, which is one of those that were cut off
            missing += group.at("cases").get<std::uint64_t>();
            continue;
        }
        missing += group.at("cases").get<std::uint64_t>() - got.at(id).at("cases").get<std::uint64_t>();
        if (group.at("cases") == got.at(id).at("cases")) CHECK(got.at(id) == group);
    }
    CHECK(missing <= cases_in(ends));
    for (const auto& [id, group] : got) CHECK(expected.contains(id));
}

TEST_CASE("QEMU killed again and again in a campaign costs the cases that it ran and they are told", "[slow]") {
    const nlohmann::json quiet = parsed(undisturbed());
    const auto directory = scratch_path("qemu-killed");
    ChildProcess child(campaign(directory));
    const unsigned kills = disturb(child, SIGKILL, 8, 200);
    const Ended ended = child.wait();
    INFO(ended.err);
    CHECK(kills >= 4);
    CHECK(ended.status == 1);
    check_same_but_for(quiet, parsed(directory), kills);
}

TEST_CASE("a QEMU that hangs is killed and restarted and told", "[slow]") {
    const nlohmann::json quiet = parsed(undisturbed());
    const auto directory = scratch_path("qemu-stopped");
    // A hang costs its limit of time; elsewhere a short one would also be that of a machine that is busy.
    ChildProcess child(campaign(directory, "2", kCases, ",timeout=0.2"));
    const unsigned stops = disturb(child, SIGSTOP, 3, 400);
    const Ended ended = child.wait();
    INFO(ended.err);
    CHECK(stops >= 2);
    CHECK(ended.status == 1);
    check_same_but_for(quiet, parsed(directory), stops);
}

TEST_CASE("mtecheck killed again and again goes on to the same report on a real QEMU", "[slow]") {
    const auto quiet = undisturbed();
    const auto directory = scratch_path("qemu-resumed");
    std::vector<std::string> arguments = campaign(directory);
    Random random(2, 0, 0);
    std::set<pid_t> left;
    for (int round = 0; round < 6; ++round) {
        ChildProcess child(arguments);
        pause(500 + random.below(2000));
        const std::vector<pid_t> emulators = emulators_of(child);
        left.insert(emulators.begin(), emulators.end());
        child.signal(SIGKILL);
        child.wait();
        if (std::filesystem::exists(directory / "campaign.json")) {
            arguments = {"campaign", "--resume", directory, "--workers", "2", "--progress", "none"};
        }
    }
    CHECK(mtecheck(arguments).status <= 1);
    CHECK((report_of(directory) == report_of(quiet)));
    CHECK((findings_of(directory) == findings_of(quiet)));
    CHECK_FALSE(left.empty());
    for (const pid_t pid : left) CHECK(arguments_of(pid).find("memory-backend") == std::string::npos);
}

TEST_CASE("any number of workers gives the same report on a real QEMU", "[slow]") {
    const auto quiet = undisturbed(); // with two
    for (const char* workers : {"1", "3"}) {
        CAPTURE(workers);
        const auto directory = scratch_path(std::string("qemu-workers-") + workers);
        CHECK(mtecheck(campaign(directory, workers)).status <= 1);
        CHECK((report_of(directory) == report_of(quiet)));
        CHECK((findings_of(directory) == findings_of(quiet)));
    }
}

/// Runs a campaign; the most memory that mtecheck itself had resident.
double peak_memory(const std::string& cases) {
    const auto directory = scratch_path("qemu-memory");
    ChildProcess child(campaign(directory, "2", cases));
    double peak = 0;
    while (child.running()) {
        peak = std::max(peak, peak_memory_of(child.pid()));
        pause(20);
    }
    CHECK(child.wait().status <= 1);
    return peak;
}

TEST_CASE("the memory of a campaign on a real QEMU is bounded however long it is", "[slow]") {
    undisturbed();
    const double some = peak_memory("100000");
    const double more = peak_memory("400000");
    INFO("peaks of " << some << " and " << more << " MiB");
    CHECK(more < kMaxMemory);
    CHECK(more - some < kMaxGrowth);
}

} // namespace
} // namespace mtecheck::difftest
