// SPDX-License-Identifier: Apache-2.0
//
// Taking an exception to AArch64: the exception record, the syndrome registers, the new PSTATE and the vector.
#pragma once

#include <cstdint>

#include "model/memory/alignment.h"
#include "model/state/registers.h"

namespace mtecheck::model {

/// Ends the instruction that took an exception.
struct ExceptionTaken {};

enum class Exception : std::uint8_t {
    Uncategorized,
    AdvSIMDFPAccessTrap,
    SupervisorCall,
    SystemRegisterTrap,
    DataAbort,
    SPAlignment,
    SoftwareBreakpoint,
};

template <class M>
struct ExceptionRecord {
    Exception exceptype{};
    bits<M, 25> syndrome = 0;
    bits<M, 24> syndrome2 = 0;
    bits<M, 64> vaddress = 0;
};

template <class M>
ExceptionRecord<M> ExceptionSyndrome(Exception exceptype) {
    ExceptionRecord<M> result;
    result.exceptype = exceptype;
    return result;
}

/// PSTATE as SPSR_ELx holds it (GetPSRFromPSTATE).
template <class M>
bits<M, 64> GetPSRFromPSTATE(M& m);

template <class M>
[[noreturn]] void TakeException(M& m, unsigned target_el, ExceptionRecord<M> except,
                                bits<M, 64> preferred_exception_return);

/// The routing of exceptions that are taken to EL1 from EL0, unless HCR_EL2.TGE redirects them: the current
/// Exception level from EL1 upwards.
template <class M>
unsigned RouteToEL1OrTGE(M& m);

}  // namespace mtecheck::model
