// SPDX-License-Identifier: Apache-2.0
//
// What an implementation did with a case. The same shape for every target; the model's Expectation
// (difftest/core/expectation.h) is an Outcome plus what the architecture leaves open.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "difftest/core/case.h"

namespace mtecheck::difftest {

/// How a run ended. Only those of has_state() carry architectural state; the others say what became of the
/// target, never that it was right or wrong.
enum class Status : std::uint8_t {
    completed,   // ran to the end of the code
    exception,   // an exception was taken; the run stops at its vector
    signal,      // a signal was delivered: what a process sees of an exception
    runaway,     // did not come to an end within the step or time limit
    crashed,     // the target died while running this case
    garbled,     // the target answered, but not in its own protocol
    unsupported, // the target cannot set this case up (see Outcome::note)
};

/// Whether an outcome of this status has a final state to compare.
constexpr bool has_state(Status status) {
    return status == Status::completed || status == Status::exception || status == Status::signal;
}

/// An exception as software at the vector sees it.
struct ExceptionRecord {
    std::uint8_t to_el = 0;
    std::uint16_t vector = 0; // offset from VBAR_ELx: 0x000..0x780
    std::uint64_t esr = 0;
    std::uint64_t far = 0;  // meaningful for the exception classes that write FAR_ELx
    std::uint64_t elr = 0;  // rebased to the nominal address of the code
    std::uint64_t spsr = 0; // with TCO in bit 25
    bool operator==(const ExceptionRecord&) const = default;
};

/// A signal as its handler sees it, which has asked for SA_EXPOSE_TAGBITS.
struct SignalRecord {
    std::int32_t number = 0;
    std::int32_t code = 0;     // si_code
    std::uint64_t address = 0; // si_addr, rebased to the nominal address of the code
    bool operator==(const SignalRecord&) const = default;
};

/// Final state: at the end of the code, at the vector of the first exception, or where a signal interrupted it.
struct Outcome : Registers {
    Status status = Status::completed;
    std::uint64_t pc = 0;      // end of code, where a branch led, or where a signal came, rebased; no vector's
    std::uint64_t pstate = 0;  // in SPSR layout: NZCV 31:28, TCO 25, UAO 23, PAN 22, M[3:0]
    ExceptionRecord exception; // if status == exception
    SignalRecord signal;       // if status == signal
    std::vector<Vector128> v;  // as in State
    std::string note;          // for people: why crashed, garbled or unsupported
    Windows windows;           // the state's windows, after
};

/// An outcome where it lies: in an Outcome, or in the memory of a target, which says how long it stays there.
struct OutcomeView {
    OutcomeView(const Outcome& outcome) // NOLINT(google-explicit-constructor): it is one
        : status(outcome.status), pc(outcome.pc), pstate(outcome.pstate), exception(outcome.exception),
          signal(outcome.signal), registers(&outcome), v(outcome.v),
          windows(outcome.windows.data(), outcome.windows.size()), note(outcome.note) {}
    OutcomeView(const Registers& block, std::span<const Vector128> vectors, std::span<const Window> after)
        : registers(&block), v(vectors), windows(after) {}

    Outcome copy() const;

    Status status = Status::completed;
    std::uint64_t pc = 0;
    std::uint64_t pstate = 0;
    ExceptionRecord exception;
    SignalRecord signal;
    const Registers* registers;
    std::span<const Vector128> v;
    std::span<const Window> windows;
    std::string_view note;
};

} // namespace mtecheck::difftest
