// SPDX-License-Identifier: Apache-2.0
//
// SIGSEGV: how it is forced or sent, and what its handler sees. Mirrors kernel/signal.c, arch/arm64/kernel/signal.c and
// the entry code, as far as tags are concerned.
#pragma once

#include "model/linux/kernel.h"

namespace mtecheck::model::linux_abi {

template <class M>
FlowOutcome<M>& flow_of(Kernel<M>& k, const Task<M>& task) {
    return k.outcome.flows[task.flow];
}

template <class M>
void die(Kernel<M>& k, Task<M>& task, unsigned first, unsigned last, Clause clause,
         std::int32_t signal = kSegmentationFault) {
    FlowOutcome<M>& flow = flow_of(k, task);
    flow.dies = true;
    flow.dies_by = signal;
    flow.dies_first = first;
    flow.dies_last = last;
    flow.dies_of = clause;
    flow.steps[task.step] = {}; // a system call that it dies in tells nothing
    task.tfsre0_since.reset();
    task.dead = true;
}

/// arch_untagged_si_addr(), with what the contract tells of si_addr.
template <class M>
void set_si_addr(Kernel<M>& k, const Task<M>& task, bits<M, 64> far, SignalReport<M>& report, bool tag_check) {
    const bool exposed = (task.sighand->behaviour & ABI_EXPOSE_TAGBITS) != 0;
    report.known = ~bits<M, 64>(0);
    report.address_clause = exposed ? Clause::exposed_tag_bits : Clause::hidden_tag_bits;
    report.address = far;
    if (exposed ? mutated(k, AbiFault::tag_bits_never_exposed) : !mutated(k, AbiFault::tag_bits_always_exposed)) {
        report.address = with_slice<63, 56>(far, bits<M, 8>(0));
    } else if (tag_check && !k.system.mte_far) {
        // "the values of these bits should be considered as undefined"
        report.known = with_slice<63, 60>(report.known, bits<M, 4>(0));
    }
}

/// What setup_return() and sigreturn() do with PSTATE.TCO around a handler that behaves as it was told.
template <class M>
void run_handler(Kernel<M>& k, Task<M>& task, SignalReport<M>& report) {
    const unsigned behaviour = report.asynchronous ? 0 : task.sighand->behaviour;
    const bits<M, 1> interrupted = task.tco;
    const bool keeps = mutated(k, AbiFault::handler_keeps_tco);
    if (keeps) report.tco_of_handler = report.tco_interrupted;
    bits<M, 1> in_handler = keeps ? interrupted : bits<M, 1>(0);
    bits<M, 1> checked = keeps ? task.checked_with_tco.value_or(interrupted) : in_handler;
    if ((behaviour & ABI_SETS_TCO) != 0) checked = in_handler = 1;
    const bits<M, 1> frame = (behaviour & ABI_FLIPS_TCO) != 0 ? ~interrupted : interrupted;
    task.tco = mutated(k, AbiFault::sigreturn_loses_tco) ? in_handler : frame;
    if (mutated(k, AbiFault::sigreturn_leaves_checks)) task.checked_with_tco = checked;
    if (behaviour != 0 || k.cpu.index(interrupted) == 1) task.tco_clause = Clause::sigreturn_tco;
}

/// arm64_force_sig_fault(): the signal of a synchronous exception.
template <class M>
void force_sig_fault(Kernel<M>& k, Task<M>& task, std::int32_t code, bits<M, 64> far, Clause clause) {
    const bool tag_check = code == segv::MTESERR;
    // A fault that is asynchronous came before, and its signal with it, or is lost in this one.
    if (task.tfsre0_since) {
        const bool kept_back = task.sigsegv_blocked || task.sighand->action == ABI_IGNORE;
        if (kept_back ? mutated(k, AbiFault::asynchronous_forced) : task.sighand->action == ABI_DEFAULT)
            return die(k, task, *task.tfsre0_since, task.step, clause);
        if (task.sighand->action == ABI_HANDLE && !task.sigsegv_blocked) {
            SignalReport<M> report;
            report.first = *task.tfsre0_since;
            report.last = task.step;
            report.asynchronous = report.may_be_lost = true;
            report.code = bits<M, 64>(static_cast<std::uint64_t>(segv::MTEAERR));
            report.known = ~bits<M, 64>(0);
            report.tco_interrupted = task.tco_since;
            if (mutated(k, AbiFault::handler_keeps_tco)) report.tco_of_handler = report.tco_interrupted;
            report.clause = report.address_clause = Clause::asynchronous_mode;
            flow_of(k, task).signals.push_back(report);
        }
        task.tfsre0_since.reset();
    }
    if (task.sigsegv_blocked || task.sighand->action == ABI_IGNORE) {
        if (mutated(k, AbiFault::blocked_fault_pending)) return;
        return die(k, task, task.step, task.step, clause == Clause::file_tags ? clause : Clause::forced_signal);
    }
    if (task.sighand->action == ABI_DEFAULT) return die(k, task, task.step, task.step, clause);
    SignalReport<M> report;
    report.first = report.last = task.step;
    report.code = bits<M, 64>(static_cast<std::uint64_t>(code));
    report.tco_interrupted[k.cpu.index(task.tco)] = true;
    report.clause = clause;
    set_si_addr(k, task, far, report, tag_check);
    report.fault_address = mutated(k, AbiFault::fault_address_tagged) ? far : with_slice<63, 56>(far, bits<M, 8>(0));
    run_handler(k, task, report);
    auto& signals = flow_of(k, task).signals;
    // The other signal may also come once this one's handler is done.
    if (!signals.empty() && signals.back().may_be_lost && signals.back().last == task.step)
        signals.back().tco_interrupted[k.cpu.index(task.tco)] = true;
    signals.push_back(report);
}

/// Delivers the signal of asynchronous faults that came since `first`.
template <class M>
void deliver_asynchronous(Kernel<M>& k, Task<M>& task, unsigned first, const std::array<bool, 2>& tco) {
    if (task.sighand->action == ABI_IGNORE && !mutated(k, AbiFault::asynchronous_forced)) {
        flow_of(k, task).steps[task.step].clause = Clause::sent_signal;
        return;
    }
    if (task.sighand->action != ABI_HANDLE) return die(k, task, first, task.step, Clause::asynchronous_mode);
    SignalReport<M> report;
    report.first = first;
    report.last = task.step;
    report.asynchronous = true;
    report.code = bits<M, 64>(static_cast<std::uint64_t>(segv::MTEAERR));
    report.known = ~bits<M, 64>(0);
    report.tco_interrupted = tco;
    report.clause = report.address_clause = Clause::asynchronous_mode;
    run_handler(k, task, report);
    flow_of(k, task).signals.push_back(report);
}

/// do_notify_resume(): what send_sig_fault() of an asynchronous fault comes to.
template <class M>
void send_asynchronous(Kernel<M>& k, Task<M>& task) {
    if (!task.tfsre0_since) return;
    const unsigned first = *task.tfsre0_since;
    task.tfsre0_since.reset();
    if (mutated(k, AbiFault::asynchronous_never_reported)) return;
    if (task.sigsegv_blocked) {
        flow_of(k, task).steps[task.step].clause = Clause::sent_signal;
        if (mutated(k, AbiFault::asynchronous_forced)) return die(k, task, first, task.step, Clause::sent_signal);
        task.sigsegv_pending = task.sighand->action != ABI_IGNORE;
        return;
    }
    deliver_asynchronous(k, task, first, task.tco_since);
}

/// What comes with the end of a system call.
template <class M>
void exit_to_user_mode(Kernel<M>& k, Task<M>& task) {
    if (mutated(k, AbiFault::system_call_clears_tco)) task.tco = 0;
    send_asynchronous(k, task);
    if (!task.dead && task.sigsegv_pending && !task.sigsegv_blocked) {
        task.sigsegv_pending = false;
        deliver_asynchronous(k, task, task.step, {k.cpu.index(task.tco) == 0, k.cpu.index(task.tco) == 1});
        if (!task.dead && task.sighand->action == ABI_HANDLE)
            flow_of(k, task).signals.back().clause = Clause::sent_signal;
    }
}

/// sigaction(SIGSEGV)
template <class M>
void do_sigaction(Task<M>& task, std::uint64_t action, std::uint64_t behaviour) {
    task.sighand->action = static_cast<unsigned>(action);
    task.sighand->behaviour = static_cast<unsigned>(behaviour);
    if (action == ABI_IGNORE) task.sigsegv_pending = false;
}

} // namespace mtecheck::model::linux_abi
