// SPDX-License-Identifier: Apache-2.0
//
// Runs a program of ABI steps on the modelled kernel.
//
// Invariant: the outcome is a function of (machine's features, system, faults, program, answers to what is open).
#pragma once

#include <span>

#include "model/linux/el0.h"
#include "model/linux/ptrace.h"

namespace mtecheck::model::linux_abi {

template <class M>
void run_from(Kernel<M>& k, Task<M>& task, std::span<const abi_step> program, unsigned from);

/// What a step of a task tells, or the signal that came instead.
template <class M>
class StepRun {
  public:
    StepRun(Kernel<M>& k, Task<M>& task, std::span<const abi_step> program)
        : k_(k), task_(task), program_(program), step_(program[task.step]) {}

    void run() {
        switch (step_.op) {
        case ABI_stg: return tag_store(word::STG);
        case ABI_st2g: return tag_store(word::ST2G);
        case ABI_stzg: return tag_store(word::STZG);
        case ABI_ldg: return load_tag();
        case ABI_load: return load();
        case ABI_store: return store();
        case ABI_irg: return random_tag();
        case ABI_set_tco:
            by(k_, Clause::tco_register);
            task_.tco = bits<M, 1>(step_.args[0]);
            task_.tco_clause.reset();
            task_.checked_with_tco.reset();
            if (task_.tfsre0_since) task_.tco_since[step_.args[0] & 1] = true;
            return tells(0);
        case ABI_get_tco:
            by(k_, task_.tco_clause.value_or(Clause::tco_register));
            return tells(ZeroExtend<64>(task_.tco));
        default: return system_call();
        }
    }

  private:
    void tells(bits<M, 64> value, StepResultKind kind = StepResultKind::value) {
        StepResult<M>& result = flow_of(k_, task_).steps[task_.step];
        result.kind = kind;
        result.value = value;
        result.clause = k_.clause;
    }
    void tells_error(std::int64_t value) { tells(bits<M, 64>(static_cast<std::uint64_t>(value))); }
    void tells_extra(bits<M, 64> first, bits<M, 64> second, unsigned extras) {
        StepResult<M>& result = flow_of(k_, task_).steps[task_.step];
        result.extra = {first, second};
        result.extras = extras;
    }

    // ---- instructions

    bits<M, 64> address() const { return address_of<M>(step_.args[0], step_.args[1], step_.args[2]); }

    void tag_store(std::uint32_t opcode) {
        by(k_, Clause::mapping);
        if (user_instruction(k_, task_, opcode, bits<M, 64>(0), address(), true)) tells(0);
    }

    void load_tag() {
        const bits<M, 64> at = address_of<M>(step_.args[0], step_.args[1], 0);
        by(k_, tag_clause());
        if (const auto x0 = user_instruction(k_, task_, word::LDG, at, at, false))
            tells(ZeroExtend<64>(slice<59, 56>(*x0)));
    }

    /// What says which tags a page has.
    Clause tag_clause() const {
        const Vma& vma = task_.mm->vmas[step_.args[0]];
        if (!vma.mte) return Clause::not_tagged;
        if (vma.of_file) return Clause::file_tags;
        if (vma.moved) return Clause::moved_tags;
        if (vma.shared) return Clause::shared_tags;
        if (task_.flow == 1 && vma.wipe_on_fork) return Clause::wipe_on_fork;
        return task_.flow == 1 ? Clause::copied_tags : Clause::zero_tags;
    }

    Clause check_clause() const {
        const Vma& vma = task_.mm->vmas[step_.args[0]];
        if (!vma.mte) return Clause::not_tagged;
        if (vma.of_file) return Clause::file_tags;
        if (task_.tco_clause == Clause::sigreturn_tco) return *task_.tco_clause;
        if (k_.cpu.index(task_.tco) == 1) return Clause::tco_disables;
        return clause_of_mode(k_, task_);
    }

    /// The same, of an access that was made.
    Clause clause_of_access(Clause checked) const {
        const bool kept_back = task_.sigsegv_blocked || task_.sighand->action == ABI_IGNORE;
        return task_.tfsre0_since && kept_back ? Clause::sent_signal : checked;
    }

    void load() {
        const bool unchecked = any_of<M>(task_.mte_ctrl, mte_ctrl::STORE_ONLY) && task_.mm->vmas[step_.args[0]].mte;
        const Clause clause = unchecked ? Clause::store_only : check_clause();
        by(k_, clause);
        const auto x0 = user_instruction(k_, task_, word::LDR, bits<M, 64>(0), address(), false);
        by(k_, clause_of_access(clause));
        if (x0) tells(*x0);
    }

    void store() {
        const Clause clause = check_clause();
        by(k_, clause);
        const auto done = user_instruction(k_, task_, word::STR, bits<M, 64>(step_.args[3]), address(), true);
        by(k_, clause_of_access(clause));
        if (done) tells(0);
    }

    void random_tag() {
        by(k_, Clause::include_mask);
        tells(ZeroExtend<64>(tags_of_irg(k_, task_, bits<M, 16>(step_.args[0]))), StepResultKind::tag);
    }

    // ---- system calls

    /// The deliberate fault asynchronous_fault_loses_system_call: nobody restarts what el0_svc_common() left, unless
    /// the fault was reported before, at an interrupt.
    bool is_lost() {
        const bool kept_back = task_.sigsegv_blocked || task_.sighand->action == ABI_IGNORE;
        if (!task_.tfsre0_since || !kept_back || !mutated(k_, AbiFault::asynchronous_fault_loses_system_call) ||
            k_.choices.choose(Open::asynchronous_time, 2, *task_.tfsre0_since) == 1)
            return false;
        by(k_, Clause::internal_errors);
        tells_error(err::RESTARTNOINTR);
        send_asynchronous(k_, task_);
        return true;
    }

    void system_call() {
        if (is_lost()) return;
        by(k_, Clause::mapping);
        const auto& a = step_.args;
        Mm& mm = *task_.mm;
        // el0_svc_common() reports an asynchronous fault before the actual system call; the contract does not say so.
        if (task_.tfsre0_since && (step_.op == ABI_handler || step_.op == ABI_sigmask) &&
            k_.choices.choose(Open::asynchronous_time, 2, *task_.tfsre0_since) == 0) {
            send_asynchronous(k_, task_);
            if (task_.dead) return;
        }
        switch (step_.op) {
        case ABI_set_ctrl: tells_error(set_ctrl()); break;
        case ABI_get_ctrl: get_ctrl(); break;
        case ABI_mmap: tells_error(do_mmap(k_, mm, a[0], a[1], a[2], a[3])); break;
        case ABI_mprotect: tells_error(do_mprotect_pkey(k_, task_, a[0], a[1], a[2], a[3])); break;
        case ABI_munmap: tells_error(do_munmap(k_, mm, a[0], a[1])); break;
        case ABI_mremap: tells_error(do_mremap(k_, task_, a[0], a[1], a[2])); break;
        case ABI_madvise: tells_error(do_madvise(k_, mm, a[0], a[1], a[2], a[3])); break;
        case ABI_handler:
            do_sigaction(task_, a[0], a[1]);
            tells(0);
            break;
        case ABI_sigmask:
            task_.sigsegv_blocked = a[0] != 0;
            tells(0);
            break;
        case ABI_write: tells_error(user_access(k_, task_, address(), std::nullopt)); break;
        case ABI_read: tells_error(user_access(k_, task_, address(), bits<M, 64>(a[3]))); break;
        case ABI_fork: return fork();
        case ABI_thread: return thread();
        case ABI_exec: return exec();
        case ABI_peek: peek(false); break;
        case ABI_poke: peek(true); break;
        case ABI_get_regset: get_regset(); break;
        case ABI_set_regset: set_regset(); break;
        case ABI_core: core(); break;
        case ABI_prefer: prefer(); break;
        default: tells(0); break;
        }
        exit_to_user_mode(k_, task_);
    }

    std::int64_t set_ctrl() {
        const auto& a = step_.args;
        if ((a[1] | a[2] | a[3]) != 0) {
            by(k_, Clause::set_ctrl_arguments);
            if (!mutated(k_, AbiFault::unused_arguments_ignored)) return err::INVAL;
        }
        return set_tagged_addr_ctrl(k_, task_, bits<M, 64>(a[0]));
    }

    void get_ctrl() {
        const auto& a = step_.args;
        if ((a[0] | a[1] | a[2] | a[3]) != 0 && !mutated(k_, AbiFault::unused_arguments_ignored)) {
            by(k_, Clause::get_ctrl_arguments);
            return tells_error(err::INVAL);
        }
        by(k_, task_.control_clause.value_or(Clause::read_back));
        tells(get_tagged_addr_ctrl(k_, task_));
    }

    /// What is reported of asynchronous faults on either side of a fork is a race.
    void need_no_pending_fault() const {
        if (task_.tfsre0_since) throw NotModelled{"an asynchronous fault next to fork(), clone() or execve()"};
    }

    void fork() {
        need_no_pending_fault();
        Task<M> child = copy_process(k_, task_);
        child.flow = 1;
        child.control_clause = child.tco_clause = Clause::fork_inherits;
        child.checked_with_tco.reset(); // a flow begins with a write of TPIDR_EL0
        by(k_, Clause::mapping);
        k_.outcome.flows[1].steps[task_.step] = {.kind = StepResultKind::value, .value = 0, .clause = k_.clause};
        std::optional<SavedTags<M>> own_tags;
        if (mutated(k_, AbiFault::private_tags_of_shared_memory)) own_tags.emplace(k_);
        run_from(k_, child, program_, task_.step + 1);
        const FlowOutcome<M>& of_child = k_.outcome.flows[1];
        if (of_child.dies_by == kAlarm) throw NotModelled{"a child that does not end"};
        if (own_tags) own_tags->restore();
        mte_thread_switch(k_, task_);
        by(k_, Clause::mapping);
        tells(bits<M, 64>(static_cast<std::uint64_t>(of_child.dies_by)));
        exit_to_user_mode(k_, task_);
    }

    void thread() {
        need_no_pending_fault();
        Task<M> other = task_;
        other.flow = 1;
        other.sigsegv_pending = false;
        other.control_clause = other.tco_clause = Clause::thread_inherits;
        other.checked_with_tco.reset();
        if (mutated(k_, AbiFault::thread_resets_control)) set_tagged_addr_ctrl(k_, other, bits<M, 64>(0));
        k_.outcome.flows[1].steps[task_.step] = {.kind = StepResultKind::value, .value = 0, .clause = Clause::mapping};
        run_from(k_, other, program_, task_.step + 1);
        if (other.dead) { // and all threads with it
            const FlowOutcome<M>& flow = k_.outcome.flows[1];
            return die(k_, task_, task_.step, task_.step, flow.dies_of, flow.dies_by);
        }
        mte_thread_switch(k_, task_);
        by(k_, Clause::mapping);
        tells(0);
        exit_to_user_mode(k_, task_);
    }

    void prefer() {
        if (!k_.system.mte_tcf_preferred_writable) return;
        tells_error(mte_tcf_preferred_store(k_, step_.args[0]));
        mte_thread_switch(k_, task_);
    }

    void exec() {
        need_no_pending_fault();
        // flush_thread() and mte_thread_init_user()
        Task<M> fresh;
        fresh.flow = task_.flow;
        fresh.step = task_.step;
        fresh.sigsegv_blocked = task_.sigsegv_blocked && !mutated(k_, AbiFault::exec_unblocks_signal);
        fresh.sigsegv_pending = task_.sigsegv_pending;
        if (task_.sighand->action == ABI_IGNORE) fresh.sighand->action = ABI_IGNORE;
        if (mutated(k_, AbiFault::exec_keeps_tco)) fresh.tco = task_.tco;
        if (mutated(k_, AbiFault::exec_keeps_control)) {
            fresh.mte_ctrl = task_.mte_ctrl;
            fresh.sctlr_tcf0 = task_.sctlr_tcf0;
            fresh.tagged_addr = task_.tagged_addr;
        }
        fresh.control_clause = fresh.tco_clause = Clause::initial_state;
        task_ = fresh;
        by(k_, Clause::initial_state);
        tells(0);
    }

    // ---- debuggers

    bool has_no_ptrace() {
        if (!mutated(k_, AbiFault::no_ptrace)) return false;
        by(k_, Clause::peek_tags);
        tells_error(err::NOSYS);
        return true;
    }

    void peek(bool poke) {
        if (has_no_ptrace()) return;
        Task<M> child = copy_process(k_, task_);
        const auto& a = step_.args;
        RemoteTags<M> tags{.tags = a[3]};
        std::uint64_t length = 0;
        std::int64_t result = 0;
        if (poke) result = mte_ptrace_copy_tags(k_, *child.mm, a[0], a[1], a[2], tags, true, length);
        const Clause clause = k_.clause;
        tags.tags = 0;
        if (result == 0) result = mte_ptrace_copy_tags(k_, *child.mm, a[0], a[1], a[2], tags, false, length);
        if (poke && result == 0) by(k_, clause);
        tells_error(result);
        if (result != 0) tags.tags = 0;
        tells_extra(bits<M, 64>(length), tags.tags, 2);
        if (!poke) flow_of(k_, task_).steps[task_.step].tags_known = tags.known;
    }

    void get_regset() {
        if (has_no_ptrace()) return;
        const Task<M> child = copy_process(k_, task_);
        by(k_, Clause::regset);
        tells(0);
        tells_extra(tagged_addr_ctrl_get(k_, child), 0, 1);
    }

    void set_regset() {
        if (has_no_ptrace()) return;
        Task<M> child = copy_process(k_, task_);
        const std::int64_t result = set_tagged_addr_ctrl(k_, child, bits<M, 64>(step_.args[0]));
        by(k_, Clause::regset);
        tells_error(result);
        tells_extra(tagged_addr_ctrl_get(k_, child), 0, 1);
    }

    void core() {
        const Task<M> child = copy_process(k_, task_);
        by(k_, Clause::core_dump);
        const auto tags = dumped_tags(k_, *child.mm, step_.args[0]);
        tells(bits<M, 64>(tags ? 1 : 0));
        tells_extra(tags.value_or(bits<M, 64>(0)), 0, 1);
    }

    Kernel<M>& k_;
    Task<M>& task_;
    std::span<const abi_step> program_;
    const abi_step& step_;
};

/// Runs the rest of a program in a task, until its end or that of the task.
template <class M>
void run_from(Kernel<M>& k, Task<M>& task, std::span<const abi_step> program, unsigned from) {
    for (unsigned n = from; n < program.size() && !task.dead; ++n) {
        task.step = n;
        k.choices.come_to(task.flow, n);
        if (task.tfsre0_since) task.tco_since[k.cpu.index(task.tco)] = true;
        StepRun<M>(k, task, program).run();
        if (task.tfsre0_since) task.tco_since[k.cpu.index(task.tco)] = true;
    }
}

/// `script`: answers to what the contract leaves open.
template <class M>
AbiOutcome<M> run_program(M& cpu, const System& system, const AbiFaultSet& faults, std::span<const abi_step> program,
                          std::vector<unsigned> script, std::vector<OpenChoices::Asked>& asked) {
    static const AddressSpace nothing; // the last program's are gone
    cpu.set_address_space(nothing);
    cpu.reset();
    Kernel<M> k{.cpu = cpu, .system = system, .faults = faults, .choices = OpenChoices(std::move(script))};
    for (std::size_t& page : k.file) page = alloc_page(k);
    Task<M> init;
    init.control_clause = Clause::initial_state;
    try {
        run_from(k, init, program, 0);
        if (init.tfsre0_since) throw NotModelled{"an asynchronous fault before the end"};
    } catch (const NotModelled& reason) {
        k.outcome.predicted = false;
        k.outcome.why = reason.why;
    }
    asked = k.choices.log();
    return k.outcome;
}

} // namespace mtecheck::model::linux_abi
