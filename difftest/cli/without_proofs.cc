// SPDX-License-Identifier: Apache-2.0
//
// mtecheck prove and mtecheck paths, in a program that was built without proofs.
#include <stdexcept>

#include "difftest/cli/verbs.h"

namespace mtecheck::difftest {
namespace {

int cannot(Options options, std::span<char* const> arguments) {
    if (!arguments.empty() && std::string_view(arguments[0]) == "--help") {
        options.parse(arguments);
        return kAgree;
    }
    throw std::runtime_error("this mtecheck was built without proofs: build it with -DMTECHECK_PROOFS=ON, which "
                             "needs Z3 (Debian package libz3-dev)");
}

} // namespace

int run_prove(std::span<char* const> arguments) {
    return cannot({"prove", "[PATTERN...] [OPTION...]",
                   "This mtecheck was built without proofs (-DMTECHECK_PROOFS=OFF): it can prove nothing.\n"},
                  arguments);
}

int run_paths(std::span<char* const> arguments) {
    return cannot({"paths", "[OPTION...]",
                   "This mtecheck was built without proofs (-DMTECHECK_PROOFS=OFF): it can replay the corpus of paths, "
                   "but not\nmake it.\n"},
                  arguments);
}

} // namespace mtecheck::difftest
