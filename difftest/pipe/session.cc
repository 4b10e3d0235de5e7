// SPDX-License-Identifier: Apache-2.0
#include "difftest/pipe/session.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <string_view>

#include <poll.h>
#include <unistd.h>

#include "difftest/core/error.h"

namespace mtecheck::difftest {
namespace {

constexpr std::size_t kMaxLine = std::size_t{16} << 20;
} // namespace

AdapterSession::AdapterSession(const std::string& command) : pipe_(command) {}

std::variant<std::string, AdapterSession::Failure> AdapterSession::exchange(const std::string& line, double seconds) {
    using Clock = std::chrono::steady_clock;
    const auto end = Clock::now() + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
    const std::string request = line + "\n";
    std::size_t sent = 0;
    pending_.clear(); // what it says without being asked is nobody's answer
    std::size_t looked_at = 0;
    while (true) {
        const std::size_t newline = pending_.find('\n', looked_at);
        if (newline != std::string::npos && sent == request.size()) {
            std::string answer = pending_.substr(0, newline);
            return answer;
        }
        looked_at = newline == std::string::npos ? pending_.size() : newline;
        if (pending_.size() > kMaxLine) return Failure::too_long;
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - Clock::now()).count();
        if (left <= 0) return Failure::too_late;
        std::array<pollfd, 2> events{{{pipe_.from(), POLLIN, 0}, {pipe_.to(), POLLOUT, 0}}};
        const nfds_t watched = sent < request.size() ? 2 : 1;
        if (::poll(events.data(), watched, static_cast<int>(std::min<long long>(left, 1000))) < 0 && errno != EINTR)
            throw TargetError("cannot wait for an adapter");
        if (watched == 2 && events[1].revents != 0) {
            const ssize_t count = ::write(pipe_.to(), request.data() + sent, request.size() - sent);
            if (count < 0 && errno != EAGAIN && errno != EINTR) return Failure::ended;
            sent += count > 0 ? static_cast<std::size_t>(count) : 0;
        }
        if (events[0].revents == 0) continue;
        std::array<char, 65536> buffer{};
        const ssize_t count = ::read(pipe_.from(), buffer.data(), buffer.size());
        if (count == 0) return Failure::ended;
        if (count < 0 && errno != EAGAIN && errno != EINTR) return Failure::ended;
        if (count > 0) pending_.append(buffer.data(), static_cast<std::size_t>(count));
    }
}

bool AdapterSession::finish(double seconds) {
    pipe_.close_input();
    return pipe_.process().wait(seconds);
}

std::string_view to_string(AdapterSession::Failure failure) {
    switch (failure) {
    case AdapterSession::Failure::too_late: return "no answer in time";
    case AdapterSession::Failure::ended: return "the adapter ended";
    case AdapterSession::Failure::too_long: return "an answer without an end";
    }
    return "no answer";
}

} // namespace mtecheck::difftest
