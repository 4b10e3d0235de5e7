// SPDX-License-Identifier: Apache-2.0
//
// What a program of ABI steps shows, as the contract has it.
//
// Invariant: whatever is not exact (a random tag, when an asynchronous fault is reported, bits of si_addr) is a set
// here; nothing else is left open.
#pragma once

#include <array>
#include <vector>

#include "model/linux/contract.h"
#include "model/linux/steps.h"
#include "model/machine/machine.h"

namespace mtecheck::model::linux_abi {

enum class StepResultKind : std::uint8_t {
    nothing, ///< it was not come to, or a signal came instead
    value,   ///< `value`, and `extra` as far as `extras` says
    tag,     ///< a tag out of the mask `value`
};

/// What one step shows.
template <class M>
struct StepResult {
    StepResultKind kind = StepResultKind::nothing;
    bits<M, 64> value = 0;
    unsigned extras = 0;
    std::array<bits<M, 64>, 2> extra{};
    bits<M, 64> tags_known = ~bits<M, 64>(0); ///< the bits of extra[1] that are told
    Clause clause{};
};

/// A call of the handler of SIGSEGV.
template <class M>
struct SignalReport {
    unsigned first = 0; ///< the step in which it comes; if asynchronous, the first in which it may
    unsigned last = 0;
    bool asynchronous = false;                       ///< one or several of them
    bool may_be_lost = false;                        ///< in the signal of the step `last`
    bits<M, 64> code = 0;                            ///< si_code
    bits<M, 64> address = 0;                         ///< si_addr
    bits<M, 64> known = 0;                           ///< the bits of it that the contract tells
    bits<M, 64> fault_address = 0;                   ///< of sigcontext; not told if asynchronous
    std::array<bool, 2> tco_of_handler{true, false}; ///< which values PSTATE.TCO may have where the handler begins
    std::array<bool, 2> tco_interrupted{};           ///< which values of PSTATE.TCO the frame may have
    Clause clause{};                                 ///< of the fault
    Clause address_clause{};                         ///< of si_addr
};

/// One flow of control: the first process, or the child or thread that it made.
template <class M>
struct FlowOutcome {
    std::array<StepResult<M>, ABI_MAX_STEPS> steps{};
    std::vector<SignalReport<M>> signals;
    bool dies = false;                      ///< of a signal
    std::int32_t dies_by = 0;               ///< SIGSEGV; with a deliberate fault it may be SIGALRM
    unsigned dies_first = 0, dies_last = 0; ///< in one of these steps
    Clause dies_of{};
};

template <class M>
struct AbiOutcome {
    std::array<FlowOutcome<M>, 2> flows{};
    bool predicted = true;
    const char* why = ""; ///< it is not predicted
};

} // namespace mtecheck::model::linux_abi
