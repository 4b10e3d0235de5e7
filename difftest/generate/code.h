// SPDX-License-Identifier: Apache-2.0
//
// Draws the code of a sequence. Instructions come from the tables by weight, or as short recipes in which one
// instruction prepares what the next one checks; operands are chosen so that pointers stay pointers and addresses
// stay near what states can set up.
//
// Invariants: no word is CONSTRAINED UNPREDICTABLE, and UNDEFINED ones are rare; no result depends on where the
// code is; branches and exception returns go forward, to the end of the code at most.
#pragma once

#include "difftest/core/case.h"
#include "difftest/generate/instructions.h"
#include "difftest/generate/plan.h"
#include "difftest/generate/random.h"

namespace mtecheck::difftest {

class CodeGenerator {
  public:
    explicit CodeGenerator(const Profile& profile);

    /// Sets the code of `sequence`, whose configuration is set, and what its states have to know.
    void draw(Random& random, Sequence& sequence, SequencePlan& plan) const;

    const InstructionSet& instructions() const { return instructions_; }

  private:
    /// A few instructions of which each prepares the next.
    void recipe(Random& random, class CodeBuilder& builder, const Configuration& configuration) const;

    bool process_;   // code for a Linux process
    bool simulator_; // for one that is simulated without a kernel
    InstructionSet instructions_;
    std::vector<const Instruction*> checked_; // with a base register
    std::vector<const Instruction*> tag_stores_;
    std::vector<const Instruction*> exclusive_loads_;
    std::vector<const Instruction*> exclusive_stores_;
    std::vector<const Instruction*> block_operations_; // DC ZVA, GVA, GZVA
    std::vector<const Instruction*> atomics_;          // compare and swap among them
    std::vector<const Instruction*> pair_loads_;
    std::vector<const Instruction*> wide_tag_stores_; // of two granules
};

} // namespace mtecheck::difftest
