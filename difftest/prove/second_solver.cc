// SPDX-License-Identifier: Apache-2.0
#include "difftest/prove/second_solver.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>

#include "difftest/core/error.h"
#include "difftest/findings/files.h"

namespace mtecheck::difftest {
namespace {

constexpr unsigned kGraceSeconds = 10; // over the solver's own limit

/// Where a program is; empty if it is nowhere.
std::string find_program(const std::string& name) {
    if (name.find('/') != std::string::npos) return ::access(name.c_str(), X_OK) == 0 ? name : "";
    const char* variable = std::getenv("PATH");
    std::string_view path = variable == nullptr ? std::string_view() : std::string_view(variable);
    while (!path.empty()) {
        const std::size_t end = std::min(path.find(':'), path.size());
        const std::string candidate = std::string(path.substr(0, end)) + "/" + name;
        if (::access(candidate.c_str(), X_OK) == 0) return candidate;
        path.remove_prefix(std::min(end + 1, path.size()));
    }
    return "";
}

} // namespace

SecondSolver::SecondSolver(const std::string& program, unsigned seconds)
    : program_(find_program(program)), seconds_(seconds) {
    if (program_.empty()) {
        throw ToolError("there is no solver '" + program + "' to cross-check with: install it (apt install cvc5)");
    }
    lasting_ = std::filesystem::path(program_).filename().string().starts_with("cvc5");
}

SecondSolver::~SecondSolver() { stop(); }

void SecondSolver::start() {
    int to[2];
    int from[2];
    if (::pipe2(to, O_CLOEXEC) != 0 || ::pipe2(from, O_CLOEXEC) != 0) {
        throw ToolError(std::string("cannot make a pipe: ") + std::strerror(errno));
    }
    const std::string limit = "--tlimit-per=" + std::to_string(1000 * seconds_);
    std::vector<std::string> words = {program_};
    if (lasting_) words.insert(words.end(), {"--lang=smt2", "--incremental", limit});
    std::vector<char*> pointers;
    for (std::string& word : words) pointers.push_back(word.data());
    pointers.push_back(nullptr);
    pid_ = ::fork();
    if (pid_ < 0) throw ToolError(std::string("cannot start a process: ") + std::strerror(errno));
    if (pid_ == 0) {
        ::dup2(to[0], STDIN_FILENO);
        ::dup2(from[1], STDOUT_FILENO);
        ::execv(program_.c_str(), pointers.data());
        ::_exit(127);
    }
    ::close(to[0]);
    ::close(from[1]);
    in_ = to[1];
    out_ = from[0];
    received_.clear();
}

void SecondSolver::stop() {
    if (pid_ <= 0) return;
    ::close(in_);
    ::close(out_);
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    pid_ = -1;
}

void SecondSolver::send(std::string_view text) {
    while (!text.empty()) {
        const ssize_t written = ::write(in_, text.data(), text.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) throw ToolError(program_ + " ended early: " + std::strerror(errno));
        text.remove_prefix(static_cast<std::size_t>(written));
    }
}

bool SecondSolver::receive(std::string& line) {
    for (;;) {
        if (const std::size_t end = received_.find('\n'); end != std::string::npos) {
            line = received_.substr(0, end);
            received_.erase(0, end + 1);
            return true;
        }
        pollfd ready{out_, POLLIN, 0};
        const int count = ::poll(&ready, 1, static_cast<int>(1000 * (seconds_ + kGraceSeconds)));
        if (count < 0 && errno == EINTR) continue;
        if (count == 0) return false;
        char buffer[4096];
        const ssize_t got = ::read(out_, buffer, sizeof buffer);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) throw ToolError(program_ + " ended without an answer: '" + received_ + "'");
        received_.append(buffer, static_cast<std::size_t>(got));
    }
}

SecondSolver::Answer SecondSolver::ask(const std::string& smt2) {
    if (pid_ <= 0) start();
    send(smt2);
    if (lasting_) {
        send("\n(reset)\n");
    } else {
        ::close(in_); // the end of the question
        in_ = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
    }
    std::string line;
    const bool answered = receive(line);
    if (!answered || !lasting_) stop();
    if (!answered) return Answer::timeout;
    if (line == "sat") return Answer::satisfiable;
    if (line == "unsat") return Answer::unsatisfiable;
    if (line == "unknown") return Answer::unknown;
    throw ToolError(program_ + " gives no answer but: " + line);
}

void QueryWitness::cross_check(const std::string& program, unsigned seconds) {
    program_ = program;
    seconds_ = seconds;
    result_.solver = program;
    idle_.push_back(std::make_unique<SecondSolver>(program_, seconds_));
}

void QueryWitness::export_to(const std::filesystem::path& directory) {
    make_directory(directory);
    directory_ = directory;
}

std::unique_ptr<SecondSolver> QueryWitness::take() {
    const std::lock_guard<std::mutex> locked(lock_);
    if (idle_.empty()) return std::make_unique<SecondSolver>(program_, seconds_);
    std::unique_ptr<SecondSolver> solver = std::move(idle_.back());
    idle_.pop_back();
    return solver;
}

void QueryWitness::see(const Job& job, const std::string& smt2, model::symbolic::Answer answer) {
    const std::string name = job.name();
    std::size_t number = 0;
    {
        const std::lock_guard<std::mutex> locked(lock_);
        if (!seen_[name].insert(std::hash<std::string>()(smt2)).second) return;
        number = seen_[name].size();
    }
    std::string file = name;
    std::replace(file.begin(), file.end(), '/', '.');
    std::string digits = std::to_string(number);
    file += "." + digits.insert(0, digits.size() < 5 ? 5 - digits.size() : 0, '0') + ".smt2";
    using Z3Answer = model::symbolic::Answer;
    if (!directory_.empty()) {
        const char* status = answer == Z3Answer::satisfiable     ? "sat"
                             : answer == Z3Answer::unsatisfiable ? "unsat"
                                                                 : "unknown";
        write_durably(directory_ / file, std::string("; answered by Z3: ") + status + "\n" + smt2);
    }
    if (program_.empty()) return;
    std::unique_ptr<SecondSolver> solver = take();
    const SecondSolver::Answer second = solver->ask(smt2);
    const std::lock_guard<std::mutex> locked(lock_);
    idle_.push_back(std::move(solver));
    const bool satisfiable = second == SecondSolver::Answer::satisfiable;
    if (second == SecondSolver::Answer::timeout) {
        ++result_.timeouts;
    } else if (second == SecondSolver::Answer::unknown || answer == Z3Answer::unknown) {
        ++result_.unknown;
    } else if (satisfiable == (answer == Z3Answer::satisfiable)) {
        ++result_.agreed;
    } else {
        result_.disagreed.push_back(file + ": Z3 says " + (satisfiable ? "unsat, " : "sat, ") + result_.solver +
                                    " says " + (satisfiable ? "sat" : "unsat"));
    }
}

const CrossCheckResult& QueryWitness::result() {
    const std::lock_guard<std::mutex> locked(lock_);
    std::sort(result_.disagreed.begin(), result_.disagreed.end());
    return result_;
}

} // namespace mtecheck::difftest
