// SPDX-License-Identifier: Apache-2.0
//
// For tests that write to programs which may have ended: as in mtecheck itself, that is an error of write(), and not
// the end of the test.
#pragma once

#include <csignal>

namespace mtecheck::difftest {

[[maybe_unused]] inline const auto kBrokenPipesAreErrors = std::signal(SIGPIPE, SIG_IGN);

} // namespace mtecheck::difftest
