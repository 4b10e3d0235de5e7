// SPDX-License-Identifier: Apache-2.0
//
// Runs ABI programs on a target, groups what diverges, and reduces one program of each group.
#pragma once

#include <array>
#include <atomic>
#include <map>
#include <vector>

#include "difftest/abi/abi_judge.h"
#include "difftest/core/error.h"

namespace mtecheck::difftest {

inline constexpr std::uint64_t kAbiCases = 2000;

struct AbiSettings {
    std::uint64_t cases = kAbiCases;
    std::uint64_t seed = 1;
    bool reduce = true;
};

/// Divergences about the same clause that look alike.
struct AbiGroup {
    AbiDivergence divergence; // of `program`
    std::uint64_t cases = 0;
    std::uint64_t first_case = 0;
    AbiProgram program; // reduced
};

struct AbiResult {
    AbiSystem system;
    AbiSettings settings;
    std::uint64_t agreed = 0, diverged = 0, not_modelled = 0;
    std::uint64_t cannot = 0;     // steps that the target cannot do
    std::vector<AbiGroup> groups; // in the order of their clauses
    /// How often what is open was settled in which way, in programs that agree.
    std::map<model::linux_abi::Open, std::array<std::uint64_t, 3>> open;
};

/// The target has no memory tagging: nothing can be compared.
class NoMemoryTagging : public ToolError {
  public:
    using ToolError::ToolError;
};

/// Both throw NoMemoryTagging, and TargetError if the target does not start.
AbiResult check_abi(AbiTarget& target, const AbiSettings& settings, const std::atomic<bool>& interrupted);
/// One program.
AbiResult check_abi(AbiTarget& target, const AbiProgram& program);

} // namespace mtecheck::difftest
