// SPDX-License-Identifier: Apache-2.0
// QEMU dies, hangs, forgets to forget code, or is overwritten: the case gets its outcome, all others theirs.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <map>
#include <thread>
#include <utility>

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include "difftest/core/error.h"
#include "difftest/qemu/wire.h"
#include "tests/difftest/qemu/qemu_fixture.h"

using namespace mtecheck::difftest;
using namespace mtecheck::difftest::qemu_tests;

namespace {

/// Sequences that set x9 to their own number.
std::vector<Test> numbered_tests(const Profile& profile, unsigned count, unsigned states) {
    std::vector<Test> tests;
    for (unsigned i = 0; i < count; ++i) {
        Test test = make_test(profile, i % 3, i % 3 != 0, {movz(9, i & 0xffff), kNop});
        test.states[0].windows.clear();
        repeat_state(test, states);
        tests.push_back(std::move(test));
    }
    return tests;
}

std::size_t count_right(const std::vector<std::vector<Outcome>>& outcomes) {
    std::size_t right = 0;
    for (std::size_t i = 0; i < outcomes.size(); ++i)
        for (const Outcome& outcome : outcomes[i])
            right += outcome.status == Status::completed && outcome.x[9] == (i & 0xffff) ? 1u : 0u;
    return right;
}

/// Code at EL3 that stores x5 to [x3].
constexpr std::uint32_t kStrX5X3 = 0xf9000065;

} // namespace

TEST_CASE("a case that never ends is a runaway, and the others run") {
    QemuOptions options = options_or_skip();
    options.case_seconds = 0.3;
    const auto target = make_qemu_system_target(options);
    std::vector<Test> tests = numbered_tests(target->probe(), 9, 4);
    tests[4].sequence.code = {kBranchToItself};
    tests[4].states.resize(1);
    const auto outcomes = run_all(*target, tests);
    CHECK(outcomes[4][0].status == Status::runaway);
    CHECK_FALSE(outcomes[4][0].note.empty());
    CHECK(count_right(outcomes) == 8 * 4);
    CHECK(target->statistics().restarts == 1);
    CHECK(target->statistics().cases == 8 * 4 + 1);
}

TEST_CASE("every outcome is handed over once, whatever happens in between") {
    struct Counter final : OutcomeSink {
        std::map<std::pair<std::size_t, std::size_t>, std::vector<Status>> taken;
        void take(std::size_t test, std::size_t state, const OutcomeView& outcome) override {
            taken[{test, state}].push_back(outcome.status);
        }
    };
    QemuOptions options = options_or_skip();
    options.case_seconds = 0.3;
    const auto target = make_qemu_system_target(options);
    std::vector<Test> tests = numbered_tests(target->probe(), 6, 3);
    tests[2].sequence.code = {kBranchToItself};
    tests[2].states.resize(1);
    tests[1].states[1].nzcv = 0xff; // refused, before and after the hang
    tests[4].states[2].nzcv = 0xff;
    Counter counter;
    target->stream(tests, counter);
    CHECK(counter.taken.size() == 5 * 3 + 1);
    for (const auto& [place, statuses] : counter.taken) {
        INFO("test " << place.first << " state " << place.second);
        REQUIRE(statuses.size() == 1);
        const bool refused = tests[place.first].states[place.second].nzcv == 0xff;
        CHECK(statuses[0] == (refused ? Status::unsupported : place.first == 2 ? Status::runaway : Status::completed));
    }
}

TEST_CASE("tests that come in parts, in storage that is used again, each get their outcomes") {
    QemuOptions options = options_or_skip();
    options.case_seconds = 0.3;
    const auto target = make_qemu_system_target(options);
    constexpr std::size_t kParts = 20;
    constexpr std::size_t kTests = 3; // of a part
    constexpr std::size_t kStates = 2;
    const std::vector<Test> all = numbered_tests(target->probe(), kParts * kTests, kStates);

    struct Parts final : TestSource, OutcomeSink {
        const std::vector<Test>& all;
        std::vector<Test> storage[kKept];
        std::size_t given = 0;
        std::map<std::pair<std::size_t, std::size_t>, Outcome> taken;

        explicit Parts(const std::vector<Test>& tests) : all(tests) {}
        std::span<const Test> next() override {
            // What was in the storage that is used now has been taken.
            if (given >= kKept) CHECK(taken.size() >= (given - kKept + 1) * kTests * kStates);
            if (given == kParts) return {};
            const auto first = all.begin() + static_cast<std::ptrdiff_t>(given * kTests);
            std::vector<Test>& part = storage[given++ % kKept];
            part.assign(first, first + kTests);
            if (given == 4) part[1].sequence.code = {kBranchToItself};
            if (given == 6) {
                for (Test& test : part)
                    for (State& state : test.states) state.nzcv = 0xff; // nothing of it can run
            }
            return part;
        }
        void take(std::size_t test, std::size_t state, const OutcomeView& outcome) override {
            CHECK(taken.emplace(std::pair(test, state), outcome.copy()).second);
        }
    };
    Parts parts(all);
    TestSource& source = parts;
    target->stream(source, parts);
    REQUIRE(parts.taken.size() == all.size() * kStates);
    const auto alone = run_all(*target, all);
    for (const auto& [place, outcome] : parts.taken) {
        const auto [test, state] = place;
        INFO("test " << test << " state " << state);
        if (test == 10) {
            CHECK(outcome.status == Status::runaway);
        } else if (test / kTests == 5) {
            CHECK(outcome.status == Status::unsupported);
        } else {
            CHECK(outcome.status == alone[test][state].status);
            CHECK(outcome.x == alone[test][state].x);
        }
    }
}

TEST_CASE("several bad cases in a batch each get their outcome") {
    QemuOptions options = options_or_skip();
    options.case_seconds = 0.2;
    const auto target = make_qemu_system_target(options);
    std::vector<Test> tests = numbered_tests(target->probe(), 7, 2);
    for (const std::size_t i : {0u, 3u, 6u}) {
        tests[i].sequence.code = {kBranchToItself};
        tests[i].states.resize(1);
    }
    const auto outcomes = run_all(*target, tests);
    for (const std::size_t i : {0u, 3u, 6u}) CHECK(outcomes[i][0].status == Status::runaway);
    CHECK(count_right(outcomes) == 4 * 2);
}

TEST_CASE("QEMU killed in the middle of a batch costs at most one case") {
    const auto target = target_or_skip();
    const std::vector<Test> tests = numbered_tests(target->probe(), 6000, 8);
    std::atomic<bool> stop = false;
    std::thread killer([&] {
        for (int kills = 0; kills < 3 && !stop;) {
            std::this_thread::sleep_for(std::chrono::milliseconds(60));
            for (const pid_t child : children()) {
                ::kill(child, SIGKILL);
                ++kills;
            }
        }
    });
    std::vector<std::vector<Outcome>> outcomes;
    target->run(tests, outcomes);
    stop = true;
    killer.join();
    const std::uint64_t restarts = target->statistics().restarts;
    CHECK(restarts >= 1);
    std::size_t crashed = 0;
    for (const auto& row : outcomes)
        for (const Outcome& outcome : row) {
            if (outcome.status != Status::crashed) continue;
            ++crashed;
            CHECK(outcome.note.find("signal 9") != std::string::npos);
        }
    CHECK(crashed <= restarts);
    CHECK(count_right(outcomes) + crashed == 6000 * 8);
}

TEST_CASE("QEMU killed while idle is started again and nobody is blamed") {
    const auto target = target_or_skip();
    const std::vector<Test> tests = numbered_tests(target->probe(), 4, 4);
    CHECK(count_right(run_all(*target, tests)) == 16);
    for (const pid_t child : children()) {
        ::kill(child, SIGKILL);
        siginfo_t info{};
        ::waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOWAIT);
    }
    CHECK(count_right(run_all(*target, tests)) == 16);
    CHECK(target->statistics().restarts == 1);
}

TEST_CASE("a monitor whose records are overwritten gives garbled or crashed, and recovers") {
    const auto target = target_or_skip();
    std::vector<Test> tests = numbered_tests(target->probe(), 6, 1);
    // At EL3 a store can hit the monitor; here the second half of the batch's first records.
    Test bad = make_test(target->probe(), 3, 0, {kStrX5X3});
    bad.states[0].windows.clear();
    bad.states[0].x[5] = 0xffffffffffffffff;
    const std::uint64_t record = sizeof(wire_sequence) + sizeof(wire_state);
    const std::uint64_t next = WIRE_BATCH_PA + record;
    bad.states[0].x[3] = GENERATE_COPY(next, next + sizeof(wire_sequence) + offsetof(wire_state, taken),
                                       std::uint64_t{WIRE_MONITOR_PA} + 0x2000);
    tests.insert(tests.begin(), bad);
    const auto outcomes = run_all(*target, tests);
    std::size_t right = 0;
    for (std::size_t i = 1; i < outcomes.size(); ++i)
        right += outcomes[i][0].status == Status::completed && outcomes[i][0].x[9] == i - 1 ? 1u : 0u;
    CHECK(right >= 5); // one innocent case may be hit
    CHECK(run_one(*target, tests[1]).status == Status::completed);
}

TEST_CASE("code is never stale, over more sequences than the translation cache holds", "[slow]") {
    const auto target = target_or_skip();
    const std::vector<Test> tests = numbered_tests(target->probe(), 60000, 1);
    std::vector<std::vector<Outcome>> outcomes;
    std::size_t right = 0;
    for (int round = 0; round < 6; ++round) { // more than one round of the ring
        target->run(tests, outcomes);
        right += count_right(outcomes);
    }
    CHECK(right == 6 * 60000);
    CHECK(target->statistics().restarts == 0);
}

TEST_CASE("the canary notices a ring of code slots that is too short", "[slow]") {
    QemuOptions options = options_or_skip();
    options.code_bytes = 4096;
    const auto target = make_qemu_system_target(options);
    const std::vector<Test> tests = numbered_tests(target->probe(), 100, 1);
    const auto outcomes = run_all(*target, tests);
    CHECK(target->statistics().restarts > 0);
    for (std::size_t i = 0; i < tests.size(); ++i)
        if (outcomes[i][0].status == Status::completed) CHECK(outcomes[i][0].x[9] == i);
}

TEST_CASE("reset starts afresh") {
    const auto target = target_or_skip();
    const std::vector<Test> tests = numbered_tests(target->probe(), 4, 4);
    CHECK(count_right(run_all(*target, tests)) == 16);
    target->reset();
    CHECK(count_right(run_all(*target, tests)) == 16);
    CHECK(target->statistics().restarts == 0);
    CHECK(target->statistics().cpu_seconds > 0);
}

TEST_CASE("a QEMU that cannot run the monitor is tool trouble, with its own words") {
    QemuOptions options = options_or_skip();
    options.cpu = "no-such-cpu";
    try {
        make_qemu_system_target(options)->probe();
        FAIL("no error");
    } catch (const TargetError& error) {
        INFO(error.what());
        CHECK(std::string(error.what()).find("no-such-cpu") != std::string::npos);
    }
}

TEST_CASE("a QEMU that stops working in the middle of a campaign is tool trouble, and may come back") {
    const QemuOptions installed = options_or_skip();
    const std::filesystem::path directory =
        std::filesystem::temp_directory_path() / ("mtecheck-test-" + std::to_string(::getpid()));
    std::filesystem::create_directory(directory);
    QemuOptions options = installed;
    options.program = directory / "launcher";
    const std::filesystem::path broken = directory / "broken";
    std::ofstream(options.program) << "#!/bin/sh\n[ -e " << broken.string() << " ] && exit 3\nexec "
                                   << installed.program << " \"$@\"\n";
    ::chmod(options.program.c_str(), 0755);
    const auto target = make_qemu_system_target(options);
    const std::vector<Test> tests = numbered_tests(target->probe(), 4, 4);
    CHECK(count_right(run_all(*target, tests)) == 16);
    std::ofstream(broken) << "\n";
    for (const pid_t child : children()) {
        ::kill(child, SIGKILL);
        siginfo_t info{};
        ::waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOWAIT);
    }
    std::vector<std::vector<Outcome>> outcomes;
    CHECK_THROWS_AS(target->run(tests, outcomes), TargetError);
    std::filesystem::remove(broken);
    CHECK(count_right(run_all(*target, tests)) == 16);
    std::filesystem::remove_all(directory);
}

TEST_CASE("QEMU dies with the process that started it") {
    const QemuOptions options = options_or_skip();
    const bool busy = GENERATE(false, true);
    int ends[2];
    REQUIRE(::pipe(ends) == 0);
    const pid_t parent = ::fork();
    REQUIRE(parent >= 0);
    if (parent == 0) {
        const auto target = make_qemu_system_target(options);
        std::vector<Test> tests = numbered_tests(target->probe(), 1, 1);
        const pid_t qemu = children().at(0);
        [[maybe_unused]] const ssize_t written = ::write(ends[1], &qemu, sizeof(qemu));
        if (busy) {
            tests[0].sequence.code = {kBranchToItself};
            std::vector<std::vector<Outcome>> outcomes;
            target->run(tests, outcomes);
        }
        ::pause();
        ::_exit(0);
    }
    pid_t qemu = 0;
    REQUIRE(::read(ends[0], &qemu, sizeof(qemu)) == sizeof(qemu));
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    ::kill(parent, SIGKILL);
    ::waitpid(parent, nullptr, 0);
    const auto alive = [&] {
        std::ifstream file("/proc/" + std::to_string(qemu) + "/stat");
        std::string text;
        std::getline(file, text);
        const std::size_t behind_name = text.rfind(") ");
        return behind_name != std::string::npos && text[behind_name + 2] != 'Z';
    };
    for (int i = 0; i < 500 && alive(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10));
    CHECK_FALSE(alive());
    ::close(ends[0]);
    ::close(ends[1]);
}
