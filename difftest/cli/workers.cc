// SPDX-License-Identifier: Apache-2.0
//
// How many workers a verb has, and how it is told to stop.
#include <algorithm>
#include <csignal>
#include <thread>

#include "difftest/cli/verbs.h"

namespace mtecheck::difftest {
namespace {

std::atomic<bool> interrupted = false;

extern "C" void on_interrupt(int signal) {
    interrupted = true;
    std::signal(signal, SIG_DFL); // the second time it means it
}

} // namespace

void declare_workers(Options& options, const std::string& what) {
    options.value("workers", "N", what + ", or auto: one for each processor", "auto", 'j');
}

unsigned workers_of(const Options& options) {
    if (options.get("workers") == "auto") return std::max(1U, std::thread::hardware_concurrency());
    return static_cast<unsigned>(options.number("workers", 1, 256));
}

const std::atomic<bool>& interrupted_by_signals() {
    std::signal(SIGINT, on_interrupt);
    std::signal(SIGTERM, on_interrupt);
    return interrupted;
}

} // namespace mtecheck::difftest
