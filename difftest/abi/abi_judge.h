// SPDX-License-Identifier: Apache-2.0
//
// Compares what a target did with an ABI program with what the contract says.
//
// Invariants: an outcome agrees if one way of settling what the contract leaves open explains all of it; otherwise the
// divergence is the first of the way that explains most. What comes after it is not judged. Nothing diverges unless
// every way was tried, or differs from one that was tried only behind the step where that one diverges.
#pragma once

#include "difftest/abi/abi_comparison.h"

namespace mtecheck::difftest {

struct AbiVerdict {
    enum class Kind : std::uint8_t { agrees, diverges, not_modelled };
    Kind kind{};
    std::optional<AbiDivergence> divergence{};
    std::string why{};                     // not_modelled; or diverges, and cannot be judged with all known defects
    AbiChoices open{};                     // how what is open was settled; agrees
    std::vector<std::string> defects{};    // diverges: the known defects that explain it, none of which can be left out
    std::optional<AbiDivergence> beyond{}; // diverges, and is not explained: from the contract with all known defects
    unsigned cannot = 0;                   // steps that the target says it cannot do
    /// What it is to be grouped by.
    const AbiDivergence& essence() const { return beyond ? *beyond : *divergence; }
    bool diverges_like(const AbiDivergence& other) const {
        return kind == Kind::diverges && divergence->same_group(other);
    }
};

class AbiJudge {
  public:
    explicit AbiJudge(const AbiSystem& system) : model_(system) {}

    /// From now on the contract is one with these faults.
    void assume(const model::linux_abi::AbiFaultSet& faults) { model_.assume(faults); }

    /// Nothing observed: the target did not survive it.
    AbiVerdict judge(const AbiProgram& program, const std::optional<abi_response>& observed,
                     const std::string& obituary);
    /// Why a program cannot be judged; nothing: it can be.
    std::optional<std::string> why_not_modelled(const AbiProgram& program);

  private:
    AbiModel model_;
};

} // namespace mtecheck::difftest
