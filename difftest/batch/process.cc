// SPDX-License-Identifier: Apache-2.0
#include "difftest/batch/process.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <ctime>
#include <system_error>
#include <thread>

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "difftest/core/error.h"

namespace mtecheck::difftest {

namespace {

double seconds(const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
}

/// Between fork and exec, so only async-signal-safe calls.
[[noreturn]] void become(char* const* arguments, std::span<const int> inherited, int output, pid_t parent) {
    ::setpgid(0, 0);
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(127);
    const rlimit no_core{.rlim_cur = 0, .rlim_max = 0};
    ::setrlimit(RLIMIT_CORE, &no_core);
    sigset_t none;
    sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    ::signal(SIGPIPE, SIG_DFL);
    const int null = ::open("/dev/null", O_RDONLY);
    if (null < 0 || ::dup2(null, 0) < 0 || ::dup2(output, 1) < 0 || ::dup2(output, 2) < 0) ::_exit(127);
    for (const int descriptor : inherited) ::fcntl(descriptor, F_SETFD, 0);
    ::execvp(arguments[0], arguments);
    const char* const reason = std::strerror(errno);
    [[maybe_unused]] const ssize_t written = ::write(2, reason, std::strlen(reason));
    ::_exit(127);
}

} // namespace

Process::Process(const std::vector<std::string>& arguments, std::span<const int> inherited)
    : output_(make_anonymous_file("mtecheck-output")) {
    std::vector<char*> pointers;
    for (const std::string& argument : arguments) pointers.push_back(const_cast<char*>(argument.c_str()));
    pointers.push_back(nullptr);
    const pid_t parent = ::getpid();
    pid_ = ::fork();
    if (pid_ < 0) throw TargetError("cannot fork: " + std::generic_category().message(errno));
    if (pid_ == 0) become(pointers.data(), inherited, output_.get(), parent);
}

Process::~Process() { kill(); }

void Process::reap(int options) {
    rusage usage{};
    pid_t reaped = 0;
    do {
        reaped = ::wait4(pid_, &status_, options, &usage);
    } while (reaped < 0 && errno == EINTR);
    if (reaped == 0) return;
    ended_ = true;
    if (reaped == pid_) final_cpu_seconds_ = seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

bool Process::running() {
    if (!ended_) reap(WNOHANG);
    return !ended_;
}

void Process::kill() {
    if (ended_) return;
    ::kill(-pid_, SIGKILL); // with whatever a launcher script has started
    ::kill(pid_, SIGKILL);  // before it made its group
    reap(0);
}

bool Process::wait(double limit) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(limit);
    while (running()) {
        if (std::chrono::steady_clock::now() >= end) return false;
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return true;
}

std::string Process::how_it_ended() const {
    if (WIFSIGNALED(status_)) {
        const int number = WTERMSIG(status_);
        const char* const name = ::sigabbrev_np(number);
        return "signal " + std::to_string(number) + (name == nullptr ? "" : " (SIG" + std::string(name) + ")");
    }
    return "exit status " + std::to_string(WEXITSTATUS(status_));
}

std::optional<int> Process::exit_status() const {
    if (!ended_ || !WIFEXITED(status_)) return std::nullopt;
    return WEXITSTATUS(status_);
}

double Process::cpu_seconds() const {
    if (ended_) return final_cpu_seconds_;
    clockid_t clock{};
    timespec time{};
    if (::clock_getcpuclockid(pid_, &clock) != 0 || ::clock_gettime(clock, &time) != 0) return 0;
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

std::string Process::output(std::size_t at_most) const {
    const off_t end = ::lseek(output_.get(), 0, SEEK_END);
    if (end <= 0) return {};
    const auto length = std::min(static_cast<std::size_t>(end), at_most);
    std::string text(length, '\0');
    const ssize_t got = ::pread(output_.get(), text.data(), length, end - static_cast<off_t>(length));
    text.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
    return text;
}

} // namespace mtecheck::difftest
