// SPDX-License-Identifier: Apache-2.0
//
// Another SMT solver as a witness: it is asked the same questions, as texts of SMT-LIB 2, and must not contradict.
//
// cvc5 runs as one process that takes question after question; of any other solver a process is started for each.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "difftest/prove/job.h"

namespace mtecheck::difftest {

/// A solver's process.
class SecondSolver {
  public:
    enum class Answer : std::uint8_t { satisfiable, unsatisfiable, unknown, timeout };

    /// `program` is a path, or a name that is looked up in PATH. Throws ToolError if there is none.
    SecondSolver(const std::string& program, unsigned seconds);
    ~SecondSolver();
    SecondSolver(const SecondSolver&) = delete;
    SecondSolver& operator=(const SecondSolver&) = delete;

    /// Throws ToolError if the solver says something that is no answer.
    Answer ask(const std::string& smt2);

  private:
    void start();
    void stop();
    void send(std::string_view text);
    /// A line, or nothing when the time is up. Throws ToolError if there will be none.
    bool receive(std::string& line);

    std::string program_;
    bool lasting_ = false; ///< one process for all questions
    unsigned seconds_ = 0;
    pid_t pid_ = -1;
    int in_ = -1;
    int out_ = -1;
    std::string received_;
};

/// What a second solver said about the questions of a run.
struct CrossCheckResult {
    std::string solver;
    std::uint64_t agreed = 0;
    std::uint64_t unknown = 0;          ///< one of the two gave no answer
    std::uint64_t timeouts = 0;         ///< of the second solver
    std::vector<std::string> disagreed; ///< one line each
};

/// Asks a second solver and writes questions to files, as they come. Safe for several threads. Within a job each
/// question counts once.
class QueryWitness {
  public:
    /// Empty: no second solver. Throws ToolError if there is no such solver.
    void cross_check(const std::string& program, unsigned seconds);
    /// The directory is made if need be.
    void export_to(const std::filesystem::path& directory);

    bool wanted() const { return !program_.empty() || !directory_.empty(); }
    void see(const Job& job, const std::string& smt2, model::symbolic::Answer answer);

    /// In the order of the names of jobs.
    const CrossCheckResult& result();

  private:
    std::unique_ptr<SecondSolver> take();

    std::string program_;
    unsigned seconds_ = 0;
    std::filesystem::path directory_;
    std::mutex lock_; // of what follows
    std::vector<std::unique_ptr<SecondSolver>> idle_;
    std::map<std::string, std::set<std::size_t>> seen_; // hashes of questions, by job
    CrossCheckResult result_;
};

} // namespace mtecheck::difftest
