// SPDX-License-Identifier: Apache-2.0
//
// What a debugger gets of a task: PTRACE_PEEKMTETAGS and PTRACE_POKEMTETAGS, NT_ARM_TAGGED_ADDR_CTRL, and the tags in a
// core dump. Mirrors arch/arm64/kernel/mte.c, ptrace.c and elfcore.c.
//
// The task is a child that was made for the purpose, stopped (or dying) at once.
#pragma once

#include "model/linux/mm.h"
#include "model/linux/tagged_addr_ctrl.h"

namespace mtecheck::model::linux_abi {

/// A child of the task, as it is before it does anything.
template <class M>
Task<M> copy_process(Kernel<M>& k, const Task<M>& parent) {
    Task<M> child = parent;
    child.mm = dup_mmap(k, *parent.mm);
    child.sighand = std::make_shared<Sighand>(*parent.sighand);
    child.sigsegv_pending = false;
    child.tfsre0_since.reset(); // arch_dup_task_struct() clears TIF_MTE_ASYNC_FAULT
    if (mutated(k, AbiFault::fork_resets_control)) set_tagged_addr_ctrl(k, child, bits<M, 64>(0));
    return child;
}

/// Tags in nibbles, from the lowest on.
template <class M>
struct RemoteTags {
    bits<M, 64> tags = 0;
    bits<M, 64> known = ~bits<M, 64>(0); ///< without those that a deliberate fault makes anything
};

/// The deliberate fault inaccessible_pages_tell_old_tags: set_pte_at() has mte_sync_tags() initialise the tags of what
/// may be accessed (names of Linux 6.1); the page is new, and of shmem: only alloc_zeroed_user_highpage_movable()
/// clears tags.
template <class M>
bool tells_old_tags(const Kernel<M>& k, const Vma& vma) {
    return mutated(k, AbiFault::inaccessible_pages_tell_old_tags) && (vma.of_file || vma.shared) &&
           !vma.permitted.read && !k.pages[vma.page].accessed_with_mte;
}

/// __access_remote_tags(): `count` tags from a granule on. How many were transferred; or EIO.
template <class M>
std::int64_t access_remote_tags(Kernel<M>& k, Mm& mm, std::uint64_t page, std::uint64_t granule, std::uint64_t count,
                                RemoteTags<M>& remote, bool write) {
    std::uint64_t done = 0;
    if (write) count = std::min<std::uint64_t>(count, ABI_MAX_TAGS);
    for (; done < count; ++done) {
        const std::uint64_t at = granule + done;
        const std::uint64_t n = page + at / ABI_GRANULES;
        if (n >= ABI_PAGES) break;
        Vma& vma = mm.vmas[n];
        if (!vma.mapped) break;
        if (!vma.mte && !(mutated(k, AbiFault::peek_without_prot_mte) && !write)) break;
        if (write && vma.shared && !vma.permitted.write) break; // FOLL_FORCE is for private mappings
        if (write && vma.is_file_page()) vma.page = copy_page(k, vma.page, true);
        if (done == 0 || at % ABI_GRANULES == 0) settle_lazily_freed(k, vma);
        if (write) k.pages[vma.page].lazily_freed = false;
        const bits<M, 56> pa(k.pages[vma.page].pa + at % ABI_GRANULES * 16);
        const bits<M, 64> shift(4 * done);
        if (vma.permitted.read && vma.mte) k.pages[vma.page].accessed_with_mte = true;
        if (!write && tells_old_tags(k, vma)) {
            remote.tags = remote.tags | LSL(bits<M, 64>(15), shift);
            remote.known = remote.known & ~LSL(bits<M, 64>(15), shift);
        } else if (!write) {
            remote.tags = remote.tags | LSL(ZeroExtend<64>(k.cpu.phys_tag_read(pa)), shift);
        } else if (!mutated(k, AbiFault::poke_has_no_effect)) {
            k.cpu.phys_tag_write(pa, slice<3, 0>(LSR(remote.tags, shift)));
        }
    }
    if (done == 0) {
        by(k, Clause::no_tags_to_peek);
        return err::IO;
    }
    if (!write && done > 1 && mutated(k, AbiFault::peek_tells_one_less)) --done;
    return static_cast<std::int64_t>(done);
}

/// mte_ptrace_copy_tags(): the result of ptrace(), and in `length` iov_len afterwards.
template <class M>
std::int64_t mte_ptrace_copy_tags(Kernel<M>& k, Mm& mm, std::uint64_t page, std::uint64_t granule, std::uint64_t count,
                                  RemoteTags<M>& tags, bool write, std::uint64_t& length) {
    by(k, write ? Clause::poke_tags : Clause::peek_tags);
    const std::int64_t done = access_remote_tags(k, mm, page, granule, count, tags, write);
    length = done < 0 ? count : static_cast<std::uint64_t>(done);
    return done < 0 ? done : 0;
}

/// tagged_addr_ctrl_get()
template <class M>
bits<M, 64> tagged_addr_ctrl_get(Kernel<M>& k, const Task<M>& task) {
    const bits<M, 64> ctrl = get_tagged_addr_ctrl(k, task);
    return mutated(k, AbiFault::regset_has_no_tag_mask) ? ctrl & bits<M, 64>(~pr::MTE_TAG_MASK) : ctrl;
}

/// mte_dump_tag_range(): the first tags of a page, if a core dump has any for it.
template <class M>
std::optional<bits<M, 64>> dumped_tags(Kernel<M>& k, Mm& mm, std::uint64_t page) {
    Vma& vma = mm.vmas[page];
    if (!vma.mapped || !vma.mte || vma.dont_dump || mutated(k, AbiFault::core_has_no_tags)) return std::nullopt;
    settle_lazily_freed(k, vma);
    bits<M, 64> tags = 0;
    for (unsigned n = 0; n < ABI_MAX_TAGS; ++n) {
        const bits<M, 4> tag = k.cpu.phys_tag_read(bits<M, 56>(k.pages[vma.page].pa + std::uint64_t{n} * 16));
        tags = tags | LSL(ZeroExtend<64>(tag), bits<M, 64>(std::uint64_t{4} * n));
    }
    const bool written = !vma.is_file_page() && static_cast<bool>(!IsZero(tags));
    if (!written && k.choices.choose(Open::dumped_pages, 2) == 1) return std::nullopt;
    return tags;
}

} // namespace mtecheck::model::linux_abi
