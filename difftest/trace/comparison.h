// SPDX-License-Identifier: Apache-2.0
//
// What a run of the model says of an instruction, against what the record says: registers, memory, the exception.
// Only what both know is compared, and only what the architecture does not leave open.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "difftest/trace/decoded.h"
#include "difftest/trace/lockstep.h"

namespace mtecheck::difftest {

struct StepDifference {
    enum class Kind : std::uint8_t {
        register_value,
        not_written,
        memory,
        exception_missing,
        exception,
        exception_level
    };
    Kind kind{};
    RegisterId id = RegisterId::x(0);
    std::uint64_t address = 0; ///< of memory
    std::uint64_t expected = 0;
    std::uint64_t got = 0;
    std::uint64_t mask = 0; ///< the bits that differ
};

/// For telling kinds of divergence apart.
std::string kind_of(const StepDifference& difference);
TraceDifference text_of(const StepDifference& difference);

/// The stack pointer that PSTATE selects; null if that is not known.
model::partial::PartialBits<64>* selected_sp(model::ProcState<TraceMachine>& state);

class Comparison {
  public:
    explicit Comparison(TraceMachine& machine) : m_(machine) {}

    /// Whether the record's synchronous exception is one that the model can judge: not of translation tables, of
    /// fetching, or of a debugger.
    bool is_of_mte(const TraceRecord& record) const;

    /// Whether it is, as its syndrome says, a synchronous Tag Check Fault.
    static bool is_tag_check_fault(const TraceRecord& record);

    /// After a run that began in `before`.
    void compare(const TraceRecord& record, const DecodedForTrace& decoded, RunEnd end,
                 const model::ProcState<TraceMachine>& before, bool complete);
    bool agrees() const { return differences_.empty(); }
    /// How far the record is from the run: another exception is farther than any value.
    std::size_t distance() const;
    const std::vector<StepDifference>& differences() const { return differences_; }
    std::uint64_t compared() const { return compared_; }
    std::uint64_t adopted() const { return adopted_; }
    /// A result that the record has and the model could not say, and no data or tag that was loaded is the reason.
    bool operand_not_known() const { return operand_not_known_; }
    /// On what a run hung that ended with NotKnown, for people.
    std::string reason() const;

  private:
    using Value = model::partial::PartialBits<64>;
    void compare_register(const RegisterValue& value, const DecodedForTrace& decoded,
                          const model::ProcState<TraceMachine>& before, RunEnd end);
    void compare_value(const RegisterValue& value, Value expected, std::uint64_t open);
    void compare_unwritten(const TraceRecord& record, const model::ProcState<TraceMachine>& before);
    void compare_memory(const TraceRecord& record);
    std::uint64_t left_open(RegisterId id) const;

    TraceMachine& m_;
    std::vector<StepDifference> differences_;
    std::uint64_t compared_ = 0;
    std::uint64_t adopted_ = 0;
    bool operand_not_known_ = false;
};

} // namespace mtecheck::difftest
