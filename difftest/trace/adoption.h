// SPDX-License-Identifier: Apache-2.0
//
// What a trace shows of instructions that are none of MTE, and is taken as it is: control registers that they write or
// read, translations that end, exceptions, and what system calls and exception returns do to what is known.
#pragma once

#include <cstdint>
#include <optional>

#include "difftest/trace/decoded.h"
#include "difftest/trace/processors.h"

namespace mtecheck::difftest {

class Adoption {
  public:
    /// `only_user`: of a process, whose kernel is not in the trace.
    Adoption(TraceMachine& machine, TagShadow& shadow, Processors& processors, bool only_user)
        : machine_(machine), shadow_(shadow), processors_(processors), only_user_(only_user) {}

    void adopt(const TraceRecord& record, const DecodedForTrace& decoded);
    void adopt_exception(const TraceRecord& record);

    std::uint64_t exceptions() const { return exceptions_; }
    std::uint64_t interrupts() const { return interrupts_; }

  private:
    std::optional<spec::Reg> behind(spec::Reg reg);
    void write_control(spec::Reg reg, model::partial::PartialBits<64> value);
    void read_control(const TraceRecord& record, const DecodedForTrace& decoded);
    void follow(const TraceRecord& record, const DecodedForTrace& decoded);
    void forget_registers_of_return();
    void after_linux_call();
    void forget_translations(const DecodedForTrace& decoded);

    TraceMachine& machine_;
    TagShadow& shadow_;
    Processors& processors_;
    bool only_user_;
    std::uint64_t exceptions_ = 0;
    std::uint64_t interrupts_ = 0;
};

} // namespace mtecheck::difftest
