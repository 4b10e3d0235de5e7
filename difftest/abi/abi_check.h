// SPDX-License-Identifier: Apache-2.0
//
// Runs ABI programs on a target, groups what diverges, and reduces one program of each group.
//
// Invariants: what diverges was run twice. A target that ends is to blame only if it ends twice with the same program.
#pragma once

#include <array>
#include <atomic>
#include <map>
#include <vector>

#include "difftest/abi/abi_defects.h"
#include "difftest/core/error.h"

namespace mtecheck::difftest {

inline constexpr std::uint64_t kAbiCases = 2000;

struct AbiSettings {
    std::uint64_t cases = kAbiCases;
    std::uint64_t seed = 1;
    bool reduce = true;
    bool generated = true; // else a program that was given
};

/// Divergences about the same clause that look alike, and that known defects explain; or that leave alike differences
/// when all known defects are taken for granted.
struct AbiGroup {
    AbiDivergence divergence;            // of `program`
    std::vector<std::string> defects;    // that explain `program`; empty: unexplained
    std::optional<AbiDivergence> beyond; // of `program`, if unexplained: from the contract with all known defects
    std::string why;                     // of `program`, if unexplained: why it cannot be judged with all known defects
    std::uint64_t cases = 0;
    std::uint64_t not_reproduced = 0; // of them: run again they did something else
    std::uint64_t first_case = 0;     // that diverged twice, if there is one
    AbiProgram program;               // reduced
};

struct AbiResult {
    AbiSystem system;
    AbiSettings settings;
    std::uint64_t cases = 0; // that were run or not modelled; fewer than the settings' if the run ended early
    std::uint64_t agreed = 0, diverged = 0, not_modelled = 0;
    std::uint64_t explained = 0;      // of those that diverged: by known defects
    std::uint64_t not_reproduced = 0; // of those that diverged
    std::uint64_t lost = 0;           // connections that ended with a program that did not end the next one
    std::map<std::string, std::uint64_t> why_not_modelled;
    bool interrupted = false;
    std::string trouble;          // with the target, which ended the run; empty: none
    std::uint64_t cannot = 0;     // steps that the target cannot do
    std::vector<AbiGroup> groups; // what is unexplained first; in the order of their clauses
    /// The known defects of the target's version, and how many programs each was needed to explain.
    std::vector<std::pair<AbiDefect, std::uint64_t>> defects;
    std::uint64_t unexplained() const { return diverged - explained; }
    /// How often what is open was settled in which way, in programs that agree.
    std::map<model::linux_abi::Open, std::array<std::uint64_t, 3>> open;
};

/// The target has no memory tagging: nothing can be compared.
class NoMemoryTagging : public ToolError {
  public:
    using ToolError::ToolError;
};

/// Both throw NoMemoryTagging, and TargetError if the target does not start. If it goes away for good later on, the
/// result tells what came before, with the trouble.
AbiResult check_abi(AbiTarget& target, const AbiSettings& settings, const std::atomic<bool>& interrupted,
                    const std::vector<AbiDefect>& known = {});
/// One program.
AbiResult check_abi_program(AbiTarget& target, const AbiProgram& program, const std::atomic<bool>& interrupted,
                            const std::vector<AbiDefect>& known = {});

} // namespace mtecheck::difftest
