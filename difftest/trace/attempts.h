// SPDX-License-Identifier: Apache-2.0
//
// An instruction of MTE, run by the model from the state before it: once, or with every answer to what the trace did
// not tell and to what the architecture leaves open.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "difftest/trace/comparison.h"

namespace mtecheck::difftest {

/// A run with one set of answers.
struct AnsweredRun {
    std::vector<std::uint8_t> script; ///< of its answers
    std::vector<Supposition> suppositions;
    std::size_t distance = 0; ///< from the record
    bool agrees = false;
    model::ProcState<TraceMachine> state; ///< afterwards, if it agrees; so are the tags
    std::vector<TagWrite> tag_writes;
    bool aborted = false;
};

struct AnsweredRuns {
    std::vector<AnsweredRun> runs;
    bool open = false; ///< they are not all that there are

    /// What the trace did not tell may be as any set of suppositions says; one of the outcomes that the architecture
    /// allows then has to agree: with some set, and with all of them.
    struct Agreement {
        bool any = false;
        bool all = true;
    };
    Agreement agreement() const;
    /// By its distance from the record; there are some.
    const AnsweredRun& nearest() const;
};

class Attempts {
  public:
    /// `complete`: the record tells every register that changes.
    Attempts(TraceMachine& machine, Comparison& comparison, bool complete)
        : machine_(machine), comparison_(comparison), complete_(complete) {}

    /// The state is now that before the instruction.
    void prepare(const TraceRecord& record, const DecodedForTrace& decoded);
    /// Runs and compares, from that state.
    RunEnd attempt(const TraceRecord& record, const DecodedForTrace& decoded, std::span<const std::uint8_t> script);
    /// That state again.
    void restore();
    /// Every outcome, by every answer. The machine and the comparison are left as the last of them was.
    AnsweredRuns explore(const TraceRecord& record, const DecodedForTrace& decoded);
    /// What the model cannot say, and the record does not tell, has not changed.
    void keep_unwritten();

  private:
    TraceMachine& machine_;
    Comparison& comparison_;
    bool complete_;
    model::ProcState<TraceMachine> before_;
};

} // namespace mtecheck::difftest
