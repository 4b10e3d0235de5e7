// SPDX-License-Identifier: Apache-2.0
//
// A state and what one instruction made of it: what the records of scenarios begin with. And the numbers of exceptions
// as an invariant names them: those of the manual, not of the model.
#pragma once

#include "model/run/run.h"
#include "model/state/proc_state.h"
#include "spec/gen/registers.h"

namespace mtecheck::model::proofs {

// ESR_ELx.EC
inline constexpr unsigned kUncategorized = 0x00;
inline constexpr unsigned kSystemRegisterTrap = 0x18;
inline constexpr unsigned kDataAbortFromLower = 0x24;
inline constexpr unsigned kDataAbort = 0x25;
inline constexpr unsigned kSPAlignment = 0x26;

// DFSC of Data Aborts; those of the MMU have the level in bits 1:0
inline constexpr unsigned kTranslationFault = 0b000100;
inline constexpr unsigned kPermissionFault = 0b001100;
inline constexpr unsigned kTagCheckFault = 0b010001;
inline constexpr unsigned kAlignmentFault = 0b100001;

template <class S>
struct Step {
    using M = typename S::Machine;
    using Bool = typename S::Bool;
    using Word = typename S::template Bits<64>;
    M before;
    M after;
    RunStatus status{};

    explicit Step(const M& start) : before(start), after(start) {}

    bool completed() const { return status == RunStatus::completed; }
    Bool faulted() const { return Bool(status == RunStatus::exception); }
    /// The architecture lets the instruction do this, and says what it does.
    bool predicted() const { return status != RunStatus::not_allowed && status != RunStatus::not_predicted; }

    // Of the Exception level that took the exception.
    Word esr() const { return of_target(after.state.ESR_EL1, after.state.ESR_EL2, after.state.ESR_EL3); }
    Word far() const { return of_target(after.state.FAR_EL1, after.state.FAR_EL2, after.state.FAR_EL3); }
    Word elr() const { return of_target(after.state.ELR_EL1, after.state.ELR_EL2, after.state.ELR_EL3); }
    spec::fields::SPSR_ELx<Word> spsr() const {
        return {of_target(after.state.SPSR_EL1, after.state.SPSR_EL2, after.state.SPSR_EL3)};
    }

    typename S::template Bits<6> exception_class() const { return spec::fields::ESR_ELx<Word>{esr()}.EC(); }
    typename S::template Bits<25> iss() const { return spec::fields::ESR_ELx<Word>{esr()}.ISS(); }
    spec::fields::DataAbortISS<typename S::template Bits<25>> data_abort_iss() const { return {iss()}; }
    /// DFSC
    typename S::template Bits<6> fault_status() const { return data_abort_iss().DFSC(); }
    Bool data_abort() const {
        const auto ec = exception_class();
        return (ec == kDataAbortFromLower) | (ec == kDataAbort);
    }

  private:
    Word of_target(Word el1, Word el2, Word el3) const {
        return after.exception.to_el == 1 ? el1 : after.exception.to_el == 2 ? el2 : el3;
    }
};

/// ESR_ELx of a Data Abort with this DFSC; CM as said, WnR for what counts as a write, all else 0.
template <class S>
typename Step<S>::Word DataAbortSyndrome(const Step<S>& r, unsigned fault_status, bool write,
                                         bool cache_maintenance = false) {
    namespace esr = spec::field::ESR_ELx;
    namespace iss = spec::field::DataAbortISS;
    const bits<typename S::Machine, 2> before = r.before.state.PSTATE.EL;
    const std::uint64_t syndrome =
        iss::CM.place(cache_maintenance ? 1 : 0) | iss::WnR.place(write ? 1 : 0) | iss::DFSC.place(fault_status);
    const auto from = [&](unsigned exception_class) {
        return typename Step<S>::Word(esr::EC.place(exception_class) | esr::IL.place(1) | esr::ISS.place(syndrome));
    };
    return select(before == r.after.state.PSTATE.EL, from(kDataAbort), from(kDataAbortFromLower));
}

} // namespace mtecheck::model::proofs
