// SPDX-License-Identifier: Apache-2.0
//
// The control word of a thread: prctl(PR_SET_TAGGED_ADDR_CTRL) and PR_GET_TAGGED_ADDR_CTRL, and which mode of tag
// checks follows. Mirrors arch/arm64/kernel/process.c and mte.c.
#pragma once

#include "model/isa/tag_choice.h"
#include "model/linux/kernel.h"

namespace mtecheck::model::linux_abi {

template <class M>
bool any_of(bits<M, 64> word, std::uint64_t mask) {
    return static_cast<bool>(!IsZero(word & bits<M, 64>(mask)));
}

/// __this_cpu_read(mte_tcf_preferred)
template <class M>
std::uint64_t mte_tcf_preferred(Kernel<M>& k) {
    if (!k.preferred) k.preferred = k.system.mte_tcf_preferred;
    if (!k.preferred) {
        constexpr std::uint64_t modes[] = {mte_ctrl::TCF_ASYNC, mte_ctrl::TCF_SYNC, mte_ctrl::TCF_ASYMM};
        k.preferred = modes[k.choices.choose(Open::preferred_mode, k.system.mte_asymm ? 3 : 2)];
    }
    return *k.preferred;
}

/// Resolves what the task asked for and what the CPU prefers into SCTLR_EL1.TCF0.
template <class M>
void mte_update_sctlr_user(Kernel<M>& k, Task<M>& task) {
    bits<M, 64> resolved = task.mte_ctrl;
    const bool several = any_of<M>(task.mte_ctrl, mte_ctrl::TCF_SYNC) && any_of<M>(task.mte_ctrl, mte_ctrl::TCF_ASYNC);
    if (several) {
        const std::uint64_t pref = mte_tcf_preferred(k);
        if (any_of<M>(task.mte_ctrl, pref)) resolved = bits<M, 64>(pref);
        if (mutated(k, AbiFault::preferred_mode_disobeyed))
            resolved = bits<M, 64>(pref == mte_ctrl::TCF_SYNC ? mte_ctrl::TCF_ASYNC : mte_ctrl::TCF_SYNC);
    }
    task.sctlr_tcf0 = tcf0::NONE;
    if (any_of<M>(resolved, mte_ctrl::TCF_ASYMM)) {
        task.sctlr_tcf0 = tcf0::ASYMM;
    } else if (any_of<M>(resolved, mte_ctrl::TCF_ASYNC)) {
        task.sctlr_tcf0 = mutated(k, AbiFault::asynchronous_is_synchronous) ? tcf0::SYNC : tcf0::ASYNC;
    } else if (any_of<M>(resolved, mte_ctrl::TCF_SYNC)) {
        task.sctlr_tcf0 = tcf0::SYNC;
    }
}

/// 0 or an error. Who runs on the CPU learns of it when it is switched to.
template <class M>
std::int64_t mte_tcf_preferred_store(Kernel<M>& k, std::uint64_t mode) {
    by(k, Clause::preferred_store);
    if (mode == ABI_PREFER_ASYMM && !k.system.mte_asymm) return err::INVAL;
    if (mutated(k, AbiFault::preferred_mode_fixed)) return 0;
    k.preferred = mode == ABI_PREFER_ASYMM  ? mte_ctrl::TCF_ASYMM
                  : mode == ABI_PREFER_SYNC ? mte_ctrl::TCF_SYNC
                                            : mte_ctrl::TCF_ASYNC;
    return 0;
}

/// The task runs again after it did not.
template <class M>
void mte_thread_switch(Kernel<M>& k, Task<M>& task) {
    mte_update_sctlr_user(k, task);
}

/// GCR_EL1.Exclude of the task, as mte_update_gcr_excl() writes it.
template <class M>
bits<M, 16> gcr_excl(Kernel<M>& k, const Task<M>& task) {
    const bits<M, 16> excl = slice<15, 0>(task.mte_ctrl);
    return mutated(k, AbiFault::include_mask_as_exclude) ? ~excl : excl;
}

template <class M>
void set_mte_ctrl(Kernel<M>& k, Task<M>& task, bits<M, 64> arg) {
    bits<M, 64> ctrl = ~shift_right<pr::MTE_TAG_SHIFT>(arg & bits<M, 64>(pr::MTE_TAG_MASK)) &
                       bits<M, 64>(mte_ctrl::GCR_USER_EXCL_MASK);
    const bool async = any_of<M>(arg, pr::MTE_TCF_ASYNC);
    const bool sync = any_of<M>(arg, pr::MTE_TCF_SYNC);
    if (async) ctrl = ctrl | bits<M, 64>(mte_ctrl::TCF_ASYNC);
    if (sync) ctrl = ctrl | bits<M, 64>(mte_ctrl::TCF_SYNC);
    if (k.system.mte_asymm && async && sync) ctrl = ctrl | bits<M, 64>(mte_ctrl::TCF_ASYMM);
    if (any_of<M>(arg, pr::MTE_STORE_ONLY)) ctrl = ctrl | bits<M, 64>(mte_ctrl::STORE_ONLY);
    task.mte_ctrl = ctrl;
    mte_update_sctlr_user(k, task);
}

template <class M>
bits<M, 64> get_mte_ctrl(Kernel<M>& k, const Task<M>& task) {
    const bits<M, 64> incl = ~task.mte_ctrl & bits<M, 64>(mte_ctrl::GCR_USER_EXCL_MASK);
    bits<M, 64> ret = shift_left<pr::MTE_TAG_SHIFT>(incl);
    if (mutated(k, AbiFault::tag_mask_not_read_back)) ret = 0;
    const bool async = any_of<M>(task.mte_ctrl, mte_ctrl::TCF_ASYNC);
    const bool sync = any_of<M>(task.mte_ctrl, mte_ctrl::TCF_SYNC);
    if (async && !(sync && mutated(k, AbiFault::modes_not_read_back))) ret = ret | bits<M, 64>(pr::MTE_TCF_ASYNC);
    if (sync) ret = ret | bits<M, 64>(pr::MTE_TCF_SYNC);
    if (any_of<M>(task.mte_ctrl, mte_ctrl::STORE_ONLY) && !mutated(k, AbiFault::store_only_not_read_back))
        ret = ret | bits<M, 64>(pr::MTE_STORE_ONLY);
    return ret;
}

/// 0 or an error.
template <class M>
std::int64_t set_tagged_addr_ctrl(Kernel<M>& k, Task<M>& task, bits<M, 64> arg) {
    std::uint64_t valid_mask = pr::TAGGED_ADDR_ENABLE | pr::MTE_TCF_SYNC | pr::MTE_TCF_ASYNC | pr::MTE_TAG_MASK;
    if (k.system.mte_store_only || mutated(k, AbiFault::store_only_without_hwcap)) valid_mask |= pr::MTE_STORE_ONLY;
    if (any_of<M>(arg, ~valid_mask)) {
        by(k, Clause::valid_mask);
        if (!mutated(k, AbiFault::reserved_bits_accepted)) return err::INVAL;
    } else {
        const bool several = any_of<M>(arg, pr::MTE_TCF_SYNC) && any_of<M>(arg, pr::MTE_TCF_ASYNC);
        by(k, several ? Clause::several_modes : Clause::set_ctrl_accepts);
        if (several && mutated(k, AbiFault::several_modes_refused)) return err::INVAL;
    }
    task.control_clause.reset();
    task.checked_with_tco.reset();
    set_mte_ctrl(k, task, arg);
    task.tagged_addr = boolean<M>(any_of<M>(arg, pr::TAGGED_ADDR_ENABLE));
    return 0;
}

template <class M>
bits<M, 64> get_tagged_addr_ctrl(Kernel<M>& k, const Task<M>& task) {
    const bits<M, 64> enable = select(task.tagged_addr, bits<M, 64>(pr::TAGGED_ADDR_ENABLE), bits<M, 64>(0));
    return enable | get_mte_ctrl(k, task);
}

/// The tags that IRG may give: a mask.
template <class M>
bits<M, 16> tags_of_irg(Kernel<M>& k, const Task<M>& task, bits<M, 16> operand) {
    const bits<M, 16> exclude = gcr_excl(k, task) | operand;
    bits<M, 16> allowed = 0;
    for (unsigned start = 0; start < 16; ++start) {
        const bits<M, 4> tag = ChooseNonExcludedTag(k.cpu, bits<M, 4>(start), bits<M, 4>(0), exclude);
        allowed = allowed | LSL(bits<M, 16>(1), ZeroExtend<16>(tag));
    }
    return allowed;
}

} // namespace mtecheck::model::linux_abi
