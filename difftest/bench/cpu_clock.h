// SPDX-License-Identifier: Apache-2.0
//
// The clock of all benchmarks: processor time of this thread, since other work on the machine costs wall time.
#pragma once

#include <ctime>

namespace mtecheck::difftest {

inline double cpu_seconds() {
    timespec time{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

} // namespace mtecheck::difftest
