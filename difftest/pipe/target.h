// SPDX-License-Identifier: Apache-2.0
//
// Target `pipe`: anybody's implementation, behind a program that reads requests and writes answers.
#pragma once

#include <memory>
#include <string>

#include "difftest/core/target.h"

namespace mtecheck::difftest {

struct PipeOptions {
    std::string spec;    // as the user wrote it
    std::string command; // for /bin/sh
    double seconds = 60; // for one answer
};

/// `pipe[,timeout=SECONDS]:COMMAND`. InputError if it is none.
PipeOptions parse_pipe_options(const std::string& spec);

/// Nothing is started before the first probe() or run(). The process must ignore SIGPIPE.
std::unique_ptr<Target> make_pipe_target(const std::string& spec);

} // namespace mtecheck::difftest
