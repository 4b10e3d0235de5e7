// SPDX-License-Identifier: Apache-2.0
//
// What a Linux process on arm64 sees of an outcome: the kernel's contract on top of the architecture, as far as cases
// of LayoutId::process meet it.
//
//  - An exception is a signal: number, si_code and si_addr say which, the frame has the registers. The level of a
//    fault, WnR and the rest of ESR_ELx are not told.
//  - Asynchronous Tag Check Faults are SEGV_MTEAERR, at the next entry to the kernel; not which half they were in.
//    Next to another SIGSEGV they may be lost, for standard signals do not queue.
//  - RGSR_EL1, GCR_EL1 and TFSR_ELx cannot be read.
#pragma once

#include "difftest/core/case.h"
#include "difftest/core/expectation.h"

namespace mtecheck::difftest {

/// Deliberate faults in that, by the names of spec/mutations.json.
struct SignalFaults {
    bool undefined_is_illegal_operand = false;
    bool permission_fault_is_not_mapped = false;
    bool asynchronous_fault_hides_signal = false;
};

/// Turns what is expected of a run of the architecture into what a process can see of it.
void as_process_sees(const State& state, const SignalFaults& faults, Expectation& expectation);

/// Turns what a process sees into what a simulator of it shows that ends at a fault (LayoutId::simulator): there the
/// kind of fault and the instruction are told, and nothing else. What is not seen is as it was in `state`.
void as_simulator_shows(const State& state, Expectation& expectation);

} // namespace mtecheck::difftest
