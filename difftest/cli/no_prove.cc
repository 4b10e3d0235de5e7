// SPDX-License-Identifier: Apache-2.0
//
// mtecheck prove, in a program that was built without proofs.
#include <stdexcept>

#include "difftest/cli/verbs.h"

namespace mtecheck::difftest {

int run_prove(std::span<char* const> arguments) {
    Options options("prove", "[PATTERN...] [OPTION...]",
                    "This mtecheck was built without proofs (-DMTECHECK_PROOFS=OFF): it can prove nothing.\n");
    options.positional(0, 0);
    if (!arguments.empty() && std::string_view(arguments[0]) == "--help") {
        options.parse(arguments);
        return kAgree;
    }
    throw std::runtime_error("this mtecheck was built without proofs: build it with -DMTECHECK_PROOFS=ON, which "
                             "needs Z3 (Debian package libz3-dev)");
}

} // namespace mtecheck::difftest
