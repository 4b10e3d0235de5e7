// SPDX-License-Identifier: Apache-2.0
//
// The registers of each processor as far as a trace has shown them, and which address space each is in. The machine has
// those of one processor, the current one.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <unordered_map>

#include "difftest/trace/lockstep.h"

namespace mtecheck::difftest {

class Processors {
  public:
    /// All that is known of each at its first record is what `settings` say.
    Processors(TraceMachine& machine, TagShadow& shadow, const LockstepSettings& settings);

    /// The machine has the registers of this one from now on.
    void switch_to(std::uint32_t number);
    void apply(const RegisterValue& value);
    void apply_system(const RegisterValue& value);

    /// Forgets what instructions that are not in the trace may have changed before this record. True if the trace
    /// claims to be complete and is not: tags may have changed, too.
    bool find_gap(const TraceRecord& record);
    /// Where the next record has to be, if the trace is complete and that is known.
    void goes_on_at(std::optional<std::uint64_t> pc) { cpu_->next_pc = pc; }

    /// General registers and PSTATE of the current one.
    void forget_registers();
    /// The same of all.
    void forget_all_registers();
    /// The tags of a page, in every address space that its virtual address may be of.
    void forget_page(std::uint64_t va);

  private:
    using PEState = model::ProcState<TraceMachine>;
    struct Cpu {
        PEState state;
        std::optional<std::uint64_t> next_pc;
        std::uint64_t ttbr0 = 0;
    };

    void name_space() { machine_.lower_space = space(cpu_->ttbr0); }
    std::uint32_t space(std::uint64_t ttbr0);

    TraceMachine& machine_;
    TagShadow& shadow_;
    bool complete_;
    bool only_user_;
    std::unique_ptr<PEState> initial_;
    std::unordered_map<std::uint32_t, std::unique_ptr<Cpu>> cpus_;
    Cpu* cpu_ = nullptr;
    std::uint32_t cpu_number_ = 0;
    std::unordered_map<std::uint64_t, std::uint32_t> spaces_;
};

} // namespace mtecheck::difftest
