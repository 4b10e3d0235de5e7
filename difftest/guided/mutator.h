// SPDX-License-Identifier: Apache-2.0
//
// Makes tests of kept cases: changes their code, configuration and states a little, and joins parts of two.
//
// Invariants: the same random stream makes the same test of the same cases; what it makes obeys the rules of generated
// tests (no CONSTRAINED UNPREDICTABLE or UNDEFINED word, branches forward to the end of the code at most, windows in
// order and in the arena), but for escapes, which only the model can tell.
#pragma once

#include <cstdint>

#include "difftest/generate/configuration.h"
#include "difftest/generate/instructions.h"
#include "difftest/generate/random.h"
#include "difftest/guided/guided_corpus.h"

namespace mtecheck::difftest {

class Mutator {
  public:
    explicit Mutator(const Profile& profile);

    /// A sequence made of the parent's, and maybe of parts of the donor's.
    void mutate(Random& random, const GuidedSeed& parent, const GuidedSeed& donor, Sequence& out) const;

    /// A state for `sequence` from the parent's, which is of a sequence with configuration `before`. The first of a
    /// test is best the parent's as it is: unchanged.
    void mutate(Random& random, const GuidedSeed& parent, const Sequence& sequence, bool unchanged, State& out) const;

  private:
    bool usable(std::uint32_t word, const GuidedSeed& parent) const;
    void change_code(Random& random, const GuidedSeed& parent, const GuidedSeed& donor, Sequence& out) const;
    bool change_operand(Random& random, const GuidedSeed& parent, std::uint32_t& word) const;
    void change_configuration(Random& random, const GuidedSeed& donor, Sequence& out) const;

    InstructionSet instructions_;
    ConfigurationGenerator configurations_;
};

} // namespace mtecheck::difftest
