// SPDX-License-Identifier: Apache-2.0
//
// Target `pipe`: anybody's implementation, behind a program that reads requests and writes answers.
#pragma once

#include <memory>
#include <string>

#include "difftest/core/target.h"

namespace mtecheck::difftest {

std::unique_ptr<Target> make_pipe_target(const std::string& spec);

} // namespace mtecheck::difftest
