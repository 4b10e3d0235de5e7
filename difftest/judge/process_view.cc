// SPDX-License-Identifier: Apache-2.0
//
// The order of functions is that of the kernel's: which signal an exception is, then what the process may know of it.
#include "difftest/judge/process_view.h"

#include <algorithm>

#include "difftest/core/process.h"
#include "spec/gen/registers.h"

namespace mtecheck::difftest {

namespace {

namespace esr = spec::field::ESR_ELx;
namespace iss = spec::field::DataAbortISS;
namespace spsr = spec::field::SPSR_ELx;
using namespace linux_signal;

constexpr std::uint64_t kEcInstructionAbort = 0x20;
constexpr std::uint64_t kEcPcAlignment = 0x22;
constexpr std::uint64_t kEcDataAbort = 0x24;
constexpr std::uint64_t kEcSpAlignment = 0x26;

constexpr std::uint64_t kPstate = spsr::N.mask() | spsr::Z.mask() | spsr::C.mask() | spsr::V.mask() | spsr::TCO.mask();

/// fault_info[] of arch/arm64/mm/fault.c, for the faults that such cases can have.
SignalRecord memory_fault(std::uint64_t status, std::uint64_t far, const SignalFaults& faults) {
    if (status == 0x11) return {kSigsegv, kTagCheck, far};
    if (status == 0x21) return {kSigbus, kAddressAlignment, far};
    if (status == 0x10) return {kSigbus, kFromKernel, far};          // of a deliberate fault
    if (status == 0x35) return {kSigsegv, kAsynchronousTagCheck, 0}; // the same
    const bool permission = (status & 0x3c) == 0x0c && !faults.permission_fault_is_not_mapped;
    return {kSigsegv, permission ? kNoPermission : kNotMapped, far};
}

/// el0t_64_sync_handler of arch/arm64/kernel/entry-common.c.
SignalRecord signal_of(const ExceptionRecord& e, std::uint64_t sp, const SignalFaults& faults) {
    switch (esr::EC.extract(e.esr)) {
    case kEcInstructionAbort:
    case kEcDataAbort: return memory_fault(iss::DFSC.extract(e.esr), e.far, faults);
    case kEcPcAlignment: return {kSigbus, kAddressAlignment, e.far};
    case kEcSpAlignment: return {kSigbus, kAddressAlignment, sp};
    default: return {kSigill, faults.undefined_is_illegal_operand ? kIllegalOperand : kIllegalOpcode, e.elr};
    }
}

/// Whether the instruction that aborted had asynchronous Tag Check Faults, too.
bool has_asynchronous_faults(const Expectation& expectation) {
    return std::any_of(expectation.allowances.begin(), expectation.allowances.end(), [](const Allowance& allowance) {
        return allowance.reason == spec::DontCare::TagFaultWithDataAbort && allowance.index == 0;
    });
}

} // namespace

void as_process_sees(const State& state, const SignalFaults& faults, Expectation& expectation) {
    Outcome& o = expectation.outcome;
    if (o.status == Status::exception) {
        o.signal = signal_of(o.exception, o.sp[0], faults);
        if (faults.asynchronous_fault_hides_signal && has_asynchronous_faults(expectation))
            o.signal = {kSigsegv, kAsynchronousTagCheck, 0};
        o.signal.address = compared_address(o.signal.address);
        o.status = Status::signal;
        o.pc = o.exception.elr;
        o.pstate = o.exception.spsr & kPstate;
        o.exception = {};
    } else {
        o.signal = {};
    }
    const bool known = asynchronous_faults_known(o.status, o.signal);
    o.tfsre0_el1 = known && o.tfsre0_el1 != 0 ? 1 : 0;
    o.rgsr_el1 = state.rgsr_el1;
    o.gcr_el1 = state.gcr_el1;
    o.tfsr = state.tfsr;

    for (Allowance& allowance : expectation.allowances) {
        switch (allowance.kind) {
        case Allowance::Kind::spsr: allowance.kind = Allowance::Kind::nzcv; break;
        case Allowance::Kind::far:
            allowance.mask = compared_address(allowance.mask);
            allowance.alternative = compared_address(allowance.alternative);
            break;
        case Allowance::Kind::tfsr:
            if (known && allowance.index == 0 && allowance.mask != 0) {
                allowance.either = false;
                allowance.mask = 1;
            } else {
                allowance.mask = 0;
            }
            break;
        default: break;
        }
    }
    // What is left open of registers that are not seen is none of the process's business.
    const auto unseen = [](const Allowance& allowance) {
        return allowance.kind == Allowance::Kind::esr || allowance.kind == Allowance::Kind::rgsr ||
               allowance.kind == Allowance::Kind::gcr ||
               (allowance.kind == Allowance::Kind::tfsr && allowance.mask == 0);
    };
    auto& allowances = expectation.allowances;
    allowances.erase(std::remove_if(allowances.begin(), allowances.end(), unseen), allowances.end());
}

void as_simulator_shows(const State& state, Expectation& expectation) {
    Outcome& o = expectation.outcome;
    if (o.status != Status::signal) return;
    static_cast<Registers&>(o) = state;
    o.signal.address = 0;
    o.pstate = 0;
    o.v = state.v;
    o.windows = state.windows;
    // The rest is left open of what is not shown.
    expectation.allowances.clear();
}

} // namespace mtecheck::difftest
