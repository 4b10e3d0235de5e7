// SPDX-License-Identifier: Apache-2.0
//
// What the machines of proofs have in common, whatever their values are: they keep decisions and marks in their order,
// and know whether the current instruction has written.
#pragma once

#include <cstddef>
#include <vector>

#include "model/machine/throwing_machine.h"
#include "model/marks.h"

namespace mtecheck::model {

struct DecisionTaken {
    spec::Decision decision{};
    bool outcome = false;
};

/// M is the machine that derives from it.
template <class M>
class RecordingMachine : public ThrowingMachine {
  public:
    std::vector<DecisionTaken> decisions;
    std::vector<Mark<M>> marks;

    template <class Bool>
    bool decide(spec::Decision decision, Bool condition) {
        const bool outcome = static_cast<bool>(condition);
        decisions.push_back({decision, outcome});
        return outcome;
    }
    void unknown(const Mark<M>& mark) { marks.push_back(mark); }

    void new_instruction(std::size_t) { wrote_ = false; }
    /// What the instruction wrote may not have happened: one mark for all of it.
    void mark_partial_writes() {
        if (!wrote_) return;
        Mark<M> mark;
        mark.reason = spec::DontCare::PartialStore;
        mark.place = Place::memory();
        marks.push_back(mark);
    }

  protected:
    void note_write() { wrote_ = true; }

  private:
    bool wrote_ = false; // by the current instruction
};

} // namespace mtecheck::model
