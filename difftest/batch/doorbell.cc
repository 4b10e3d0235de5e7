// SPDX-License-Identifier: Apache-2.0
#include "difftest/batch/doorbell.h"

#include <cerrno>
#include <chrono>

#include <poll.h>
#include <unistd.h>

namespace mtecheck::difftest {

namespace {

constexpr double kBootSeconds = 20; // wall time, for one of several attempts; a loaded machine needs some
constexpr int kPollMilliseconds = 20;
constexpr double kWallToCpu = 20; // how much longer than its CPU time a case may take on a loaded machine

using Clock = std::chrono::steady_clock;

double since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

enum class Event { byte, end, nothing };

Event read_byte(int descriptor) {
    pollfd request{.fd = descriptor, .events = POLLIN, .revents = 0};
    if (::poll(&request, 1, kPollMilliseconds) <= 0) return Event::nothing;
    char byte = 0;
    const ssize_t got = ::read(descriptor, &byte, 1);
    if (got < 0 && (errno == EINTR || errno == EAGAIN)) return Event::nothing;
    return got == 1 ? Event::byte : Event::end;
}

} // namespace

void Doorbell::start(const std::vector<std::string>& command, std::span<const int> inherited) {
    process_ = std::make_unique<Process>(command, inherited);
    // The doorbell we keep open on both sides, so that ringing it can never raise SIGPIPE.
    answer_.write.reset();
}

void Doorbell::wait_until_ready(const std::string& what, const std::function<std::string()>& obituary) {
    const Clock::time_point start = Clock::now();
    for (Event event = Event::nothing; event != Event::byte;) {
        event = read_byte(answer_.read.get());
        if (event == Event::end) {
            const std::string text = "QEMU cannot run " + what + ": " + obituary();
            if (!process_->exit_status()) throw LostAtBoot(text);
            throw TargetError(text);
        }
        if (event == Event::nothing && since(start) > kBootSeconds)
            throw LostAtBoot(what + " in QEMU does not come up; QEMU says: " + process_->output());
    }
}

bool Doorbell::post(volatile wire_queue& queue, std::uint64_t at, std::size_t bytes) {
    auto& batch = queue.batches[++command_ % 2];
    batch.at = at;
    batch.bytes = bytes;
    return process_->running() && ::write(bell_.write.get(), "", 1) == 1;
}

std::uint32_t progress_of(const volatile wire_queue& queue, std::uint32_t command) {
    return queue.begun == command ? std::uint32_t{queue.progress} : 0;
}

Answer Doorbell::wait(const volatile wire_queue& queue, std::uint32_t command, double case_seconds) {
    // Most answers come before the first look at the clocks: that of another process takes system calls.
    std::uint32_t seen = 0;
    Clock::time_point wall;
    double cpu = 0;
    bool started = false;
    for (;;) {
        switch (read_byte(answer_.read.get())) {
        case Event::byte:
            // It may have done the next one, too: then there is a byte for that.
            if (queue.done >= command) return Answer::done;
            break;
        case Event::end:
            if (queue.done >= command) return Answer::done;
            return queue.begun == command ? Answer::died : Answer::lost;
        case Event::nothing:
            if (const std::uint32_t now = progress_of(queue, command); !started || now != seen) {
                started = true;
                seen = now;
                wall = Clock::now();
                cpu = process_->cpu_seconds();
            } else if (process_->cpu_seconds() - cpu > case_seconds || since(wall) > case_seconds * kWallToCpu) {
                process_->kill();
                return Answer::runaway;
            }
        }
    }
}

} // namespace mtecheck::difftest
