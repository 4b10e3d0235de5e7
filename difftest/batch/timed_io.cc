// SPDX-License-Identifier: Apache-2.0
#include "difftest/batch/timed_io.h"

#include <algorithm>
#include <cerrno>
#include <chrono>

#include <poll.h>
#include <unistd.h>

namespace mtecheck::difftest {

namespace {

using Clock = std::chrono::steady_clock;

Clock::time_point after(double seconds) {
    return Clock::now() + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
}

/// Waits until something can be read or written, at most until `end`: all, it can.
Transferred wait_for(int descriptor, short event, Clock::time_point end, const std::function<bool()>& gone) {
    for (bool last = false;; last = gone && gone()) {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - Clock::now()).count();
        if (left <= 0) return Transferred::late;
        pollfd request{.fd = descriptor, .events = event, .revents = 0};
        if (::poll(&request, 1, last ? 0 : static_cast<int>(std::min<long long>(left, 1000))) > 0)
            return Transferred::all;
        if (last) return Transferred::ended;
    }
}

bool again() { return errno == EAGAIN || errno == EINTR; }

/// `move(done)` moves some bytes behind the first `done`.
template <class Move>
Transferred transfer(int descriptor, short event, std::size_t bytes, double seconds, const Move& move,
                     const std::function<bool()>& gone = {}) {
    std::size_t done = 0;
    Clock::time_point end = after(seconds);
    while (done != bytes) {
        const ssize_t count = move(done);
        if ((count == 0 && event == POLLIN) || (count < 0 && !again())) return Transferred::ended;
        if (count > 0) {
            done += static_cast<std::size_t>(count);
            end = after(seconds);
        } else if (const Transferred waited = wait_for(descriptor, event, end, gone); waited != Transferred::all) {
            return waited;
        }
    }
    return Transferred::all;
}

} // namespace

Transferred read_fully(int descriptor, void* to, std::size_t bytes, double seconds, const std::function<bool()>& gone) {
    auto* const at = static_cast<std::uint8_t*>(to);
    return transfer(
        descriptor, POLLIN, bytes, seconds,
        [&](std::size_t done) { return ::read(descriptor, at + done, bytes - done); }, gone);
}

Transferred write_fully(int descriptor, const void* from, std::size_t bytes, double seconds) {
    const auto* const at = static_cast<const std::uint8_t*>(from);
    return transfer(descriptor, POLLOUT, bytes, seconds,
                    [&](std::size_t done) { return ::write(descriptor, at + done, bytes - done); });
}

} // namespace mtecheck::difftest
