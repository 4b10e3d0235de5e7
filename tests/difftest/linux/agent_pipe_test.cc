// SPDX-License-Identifier: Apache-2.0
// The agent at the other end of a command: it does the same as over shared memory, and a connection that is cut loses
// nothing.
#include <filesystem>
#include <fstream>
#include <sys/stat.h>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include "difftest/batch/doorbell.h"
#include "difftest/core/error.h"
#include "difftest/core/hash.h"
#include "difftest/generate/generator.h"
#include "difftest/linux/agent_image.h"
#include "difftest/linux/agent_target.h"
#include "difftest/linux/changed_bytes.h"
#include "difftest/linux/frames.h"
#include "difftest/linux/target.h"
#include "tests/difftest/broken_pipes.h"
#include "tests/difftest/linux/samples.h"
#include "tests/difftest/linux/user_fixture.h"
#include "tests/difftest/scratch.h"

using namespace mtecheck::difftest;
using namespace mtecheck::difftest::linux_tests;
using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::Message;

namespace {

std::filesystem::path agent_in(const std::filesystem::path& directory) {
    const auto file = directory / "mte-agent";
    const auto image = agent_image();
    std::ofstream(file, std::ios::binary)
        .write(reinterpret_cast<const char*>(image.data()), static_cast<std::streamsize>(image.size()));
    ::chmod(file.c_str(), 0700);
    return file;
}

/// The agent under this QEMU, with the CPU that the target qemu-user has.
std::string command_of(const QemuOptions& options, const std::filesystem::path& directory) {
    return options.program + " -cpu " + cpu_of(options, qemu_version(options.program)) + " " +
           agent_in(directory).string();
}

std::vector<Test> some_tests(const Profile& profile, std::uint64_t count) {
    std::vector<Test> tests;
    const auto generator = make_random_generator(profile, 4);
    for (std::uint64_t index = 0; index < count; ++index) generator->generate(3, 0, index, tests.emplace_back());
    return tests;
}

/// IRG may choose another tag each time; what a fault of DC ZVA, DC GVA and DC GZVA leaves depends, up to QEMU 7.2, on
/// what ran before.
bool repeatable(const Test& test) {
    for (const std::uint32_t word : test.sequence.code) {
        if ((word & 0xffe0fc00U) == 0x9ac01000U) return false;
        const std::uint32_t operation = word & 0xffffffe0U;
        if (operation == 0xd50b7420U || operation == 0xd50b7460U || operation == 0xd50b7480U) return false;
    }
    return true;
}

void check_same(const std::vector<Test>& tests, const std::vector<std::vector<Outcome>>& a,
                const std::vector<std::vector<Outcome>>& b) {
    REQUIRE(a.size() == b.size());
    std::size_t different = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        if (!repeatable(tests[i])) continue;
        for (std::size_t k = 0; k < a[i].size(); ++k) {
            const Outcome& x = a[i][k];
            const Outcome& y = b[i][k];
            const bool same = x.status == y.status && x.pc == y.pc && x.pstate == y.pstate && x.signal == y.signal &&
                              static_cast<const Registers&>(x) == static_cast<const Registers&>(y) && x.v == y.v &&
                              x.windows == y.windows;
            different += same ? 0U : 1U;
        }
    }
    CHECK(different == 0);
}

} // namespace

TEST_CASE("over frames the agent does what it does over shared memory") {
    const QemuOptions options = options_or_skip();
    const auto directory = scratch_directory("agent-frames");
    const auto near = make_qemu_user_target(options);
    const auto far = make_agent_target("agent:" + command_of(options, directory));
    const Profile& profile = far->probe();
    CHECK(profile.process);
    CHECK(profile.version.starts_with("Linux "));
    CHECK(profile.registers == near->probe().registers);
    const std::vector<Test> tests = some_tests(profile, 300);
    std::vector<std::vector<Outcome>> expected;
    std::vector<std::vector<Outcome>> got;
    near->run(tests, expected);
    far->run(tests, got);
    check_same(tests, expected, got);
    CHECK(far->statistics().restarts == 0);
}

TEST_CASE("a connection to an agent that is cut again and again loses nothing") {
    const QemuOptions options = options_or_skip();
    const auto directory = scratch_directory("agent-cut");
    const auto near = make_qemu_user_target(options);
    const std::vector<Test> tests = some_tests(near->probe(), 300);
    std::vector<std::vector<Outcome>> expected;
    near->run(tests, expected);
    const auto far = make_agent_target("agent:" + std::string(MTECHECK_UNSTEADY) + " " +
                                       (directory / "count").string() + " 20000 " + command_of(options, directory));
    std::vector<std::vector<Outcome>> got;
    far->run(tests, got);
    check_same(tests, expected, got);
    CHECK(far->statistics().restarts > 2);
}

TEST_CASE("a case that ends the agent or never ends is to blame for it, and no other") {
    QemuOptions options = options_or_skip();
    const auto directory = scratch_directory("agent-blame");
    const auto far = make_agent_target("agent,timeout=1:" + command_of(options, directory));
    std::vector<Test> tests(5, make_test(far->probe(), TagCheckMode::sync, {movz(9, 3)}));
    tests[2].sequence.code = {kBranchToItself};
    // exit_group
    tests[4].sequence.code = {movz(8, 94), movz(0, 1), 0xd4000001};
    std::vector<std::vector<Outcome>> outcomes;
    far->run(tests, outcomes);
    for (const std::size_t i : {std::size_t{0}, std::size_t{1}, std::size_t{3}}) {
        CHECK(outcomes[i][0].status == Status::completed);
        CHECK(outcomes[i][0].x[9] == 3);
    }
    CHECK(outcomes[2][0].status == Status::runaway);
    CHECK(outcomes[4][0].status == Status::crashed);
}

TEST_CASE("what is no agent is told apart") {
    CHECK_THROWS_AS(make_agent_target("agent"), InputError);
    CHECK_THROWS_AS(make_agent_target("agent,timeout=x:true"), InputError);
    CHECK_THROWS_AS(make_agent_target("agent:false")->probe(), TargetError);
    CHECK_THROWS_AS(make_agent_target("agent:yes")->probe(), TargetError);
    CHECK_THROWS_AS(make_agent_target("agent,timeout=0.2:sleep 60")->probe(), TargetError);
    // One that leaves a process behind, which has its pipes: its end is the end all the same.
    CHECK_THROWS_WITH(make_agent_target("agent:sh -c 'sleep 4 & echo none >&2; exit 3'")->probe(),
                      ContainsSubstring("exit status 3; it printed: none"));
    const QemuOptions options = options_or_skip();
    const auto directory = scratch_directory("agent-changed");
    // A connection that changes bytes, as a terminal does.
    const auto target =
        make_agent_target("agent:sh -c '" + command_of(options, directory) + " | stdbuf -o0 tr \"\\\\n\" x'");
    CHECK_THROWS_WITH(target->probe(),
                      ContainsSubstring("the connection changes bytes of what the agent says: 0x0a comes as 0x78"));
    const auto short_of =
        make_agent_target("agent:sh -c '" + command_of(options, directory) + R"( | stdbuf -o0 tr -d "\200-\377"')");
    CHECK_THROWS_WITH(short_of->probe(), ContainsSubstring("of what the agent says: 0x80 to 0xff do not come"));
    // One that passes on what the agent says, and nothing of what it is sent, as `adb exec-out` does.
    const auto deaf = make_agent_target("agent,timeout=3:sh -c 'sleep 6 | " + command_of(options, directory) + "'");
    CHECK_THROWS_WITH(deaf->probe(), ContainsSubstring("what it is sent does not come to it"));
}

TEST_CASE("a connection that alters or eats a byte on the way to the agent is refused, with the byte") {
    const QemuOptions options = options_or_skip();
    const auto directory = scratch_directory("agent-input");
    const std::string agent = command_of(options, directory);
    const auto through = [&](const std::string& filter) {
        return make_agent_target("agent,timeout=20:stdbuf -o0 tr " + filter + " | " + agent);
    };
    const auto refused = [](const std::string& how) {
        return ContainsSubstring("the connection changes bytes of what the agent is sent: " + how + " (a terminal?");
    };
    CHECK(through("x x")->probe().process);
    CHECK_THROWS_WITH(through(R"('\r' '\n')")->probe(), refused("0x0d comes as 0x0a"));
    CHECK_THROWS_WITH(through(R"('\200-\377' '\000-\177')")->probe(), refused("in the place of 0x80 comes 0x00"));
    CHECK_THROWS_WITH(through(R"(-d '\021')")->probe(), refused("0x11 does not come"));
    CHECK_THROWS_WITH(through(R"(-d '\003\004\005')")->probe(), refused("0x03 to 0x05 do not come"));
    CHECK_THROWS_WITH(through(R"(-d '\021\023')")->probe(), refused("0x11, 0x13 do not come"));
    // What is behind the values makes up for as many as are left out.
    CHECK_THROWS_WITH(through(R"(-d '\200-\240')")->probe(), refused("0x80 to 0xa0 do not come"));
    CHECK_THROWS_WITH(through(R"(-d '\200-\377')")->probe(), refused("0x80 to 0xff do not come"));
    CHECK_THROWS_WITH(through(R"(-d '\007-\142\146-\154\156-\163\165-\377')")->probe(),
                      refused("0x07 to 0x62, 0x66 to 0x6c, 0x6e to 0x73, 0x75 to 0xff do not come"));
    // One that the first frame itself has.
    CHECK_THROWS_WITH(through(R"('\006' '\007')")->probe(), refused("0x06 comes as 0x07"));
    CHECK_THROWS_WITH(through(R"(-d '\000')")->probe(), refused("0x00 does not come"));
    // All that is behind the last end of a line waits for the next, so that nothing answers.
    CHECK_THROWS_WITH(make_agent_target("agent,timeout=2:sed -u '' | " + agent)->probe(),
                      ContainsSubstring("or not all") && ContainsSubstring("wait for the end of a line"));
}

TEST_CASE("a connection that sends back what it is sent is refused, whatever the agent answers") {
    const QemuOptions options = options_or_skip();
    const auto directory = scratch_directory("agent-echo");
    const std::string agent = command_of(options, directory);
    const auto sends_back = ContainsSubstring("the connection sends back what it is sent");
    // To the host first: an agent may be quick.
    CHECK_THROWS_WITH(
        make_agent_target("agent,timeout=20:sh -c 'exec 3>&1; tee /dev/fd/4 4>&1 >&3 | " + agent + "'")->probe(),
        sends_back);
    // A terminal shows control characters in another way.
    CHECK_THROWS_WITH(make_agent_target("agent,timeout=20:script -qec 'stty raw; " + agent + "' /dev/null")->probe(),
                      sends_back);
    // The agent's answers behind it do not come.
    const std::string greeting = std::to_string(sizeof(agent_frame) + sizeof(agent_greeting));
    CHECK_THROWS_WITH(
        make_agent_target("agent,timeout=20:" + agent + " < /dev/null | head -c " + greeting + "; cat")->probe(),
        sends_back);
}

TEST_CASE("a connection that changes what the agent says behind its first answer is refused") {
    const QemuOptions options = options_or_skip();
    const auto directory = scratch_directory("agent-later");
    const std::string agent = command_of(options, directory);
    const std::size_t answers = 2 * sizeof(agent_frame) + sizeof(agent_greeting) + AGENT_ECHO_BYTES;
    const auto later = [&](std::size_t bytes) {
        const std::string one = "dd bs=1 status=none";
        return make_agent_target("agent,timeout=20:" + agent + " | { " + one + " count=" + std::to_string(bytes) +
                                 "; stdbuf -o0 tr '\\000' x; }");
    };
    const auto otherwise = ContainsSubstring("its greeting comes otherwise when it is asked for again");
    CHECK_THROWS_WITH(later(answers)->probe(), otherwise);
    CHECK_THROWS_WITH(later(answers + sizeof(agent_frame))->probe(), otherwise);
}

TEST_CASE("an agent of another version is refused at once, and not taken for one that is lost") {
    const auto directory = scratch_directory("agent-version");
    const auto file = (directory / "greeting").string();
    agent_greeting greeting{};
    for (unsigned i = 0; i < sizeof(greeting.every_byte); ++i) greeting.every_byte[i] = static_cast<std::uint8_t>(i);
    greeting.hello.magic = WIRE_MAGIC;
    const auto greets = [&](std::uint32_t version, std::uint64_t missing) {
        greeting.hello.version = version;
        agent_frame frame = kGreetAgain;
        frame.bytes = sizeof(greeting) - missing;
        std::ofstream(file, std::ios::binary)
            .write(reinterpret_cast<const char*>(&frame), sizeof(frame))
            .write(reinterpret_cast<const char*>(&greeting), sizeof(greeting));
        return AgentFrames(std::make_unique<CommandPipe>("cat " + file + " -"), "there", 3);
    };
    const auto other = Message("there: the agent there is of another version of mtecheck (`mtecheck agent` writes the "
                               "one of this version)");
    CHECK_NOTHROW(greets(AGENT_LINUX_VERSION, 0));
    CHECK_THROWS_MATCHES(greets(AGENT_LINUX_VERSION - 1, 0), TargetError, other);
    CHECK_THROWS_MATCHES(greets(AGENT_LINUX_VERSION - 1, 8), TargetError, other);
    // LostAtBoot is a TargetError, too, and would be asked again.
    try {
        greets(AGENT_LINUX_VERSION - 1, 0);
    } catch (const LostAtBoot&) {
        FAIL();
    } catch (const TargetError&) {
        SUCCEED();
    }
}

TEST_CASE("an agent that refuses a frame of a campaign says so") {
    const QemuOptions options = options_or_skip();
    const auto directory = scratch_directory("agent-refuses");
    const std::string agent = command_of(options, directory);
    const auto refusal = ContainsSubstring("the agent refused a frame: the connection lost or changed bytes");
    const auto frames_of = [](const std::string& command) {
        return AgentFrames(std::make_unique<CommandPipe>(command), "there", 20);
    };
    // More than it takes, and more than the pipe holds: it ends before it has been sent all.
    std::vector<std::uint8_t> batch(std::size_t{AGENT_BATCH_BYTES} + 1);
    AgentFrames full = frames_of(agent);
    CHECK_FALSE(full.send(1, batch, false));
    CHECK_THAT(full.obituary(), refusal);
    // A connection that changes what follows its check; 'm' is a part of every frame.
    const std::size_t checked = sizeof(agent_frame) + AGENT_ECHO_BYTES + AGENT_ECHO_BYTES;
    AgentFrames later = frames_of("sh -c '{ dd bs=1 status=none count=" + std::to_string(checked) +
                                  "; stdbuf -o0 tr m n; } | " + agent + "'");
    later.check_input("there", false);
    CHECK(later.send(1, std::span(batch).first(100), false));
    CHECK(later.receive(batch) == AgentFrames::Event::ended);
    CHECK_THAT(later.obituary(), refusal);
}

TEST_CASE("an agent that answered before and does not any more is lost, and another attempt may help") {
    const QemuOptions options = options_or_skip();
    const auto directory = scratch_directory("agent-lost");
    const std::string agent = command_of(options, directory);
    const auto input_of = [&](const std::string& command, bool passed_before) {
        AgentFrames(std::make_unique<CommandPipe>(command), "there", 0.5).check_input("there", passed_before);
    };
    const std::string deaf = "sleep 3 | " + agent;
    CHECK_THROWS_MATCHES(input_of(deaf, true), LostAtBoot, Message("there: the agent there does not answer any more"));
    CHECK_THROWS_WITH(input_of(deaf, false), ContainsSubstring("what it is sent does not come to it"));
    CHECK_THROWS_AS(input_of("true | " + agent, false), LostAtBoot);

    // In a campaign: cut, then deaf, then there again.
    const std::string count = (directory / "count").string();
    const std::string steady = (directory / "steady").string();
    const auto far =
        make_agent_target("agent,timeout=1:sh -c 'echo >> " + count + "; if [ $(wc -l < " + count + ") = 2 ]; then " +
                          deaf + "; else exec " MTECHECK_UNSTEADY " " + steady + " 20000 " + agent + "; fi'");
    const std::vector<Test> tests = some_tests(far->probe(), 100);
    std::vector<std::vector<Outcome>> outcomes;
    far->run(tests, outcomes);
    std::vector<std::vector<Outcome>> expected;
    make_qemu_user_target(options)->run(tests, expected);
    check_same(tests, expected, outcomes);
    CHECK(far->statistics().restarts >= 1);
    CHECK(std::filesystem::file_size(count) > 2); // a byte for each connection
}

TEST_CASE("what a connection did to bytes is told by the first of them") {
    const std::vector<std::uint8_t> sent{1, 2, 3, 4, 5, 6, 7, 8};
    const auto told = [&](const std::vector<std::uint8_t>& came) { return changed_bytes(sent, came); };
    CHECK(told({}).empty());
    CHECK(told({1, 2, 3}).empty());
    CHECK(told(sent).empty());
    CHECK(told({1, 2, 9, 4, 5, 6, 7, 8}) == "0x03 comes as 0x09");
    CHECK(told({1, 2, 9, 3, 4, 5, 6, 7}) == "0x09 is put before 0x03");
    CHECK(told({1, 2, 4, 5, 6, 7}) == "0x03 does not come");
    CHECK(told({1, 5, 6, 7, 8}) == "0x02 to 0x04 do not come");
    CHECK(told({1, 4, 5, 6, 7, 8}) == "0x02, 0x03 do not come");
    CHECK(told({1, 3, 5, 6, 7, 8}) == "0x02, 0x04 do not come");
    CHECK(changed_bytes(std::vector<std::uint8_t>{1, 0, 0, 0, 2, 0, 3}, std::vector<std::uint8_t>{1, 2, 3}) ==
          "0x00 does not come");
    CHECK(told({1, 2, 3, 4, 5, 6, 7, 9}) == "in the place of 0x08 comes 0x09");
    CHECK(told({1, 9, 9, 9}) == "in the place of 0x02 comes 0x09");
    CHECK(told({1, 2, 3, 4, 5, 6, 7, 8, 9}) == "0x09 comes behind all that was sent");
}
