// SPDX-License-Identifier: Apache-2.0
//
// All feasible paths of an instruction in a configuration class, with a case for each: explored with the solver on
// terms, and checked by running each case on plain values, which must take the path that it was made for.
//
// Invariants: the result is a function of encoding, class and profile; nothing is sampled. A path about which the
// solver gives up is counted in `undecided`, a case that takes another path in `astray`: neither is hidden.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "difftest/core/case.h"
#include "difftest/core/target.h"
#include "difftest/paths/path_class.h"
#include "spec/gen/isa.h"

namespace mtecheck::difftest {

/// A case of the path corpus.
struct PathCase {
    spec::Encoding encoding{}; ///< of the subject
    std::size_t subject = 0;   ///< index in the code
    Sequence sequence;
    State state;
};

struct EnumeratedPath {
    std::string path;
    PathCase example;
};

struct Enumeration {
    std::vector<EnumeratedPath> paths;                             ///< of the instruction, in the order of discovery
    std::map<std::pair<std::string, std::string>, PathCase> calls; ///< by function and path of it
    std::vector<PathCase> edges;                                   ///< variants of paths at the edges of their values
    std::uint64_t runs = 0;
    std::uint64_t queries = 0;
    std::uint64_t undecided = 0;
    std::uint64_t open = 0;   ///< paths on which the architecture leaves open what happens
    std::uint64_t astray = 0; ///< cases that take another path than theirs
    std::vector<std::string> trouble;
};

Enumeration enumerate(const spec::EncodingInfo& info, std::size_t path_class, const Profile& profile);

} // namespace mtecheck::difftest
