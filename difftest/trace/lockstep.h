// SPDX-License-Identifier: Apache-2.0
//
// A trace in lockstep with the model. Instructions of MTE (those that the tables say touch tags, are Tag Checked, or
// move its registers) are run by the model from the state that the trace has shown so far, and compared with what the
// record says; all other effects are adopted.
//
// Invariants: what is judged *agreed* agrees whatever the values are that the trace did not show; what disagrees
// whatever they are *diverged*; all else is *unknown*, and what follows from its being right is learnt. Memory is
// constant but for the shadow of tags, which is bounded.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "difftest/trace/machine.h"
#include "difftest/trace/record.h"
#include "difftest/trace/tag_shadow.h"

namespace mtecheck::difftest {

enum class TraceVerdict : std::uint8_t { agreed, diverged, unknown };

struct VerdictCounts {
    std::uint64_t agreed = 0;
    std::uint64_t diverged = 0;
    std::uint64_t unknown = 0;
    void add(TraceVerdict verdict) {
        ++(verdict == TraceVerdict::agreed ? agreed : verdict == TraceVerdict::diverged ? diverged : unknown);
    }
};

struct TraceDifference {
    std::string what;
    std::string expected;
    std::string got;
};

struct TraceDecision {
    std::string function; ///< of the pseudocode
    std::string condition;
    bool outcome = false;
};

/// A divergence, with its first occurrence.
struct TraceFinding {
    std::uint64_t line = 0;
    std::uint32_t cpu = 0;
    std::uint64_t pc = 0;
    std::uint32_t opcode = 0;
    std::string disassembly;
    std::string pseudocode;                ///< function of the instruction
    std::vector<std::string> requirements; ///< at stake
    std::vector<TraceDifference> differences;
    std::vector<TraceDecision> decisions; ///< that the model took
    std::uint64_t occurrences = 0;        ///< of the same kind
};

/// A synchronous Tag Check Fault that the record and the model agree on, and why it was one.
struct TagCheckFaultSeen {
    TraceFinding at; ///< without differences
    std::uint8_t logical_tag = 0;
    std::uint8_t allocation_tag = 0;
    std::optional<std::uint64_t> address; ///< what FAR_ELx says, if it is in the record
};

/// Why an item is unknown, and how often.
struct UnknownReason {
    std::string what;
    std::uint64_t count = 0;
};

struct TraceResult {
    std::uint64_t records = 0;
    std::uint64_t instructions = 0;
    VerdictCounts judged;
    std::uint64_t adopted = 0;            ///< instructions that are none of MTE
    std::uint64_t adopted_exceptions = 0; ///< of instructions of MTE, for reasons that are none of it
    std::uint64_t interrupts = 0;
    std::uint64_t gaps = 0; ///< places where instructions are missing
    std::uint64_t values_compared = 0;
    std::uint64_t values_adopted = 0; ///< of judged instructions: the model could not say them
    std::uint64_t tags_stored = 0;
    std::uint64_t tags_learnt = 0;
    std::uint64_t shadow_pages = 0;
    std::uint64_t shadow_full = 0;
    std::array<VerdictCounts, spec::encoding_count> encodings{};
    std::vector<UnknownReason> reasons; ///< the most frequent first
    std::vector<TraceFinding> findings; ///< in the order of their first occurrence
    std::uint64_t tag_check_faults = 0; ///< synchronous, and agreed
    std::vector<TagCheckFaultSeen> faults;
    std::uint64_t more_kinds = 0; ///< divergences of kinds beyond those that are kept
};

struct LockstepSettings {
    model::FeatureSet features;
    bool complete = true;
    bool only_user = false;
    std::vector<RegisterValue> registers; ///< at the beginning
    MemoryIs memory = MemoryIs::not_known;
    std::size_t most_pages = 262144;
    std::size_t most_faults = 0; ///< to keep of Tag Check Faults that are agreed
};

class Lockstep {
  public:
    explicit Lockstep(const LockstepSettings& settings);
    ~Lockstep();
    Lockstep(const Lockstep&) = delete;
    Lockstep& operator=(const Lockstep&) = delete;

    void take(const TraceRecord& record);
    /// So far.
    TraceResult result() const;

  private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

/// The number of processors that a trace may have.
inline constexpr std::uint32_t kMostCpus = 1024;

} // namespace mtecheck::difftest
