// SPDX-License-Identifier: Apache-2.0
//
// What an instruction turned on: the last labelled decision that the model makes in it. It stands for the path that the
// instruction took, and is the same for all cases that an access check, say, lets go for the same reason.
//
// Decisions on the regime, on where an address leads, and on how an exception is entered come with every access: they
// are passed over.
#pragma once

#include <memory>
#include <string>

#include "difftest/core/case.h"
#include "difftest/core/target.h"

namespace mtecheck::difftest {

class DecisionTracer {
  public:
    explicit DecisionTracer(const Profile& profile);
    ~DecisionTracer();

    /// Of the last instruction that a run begins, with its outcome: "TagMatch=0". Empty if it decides nothing.
    std::string decisive(const Sequence& sequence, const State& state);

  private:
    struct Implementation;
    std::unique_ptr<Implementation> implementation_;
};

} // namespace mtecheck::difftest
