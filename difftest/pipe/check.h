// SPDX-License-Identifier: Apache-2.0
//
// Whether an adapter keeps the rules of docs/adapters.md: the same questions for everybody, before a campaign is
// wasted. That the implementation behind it disagrees with the model is no fault of an adapter: it is told, and not
// counted.
#pragma once

#include <string>
#include <vector>

namespace mtecheck::difftest {

struct AdapterCheck {
    std::string what;
    bool passed = false;
    std::string detail; // what went wrong, or figures
};

/// In order; those after one without which the others make no sense are left out. TargetError if it cannot be started.
/// `spec` is that of a target pipe.
std::vector<AdapterCheck> check_adapter(const std::string& spec);

} // namespace mtecheck::difftest
