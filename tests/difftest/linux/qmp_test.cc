// SPDX-License-Identifier: Apache-2.0
//
// QEMU's machine protocol, spoken with a peer that has its answers ready.
#include "difftest/linux/qmp.h"

#include <array>
#include <string_view>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <sys/socket.h>

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
