// SPDX-License-Identifier: Apache-2.0
//
// Patience with a connection that was there and is gone.
#pragma once

#include <chrono>
#include <thread>

#include "difftest/batch/doorbell.h"

namespace mtecheck::difftest {

inline constexpr int kReconnections = 6; // with pauses of 50 ms, 200 ms, 800 ms...

/// What `connect` makes. What never started will not start; a connection that is gone may come back, so that `again`
/// tries several times. Throws LostAtBoot if it does not, and what else `connect` throws.
template <class Connect>
auto connect_patiently(bool again, const Connect& connect) {
    for (int attempt = 1;; ++attempt) {
        try {
            return connect();
        } catch (const LostAtBoot&) {
            if (!again || attempt == kReconnections) throw;
            std::this_thread::sleep_for(std::chrono::milliseconds(50 << (2 * (attempt - 1))));
        }
    }
}

} // namespace mtecheck::difftest
