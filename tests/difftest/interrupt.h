// SPDX-License-Identifier: Apache-2.0
//
// For what asks whether it was interrupted: it never is.
#pragma once

#include <atomic>

namespace mtecheck::difftest {

inline const std::atomic<bool> kNever = false;

} // namespace mtecheck::difftest
