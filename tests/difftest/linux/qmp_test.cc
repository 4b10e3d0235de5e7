// SPDX-License-Identifier: Apache-2.0
//
// QEMU's machine protocol, spoken with a peer that has its answers ready.
#include "difftest/linux/qmp.h"

#include <array>
#include <chrono>
#include <csignal>
#include <string_view>
#include <thread>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <sys/socket.h>
#include <sys/time.h>

#include "difftest/core/error.h"

namespace mtecheck::difftest {
namespace {

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::MessageMatches;

/// Our end of a pair into whose other end QEMU has written all this already.
struct Peer {
    explicit Peer(std::string_view says) {
        std::array<int, 2> ends{};
        REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) == 0);
        ours = FileDescriptor(ends[0]);
        qemus = FileDescriptor(ends[1]);
        REQUIRE(::send(qemus.get(), says.data(), says.size(), 0) == static_cast<ssize_t>(says.size()));
    }
    std::string heard() const {
        std::array<char, 1000> bytes{};
        const ssize_t count = ::recv(qemus.get(), bytes.data(), bytes.size(), MSG_DONTWAIT);
        return {bytes.data(), static_cast<std::size_t>(std::max<ssize_t>(count, 0))};
    }
    FileDescriptor ours, qemus;
};

constexpr std::string_view kGreeting = "{\"QMP\": {\"version\": {}}}\r\n{\"return\": {}}\r\n";

TEST_CASE("a command has its answer, whatever events come in between") {
    Peer peer(std::string(kGreeting) + "{\"event\": \"STOP\"}\r\n{\"return\": {\"status\": \"active\"}}\r\n"
                                       "{\"error\": {\"class\": \"GenericError\", \"desc\": \"no such file\"}}\r\n");
    QmpSession session(std::move(peer.ours), 1);
    CHECK(session.execute("query-migrate").at("status") == "active");
    CHECK_THROWS_MATCHES(session.execute("migrate", {{"uri", "file:x"}}), TargetError,
                         MessageMatches(ContainsSubstring("migrate") && ContainsSubstring("no such file")));
    CHECK(peer.heard() == "{\"arguments\":{},\"execute\":\"qmp_capabilities\"}\n"
                          "{\"arguments\":{},\"execute\":\"query-migrate\"}\n"
                          "{\"arguments\":{\"uri\":\"file:x\"},\"execute\":\"migrate\"}\n");
}

TEST_CASE("an answer that is none is told") {
    CHECK_THROWS_AS(qmp_result("stop", {{"return", 1}}), TargetError);
    CHECK_THROWS_AS(qmp_result("stop", nlohmann::json::object()), TargetError);
    CHECK(migration_status({{"status", 1}}) == "none");
}

TEST_CASE("a signal is no answer, and gives no answer more time") {
    struct sigaction old {};
    struct sigaction ignoring {};
    ignoring.sa_handler = [](int) {};
    REQUIRE(::sigaction(SIGALRM, &ignoring, &old) == 0);
    const itimerval often{.it_interval = {.tv_sec = 0, .tv_usec = 5000}, .it_value = {.tv_sec = 0, .tv_usec = 5000}};
    const itimerval never{};
    Peer slow("");
    std::thread qemu([&] {
        sigset_t alarm;
        sigemptyset(&alarm);
        sigaddset(&alarm, SIGALRM);
        ::pthread_sigmask(SIG_BLOCK, &alarm, nullptr); // so that it comes to the other thread
        std::this_thread::sleep_for(std::chrono::milliseconds(60));
        ::send(slow.qemus.get(), kGreeting.data(), kGreeting.size(), 0);
    });
    REQUIRE(::setitimer(ITIMER_REAL, &often, nullptr) == 0);
    CHECK_NOTHROW(QmpSession(std::move(slow.ours), 10));
    qemu.join();
    Peer silent("");
    CHECK_THROWS_MATCHES(QmpSession(std::move(silent.ours), 0.05), TargetError,
                         MessageMatches(ContainsSubstring("does not answer")));
    ::setitimer(ITIMER_REAL, &never, nullptr);
    ::sigaction(SIGALRM, &old, nullptr);
}

TEST_CASE("a monitor that is none, that is silent, or that ends is told") {
    Peer other("QEMU 10.0.0 monitor\n");
    CHECK_THROWS_MATCHES(QmpSession(std::move(other.ours), 1), TargetError,
                         MessageMatches(ContainsSubstring("nonsense")));
    Peer silent("");
    CHECK_THROWS_MATCHES(QmpSession(std::move(silent.ours), 0.05), TargetError,
                         MessageMatches(ContainsSubstring("does not answer")));
    Peer gone(kGreeting);
    QmpSession session(std::move(gone.ours), 1);
    gone.qemus.reset();
    CHECK_THROWS_AS(session.execute("quit"), TargetError);
}

} // namespace
} // namespace mtecheck::difftest
