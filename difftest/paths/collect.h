// SPDX-License-Identifier: Apache-2.0
//
// The path corpus from scratch: every instruction in every configuration class, for every kind of implementation, on
// several threads.
//
// Invariant: the result is a function of the model, the tables and the solver, whatever the number of threads.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "difftest/paths/path_case.h"
#include "difftest/paths/path_corpus.h"

namespace mtecheck::difftest {

struct CollectOptions {
    std::string instructions = "*"; ///< of which encodings or instruction classes
    unsigned jobs = 1;
    /// Called now and then, from any thread, one at a time.
    std::function<void(std::size_t done, std::size_t all, const std::string& encoding)> progress;
};

struct PathCollection {
    std::map<std::string, std::vector<PathCase>> files; ///< by instruction class
    PathIndex index;
    std::vector<std::string> trouble; ///< cases that do not take the path that they were made for, and the like
    std::uint64_t runs = 0;
    std::uint64_t queries = 0;
    std::uint64_t undecided = 0;

    std::uint64_t cases() const;
};

PathCollection collect_paths(const CollectOptions& options);

} // namespace mtecheck::difftest
