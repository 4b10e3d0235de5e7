// SPDX-License-Identifier: Apache-2.0
//
// The model of the Linux ABI on the concrete machine, set up for what a target says of itself.
#pragma once

#include "difftest/abi/abi_target.h"
#include "model/linux/kernel.h"
#include "model/machine/concrete_machine.h"

namespace mtecheck::difftest {

using AbiExpectation = model::linux_abi::AbiOutcome<model::ConcreteMachine>;
using AbiChoices = std::vector<model::linux_abi::OpenChoices::Asked>;

class AbiModel {
  public:
    explicit AbiModel(const AbiSystem& system, const model::linux_abi::AbiFaultSet& faults = {});

    /// What runs from now on has these faults.
    void assume(const model::linux_abi::AbiFaultSet& faults) { faults_ = faults; }

    /// `script`: the first answers to what the contract leaves open. `asked`: all that were asked for.
    AbiExpectation run(const AbiProgram& program, std::vector<unsigned> script, AbiChoices& asked);

  private:
    model::ConcreteMachine machine_;
    model::linux_abi::System system_;
    model::linux_abi::AbiFaultSet faults_;
};

} // namespace mtecheck::difftest
