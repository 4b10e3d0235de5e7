// SPDX-License-Identifier: Apache-2.0
//
// All feasible paths of an instruction in a configuration class, with a case for each: explored with the solver on
// terms, and checked by running each case on plain values, which must take the path that it was made for.
//
// Invariants: the paths are a function of encoding, class and profile; nothing is sampled. The values of a case depend
// on what the solver was asked before, too. A path about which the
// solver gives up is counted in `undecided`, a case that takes another path in `astray`: neither is hidden.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "difftest/core/target.h"
#include "difftest/paths/path_case.h"
#include "difftest/paths/path_class.h"
#include "model/machine/native_machine.h"
#include "spec/gen/isa.h"

namespace mtecheck::difftest {

struct EnumeratedPath {
    std::string path;
    PathCase example;
};

struct Enumeration {
    std::vector<EnumeratedPath> paths;                             ///< of the instruction, in the order of discovery
    std::map<std::pair<std::string, std::string>, PathCase> calls; ///< by function and path of it
    std::vector<PathCase> edges;                                   ///< further cases, of values at edges
    std::map<std::string, std::set<std::string>> unreachable;      ///< paths by the constraint that excludes them
    model::FeatureSet asked;                                       ///< features that anything depends on
    std::uint64_t runs = 0;
    std::uint64_t queries = 0;
    std::uint64_t undecided = 0;
    std::uint64_t open = 0;   ///< paths on which the architecture leaves open what happens
    std::uint64_t astray = 0; ///< cases that take another path than theirs
    std::vector<std::string> trouble;
};

/// The solver and what it was asked before. Encodings of one instruction class ask much the same.
class PathSolver {
  public:
    PathSolver();
    ~PathSolver();
    PathSolver(const PathSolver&) = delete;
    PathSolver& operator=(const PathSolver&) = delete;

  private:
    friend class Enumerator;
    struct Implementation;
    std::unique_ptr<Implementation> implementation_;
};

Enumeration enumerate(const spec::EncodingInfo& info, std::size_t path_class, const Profile& profile,
                      PathSolver& solver);
/// The paths of the ordinary shapes whose base register is no stack pointer, with everything free at once instead of in
/// parts: slow, and for a test that the parts leave out nothing.
std::set<std::string> paths_without_parts(const spec::EncodingInfo& info, std::size_t path_class,
                                          const Profile& profile, PathSolver& solver);

} // namespace mtecheck::difftest
