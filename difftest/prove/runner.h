// SPDX-License-Identifier: Apache-2.0
//
// Runs proofs on several threads: first the selected invariants of each variant of a scenario, then, scenario by
// scenario, the deliberate faults that must break them. A fault is tried on one variant after the other until it is
// killed, and not at all on a variant whose proof never asked for it: that proof is one of the mutant, too.
//
// Invariants: results do not depend on the number of threads or on the order in which jobs end; what an interrupted run
// has proved is in the cache.
#pragma once

#include <atomic>
#include <functional>
#include <string>

#include "difftest/prove/cache.h"
#include "difftest/prove/proofs.h"

namespace mtecheck::difftest {

enum class Faults : std::uint8_t {
    none,     ///< only the model as it is
    expected, ///< those that each invariant says break it
    all,      ///< all that a scenario asked for, on all of its selected invariants
};

struct ProofSettings {
    unsigned workers = 1;
    double timeout = 0; ///< seconds for each job; 0: no limit
    Faults faults = Faults::expected;
    ProofCache* cache = nullptr; ///< null: everything is proved
    QueryObserver on_query = {}; ///< from several threads; jobs with it are not taken from the cache
};

struct ProofProgress {
    std::uint64_t done = 0;
    std::uint64_t jobs = 0; ///< as far as they are known
    std::string running;    ///< one of the jobs under way
};

/// `show` is called now and then, from one thread at a time.
Proofs run_proofs(const Selection& selection, const ProofSettings& settings, const std::atomic<bool>& interrupted,
                  const std::function<void(const ProofProgress&)>& show);

} // namespace mtecheck::difftest
