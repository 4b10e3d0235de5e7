// SPDX-License-Identifier: Apache-2.0
//
// Runs the units of a campaign on several threads and merges their results in unit order.
//
// A campaign is 64 logical shards, each a deterministic stream of sequences; a unit is a run of consecutive
// sequences of one shard, and the units are numbered round-robin over the shards. Since results are merged strictly
// in unit order, what a campaign reports depends on the number of merged units only: neither on the number of
// workers, nor on which worker was faster, nor on where it was interrupted and resumed.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>

#include "difftest/campaign/unit.h"

namespace mtecheck::difftest {

/// One worker: a target process with a judge and a generator of its own.
class UnitWorker {
  public:
    virtual ~UnitWorker() = default;
    virtual UnitResult run(const Unit& unit) = 0;
};

struct EngineHooks {
    /// Called once in each worker thread.
    std::function<std::unique_ptr<UnitWorker>()> make_worker;
    /// Called for unit after unit, in order, never concurrently. False: that was the last one.
    std::function<bool(UnitResult&&)> merge;
    /// So many units may run before the first of them is merged; 0: as many as there are workers for.
    std::uint64_t most_ahead = 0;
    /// The number of the unit that comes at a place in the order; none: the place itself.
    std::function<std::uint64_t(std::uint64_t)> unit_at;
    /// Called several times a second by the thread that called run_units.
    std::function<void()> tick;
};

enum class EngineEnd : std::uint8_t { complete, interrupted };

/// Merges the units from `first` on until merge says that it is enough or `interrupt` is set; units in flight are
/// then abandoned. An exception of a hook ends all workers and is thrown on.
EngineEnd run_units(std::uint64_t first, unsigned workers, const EngineHooks& hooks,
                    const std::atomic<bool>& interrupt);

} // namespace mtecheck::difftest
