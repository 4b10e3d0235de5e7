// SPDX-License-Identifier: Apache-2.0
//
// Instructions of a task on the architecture's model, and what the kernel makes of their exceptions. Mirrors
// arch/arm64/mm/fault.c, and the accesses of arch/arm64/include/asm/uaccess.h.
#pragma once

#include "model/linux/mm.h"
#include "model/linux/signal.h"
#include "model/linux/tagged_addr_ctrl.h"
#include "model/run/run.h"
#include "spec/gen/registers.h"

namespace mtecheck::model::linux_abi {

/// Instruction words; Xt is X0 and the address X1, except that what tags an address takes the tag of X1.
namespace word {
inline constexpr std::uint32_t LDR = 0xf9400020, STR = 0xf9000020; // X0, [X1]
inline constexpr std::uint32_t LDTR = 0xf8400820, STTR = 0xf8000820;
inline constexpr std::uint32_t LDG = 0xd9600020;
inline constexpr std::uint32_t STG = 0xd9200821, ST2G = 0xd9a00821, STZG = 0xd9600821; // X1, [X1]
} // namespace word

/// An address in the playground, with a top byte.
template <class M>
bits<M, 64> address_of(std::uint64_t page, std::uint64_t granule, std::uint64_t top) {
    return bits<M, 64>((ABI_PLAYGROUND_VA + page * ABI_PAGE_BYTES + granule * 16) | top << 56U);
}

/// SCTLR_EL1.TCF0 for an instruction. SCTLR_EL1.TCSO0 = 1 leaves loads unchecked, as no mode would.
template <class M>
bits<M, 2> tcf0_of(const Task<M>& task, std::uint32_t opcode) {
    const bool loads = opcode == word::LDR || opcode == word::LDTR;
    return loads && any_of<M>(task.mte_ctrl, mte_ctrl::STORE_ONLY) ? bits<M, 2>(tcf0::NONE) : task.sctlr_tcf0;
}

/// Whether an instruction at EL0 is a load or store that checks no tag, of whatever memory.
template <class M>
bool is_unchecked(const Kernel<M>& k, const Task<M>& task, std::uint32_t opcode) {
    if (opcode != word::LDR && opcode != word::STR) return false;
    return k.cpu.index(tcf0_of<M>(task, opcode)) == tcf0::NONE ||
           k.cpu.index(task.checked_with_tco.value_or(task.tco)) == 1;
}

template <class M>
Asks asks_of(const Kernel<M>& k, const Task<M>& task, std::uint32_t opcode) {
    if (opcode == word::LDG || opcode == word::STG || opcode == word::ST2G) return Asks::flags;
    return is_unchecked(k, task, opcode) ? Asks::host : Asks::both;
}

/// The page tables of the task, as regions, for an instruction.
template <class M>
void switch_mm(Kernel<M>& k, const Task<M>& task, std::uint32_t opcode) {
    std::vector<Region> regions;
    for (std::size_t n = 0; n < ABI_PAGES; ++n) {
        const Vma& vma = task.mm->vmas[n];
        const Asks asks = asks_of(k, task, opcode);
        const Permitted may = permitted(k, vma, asks);
        if (!vma.mapped || !may.read) continue;
        // A tag store that is ignored copies no page, either.
        const bool ignored = asks == Asks::flags && vma.has_file && mutated(k, AbiFault::files_have_no_tags);
        const bool tagged = (vma.mte && !(vma.has_file && mutated(k, AbiFault::files_have_no_tags))) ||
                            mutated(k, AbiFault::tags_without_prot_mte);
        const std::uint64_t start = ABI_PLAYGROUND_VA + n * ABI_PAGE_BYTES;
        regions.push_back({.start = start,
                           .end = start + ABI_PAGE_BYTES,
                           .pa = k.pages[vma.page].pa,
                           .memory = tagged ? MemoryKind::tagged : MemoryKind::write_back,
                           .ap = static_cast<std::uint8_t>(may.write && (ignored || !vma.is_file_page()) ? 1 : 3)});
    }
    k.space = 1 - k.space;
    k.spaces[k.space] = AddressSpace(std::move(regions), 3, 48);
    k.cpu.set_address_space(k.spaces[k.space]);
}

template <class M>
struct Executed {
    bool exception = false;
    bits<M, 64> esr = 0, far = 0; ///< of an exception
    bits<M, 64> x0 = 0;
    bool asynchronous = false; ///< TFSRE0_EL1 is not 0 afterwards
};

/// Of virtual or of physical addresses.
template <class Address>
bool same_page(const Address& a, const Address& b) {
    return static_cast<bool>(slice<55, 12>(a) == slice<55, 12>(b));
}

/// What an instruction had written when it took an exception.
template <class M>
void settle_partial_stores(Kernel<M>& k) {
    for (const auto& mark : k.cpu.marks) {
        if (mark.place.kind != Place::Kind::tag) continue;
        if (k.choices.choose(Open::partial_store, 2) == 0) {
            k.cpu.phys_tag_write(mark.address, slice<3, 0>(mark.alternative));
        } else {
            for (Page& page : k.pages) {
                if (same_page<bits<M, 56>>(mark.address, page.pa)) page.lazily_freed = false;
            }
        }
    }
}

/// Runs one instruction at EL0, or at EL1 as the kernel does with the memory of its task, whose TCF0 holds in both.
template <class M>
Executed<M> execute_one(Kernel<M>& k, const Task<M>& task, unsigned el, std::uint32_t opcode, bits<M, 64> x0,
                        bits<M, 64> x1) {
    switch_mm(k, task, opcode);
    M& m = k.cpu;
    m.choices.start();
    m.marks.clear();
    m.state = {};
    m.state.SCTLR_EL1 = with_slice<39, 38>(bits<M, 64>(k.system.sctlr_el1), tcf0_of<M>(task, opcode));
    m.state.TCR_EL1 = k.system.tcr_el1;
    m.state.CPACR_EL1 = k.system.cpacr_el1;
    m.state.PSTATE.EL = el;
    m.state.PSTATE.SP = el == 0 ? 0 : 1;
    m.state.PSTATE.TCO = el == 0 ? task.checked_with_tco.value_or(task.tco) : bits<M, 1>(0);
    m.state.x[0] = x0;
    m.state.x[1] = x1;
    constexpr std::uint64_t code = 0x10000;
    m.state.pc = code;
    const std::uint32_t opcodes[] = {opcode};
    const RunResult result = Run(m, Program(code, opcodes), 1);
    Executed<M> out;
    out.exception = result.status == RunStatus::exception;
    if (!out.exception && result.status != RunStatus::completed) throw NotModelled{"an instruction that does not end"};
    if (out.exception) settle_partial_stores(k);
    out.esr = m.state.ESR_EL1;
    out.far = m.state.FAR_EL1;
    out.x0 = m.state.x[0];
    out.asynchronous = static_cast<bool>(!IsZero(m.state.TFSRE0_EL1));
    return out;
}

template <class M>
const Vma* find_vma(const Task<M>& task, bits<M, 64> far, M& m) {
    const bits<M, 56> offset = slice<55, 0>(far) - bits<M, 56>(ABI_PLAYGROUND_VA);
    if (!static_cast<bool>(ult(offset, bits<M, 56>(ABI_PAGES * ABI_PAGE_BYTES)))) return nullptr;
    return &task.mm->vmas[m.index(slice<14, 12>(offset))];
}

/// do_wp_page(): the first store to a page of a file that is mapped privately.
template <class M>
void wp_page_copy(Kernel<M>& k, Vma& vma) {
    vma.page = copy_page(k, vma.page, !mutated(k, AbiFault::copy_on_write_loses_tags));
    mte_sync_tags(k, vma);
}

/// do_page_fault(): true if the access can be made now.
template <class M>
bool do_page_fault(Kernel<M>& k, Task<M>& task, std::uint32_t opcode, bits<M, 64> far, bool write) {
    auto* const vma = const_cast<Vma*>(find_vma(task, far, k.cpu));
    const Permitted may = vma == nullptr ? Permitted{} : permitted(k, *vma, asks_of(k, task, opcode));
    if (vma == nullptr || !vma->mapped) {
        force_sig_fault(k, task, segv::MAPERR, far, Clause::page_fault);
    } else if (write && !may.write && vma->permitted.write) { // an emulator whose host refuses it tries again
        die(k, task, task.step, task.step, Clause::page_fault, kAlarm);
    } else if (write ? !may.write : !may.read) {
        force_sig_fault(k, task, segv::ACCERR, far, Clause::page_fault);
    } else if (write && vma->is_file_page()) {
        wp_page_copy(k, *vma);
        return true;
    } else {
        throw NotModelled{"a fault of a page that is there"};
    }
    return false;
}

/// The clause that says what an access with a tag that does not match comes to.
template <class M>
Clause clause_of_mode(Kernel<M>& k, const Task<M>& task) {
    const bool several = any_of<M>(task.mte_ctrl, mte_ctrl::TCF_SYNC) && any_of<M>(task.mte_ctrl, mte_ctrl::TCF_ASYNC);
    switch (k.cpu.index(task.sctlr_tcf0)) {
    case tcf0::SYNC: return several ? Clause::preferred_mode : Clause::synchronous_mode;
    case tcf0::ASYNC: return several ? Clause::preferred_mode : Clause::asynchronous_mode;
    case tcf0::ASYMM: return Clause::asymmetric_mode;
    default: return Clause::ignore_mode;
    }
}

/// Synchronous Tag Check Fault
template <class M>
bool esr_is_tag_check(bits<M, 64> esr) {
    return static_cast<bool>(slice<5, 0>(esr) == bits<M, 6>(0x11));
}

/// do_mem_abort(): true if the access can be made now. The clause named last says what its check comes to.
template <class M>
bool do_mem_abort(Kernel<M>& k, Task<M>& task, std::uint32_t opcode, bits<M, 64> esr, bits<M, 64> far, bool write) {
    if (esr_is_tag_check<M>(esr)) {
        force_sig_fault(k, task, segv::MTESERR, far, k.clause);
        return false;
    }
    return do_page_fault(k, task, opcode, far, write);
}

/// Of an access that was made: mte_sync_tags() has initialised the tags of its page, which is kept if it was a store.
template <class M>
void note_access(Kernel<M>& k, const Task<M>& task, bits<M, 64> address, bool write) {
    const Vma* const vma = find_vma(task, address, k.cpu);
    if (vma == nullptr || !vma->mapped) return;
    if (vma->mte) k.pages[vma->page].accessed_with_mte = true;
    if (write) k.pages[vma->page].lazily_freed = false;
}

/// Before an access: what has become of a page after MADV_FREE.
template <class M>
void settle_before_access(Kernel<M>& k, const Task<M>& task, bits<M, 64> address, Asks asks, bool write) {
    auto* const vma = const_cast<Vma*>(find_vma(task, address, k.cpu));
    if (vma == nullptr || !vma->mapped) return;
    const Permitted may = permitted(k, *vma, asks);
    if (write ? may.write : may.read) settle_lazily_freed(k, *vma);
}

/// FAR_EL1, but for the deliberate fault address_untagged_where_unchecked.
template <class M>
bits<M, 64> reported_far(Kernel<M>& k, const Task<M>& task, std::uint32_t opcode, const Executed<M>& done) {
    const bool loses_tag = is_unchecked(k, task, opcode) && !esr_is_tag_check<M>(done.esr) &&
                           mutated(k, AbiFault::address_untagged_where_unchecked);
    return loses_tag ? with_slice<63, 56>(done.far, bits<M, 8>(0)) : done.far;
}

/// An instruction of the task. X0 afterwards; nothing if a signal came.
template <class M>
std::optional<bits<M, 64>> user_instruction(Kernel<M>& k, Task<M>& task, std::uint32_t opcode, bits<M, 64> x0,
                                            bits<M, 64> x1, bool write) {
    const bits<M, 64> second = x1 + bits<M, 64>(16); // granule of ST2G
    const Asks asks = asks_of(k, task, opcode);
    settle_before_access(k, task, x1, asks, write);
    if (opcode == word::ST2G && !same_page(x1, second)) settle_before_access(k, task, second, asks, write);
    for (;;) {
        const Executed<M> done = execute_one(k, task, 0, opcode, x0, x1);
        if (done.exception) {
            const bits<M, 64> far = reported_far(k, task, opcode, done);
            if (!do_mem_abort(k, task, opcode, done.esr, far, write)) return std::nullopt;
            continue;
        }
        if (done.asynchronous && !task.tfsre0_since) {
            task.tfsre0_since = task.step;
            task.tco_since = {};
        }
        note_access(k, task, x1, write);
        if (opcode == word::ST2G) note_access(k, task, second, write);
        return done.x0;
    }
}

/// access_ok(), then __arch_copy_from_user() or __arch_copy_to_user() of 8 bytes: how many were copied, or EFAULT.
template <class M>
std::int64_t user_access(Kernel<M>& k, Task<M>& task, bits<M, 64> address, std::optional<bits<M, 64>> stored) {
    const bool tagged = static_cast<bool>(!IsZero(slice<63, 56>(address)));
    if (tagged) {
        const bool enabled = static_cast<bool>(task.tagged_addr);
        by(k, enabled ? Clause::tagged_pointer_accepted : Clause::tagged_pointer_refused);
        if (enabled ? mutated(k, AbiFault::tagged_pointer_never_accepted)
                    : !mutated(k, AbiFault::tagged_pointer_always_accepted))
            return err::FAULT;
    }
    const bool write = stored.has_value();
    Task<M> as = task;
    if (mutated(k, AbiFault::kernel_checks_in_asynchronous_mode) && k.cpu.index(as.sctlr_tcf0) == tcf0::ASYNC)
        as.sctlr_tcf0 = tcf0::SYNC;
    settle_before_access(k, task, address, Asks::both, write);
    for (;;) {
        const Executed<M> done =
            execute_one(k, as, 1, write ? word::STTR : word::LDTR, write ? *stored : bits<M, 64>(0), address);
        if (!done.exception) {
            note_access(k, task, address, write);
            if (done.asynchronous) by(k, Clause::kernel_access_not_checked);
            return 8; // TFSRE0_EL1 is cleared on the way back to EL0
        }
        if (esr_is_tag_check<M>(done.esr)) {
            by(k, Clause::kernel_access_checked);
            if (k.choices.choose(Open::kernel_access_checked, 2) == 0) return err::FAULT;
            as.sctlr_tcf0 = tcf0::NONE;
            continue;
        }
        auto* const vma = const_cast<Vma*>(find_vma(task, done.far, k.cpu));
        const Permitted may = vma == nullptr ? Permitted{} : permitted(k, *vma, Asks::both);
        if (vma == nullptr || !vma->mapped || !(write ? may.write : may.read)) {
            by(k, Clause::mapping);
            return err::FAULT;
        }
        wp_page_copy(k, *vma);
    }
}

} // namespace mtecheck::model::linux_abi
