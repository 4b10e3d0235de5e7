// SPDX-License-Identifier: Apache-2.0
#include "tests/difftest/cli/child_process.h"
#include "tests/places.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch_test_macros.hpp>
#include <csignal>
#include <stdexcept>

namespace mtecheck::difftest {
namespace {

int unnamed_file() {
    const int descriptor = ::memfd_create("output", MFD_CLOEXEC);
    if (descriptor < 0) throw std::runtime_error("memfd_create");
    return descriptor;
}

std::string contents(int descriptor) {
    std::string text(static_cast<std::size_t>(::lseek(descriptor, 0, SEEK_END)), '\0');
    const ssize_t got = ::pread(descriptor, text.data(), text.size(), 0);
    text.resize(got < 0 ? 0 : static_cast<std::size_t>(got));
    return text;
}

} // namespace

ChildProcess::ChildProcess(const std::vector<std::string>& arguments, std::uint64_t file_limit)
    : out_(unnamed_file()), err_(unnamed_file()) {
    const std::string program = mtecheck::places::build() + "/mtecheck";
    std::vector<std::string> words = {program};
    words.insert(words.end(), arguments.begin(), arguments.end());
    std::vector<char*> pointers;
    for (std::string& word : words) pointers.push_back(word.data());
    pointers.push_back(nullptr);
    pid_ = ::fork();
    if (pid_ < 0) throw std::runtime_error("fork");
    if (pid_ == 0) {
        ::dup2(out_, STDOUT_FILENO);
        ::dup2(err_, STDERR_FILENO);
        if (file_limit != 0) {
            ::signal(SIGXFSZ, SIG_IGN);
            const rlimit limit{file_limit, file_limit};
            ::setrlimit(RLIMIT_FSIZE, &limit);
        }
        ::execv(program.c_str(), pointers.data());
        ::_exit(127);
    }
}

ChildProcess::~ChildProcess() {
    if (pid_ > 0) {
        ::kill(pid_, SIGKILL);
        ::waitpid(pid_, nullptr, 0);
    }
    ::close(out_);
    ::close(err_);
}

void ChildProcess::signal(int number) const {
    if (pid_ > 0) ::kill(pid_, number); // -1 would be everybody
}

void ChildProcess::reap(int options) {
    if (pid_ > 0 && ::waitpid(pid_, &status_, options) != 0) pid_ = -1;
}

bool ChildProcess::running() {
    reap(WNOHANG);
    return pid_ > 0;
}

Ended ChildProcess::wait() {
    reap(0);
    return {WIFSIGNALED(status_) ? -WTERMSIG(status_) : WEXITSTATUS(status_), contents(out_), contents(err_)};
}

Ended mtecheck(const std::vector<std::string>& arguments) { return ChildProcess(arguments).wait(); }

std::string probe_or_skip(const std::string& target) {
    const Ended ended = mtecheck({"targets", "probe", target});
    if (ended.status != 0) {
        INFO(ended.err);
        REQUIRE_FALSE(ended.err.starts_with("mtecheck targets:")); // that would be a mistake of the test
        SKIP(ended.err);
    }
    return ended.out;
}

} // namespace mtecheck::difftest
