// SPDX-License-Identifier: Apache-2.0
//
// Mappings and the tags of their pages: mmap(), mprotect(), munmap(), mremap() and madvise(), and what fork() does to
// them. Mirrors arch/arm64/include/asm/mman.h, mte_sync_tags() of arch/arm64/kernel/mte.c, and mm/.
#pragma once

#include <algorithm>

#include "model/linux/protection.h"

namespace mtecheck::model::linux_abi {

/// mte_sync_tags(): the first mapping with the Tagged attribute initialises the tags of a page. Those of a page that
/// never had it are still what alloc_page() left there: 0.
template <class M>
void mte_sync_tags(Kernel<M>& k, const Vma& vma) {
    if (vma.mte) k.pages[vma.page].mte_tagged = true;
}

/// Data, and tags if the page has some (copy_highpage() and mte_copy_page_tags()).
template <class M>
std::size_t copy_page(Kernel<M>& k, std::size_t from, bool with_tags) {
    const std::size_t to = alloc_page(k);
    const auto at = [&](std::size_t page, std::uint64_t offset) { return bits<M, 56>(k.pages[page].pa + offset); };
    for (std::uint64_t offset = 0; offset < ABI_PAGE_BYTES; offset += 16) {
        k.cpu.template phys_write<8>(at(to, offset), k.cpu.template phys_read<8>(at(from, offset)));
        if (k.pages[from].mte_tagged && with_tags)
            k.cpu.phys_tag_write(at(to, offset), k.cpu.phys_tag_read(at(from, offset)));
    }
    k.pages[to].mte_tagged = k.pages[from].mte_tagged;
    k.pages[to].accessed_with_mte = k.pages[from].accessed_with_mte;
    k.pages[to].lazily_freed = k.pages[from].lazily_freed;
    return to;
}

/// Every granule of a page gets tag 0.
template <class M>
void mte_clear_page_tags(Kernel<M>& k, std::size_t page) {
    for (std::uint64_t offset = 0; offset < ABI_PAGE_BYTES; offset += 16)
        k.cpu.phys_tag_write(bits<M, 56>(k.pages[page].pa + offset), bits<M, 4>(0));
}

/// arch_validate_flags()
inline bool arch_validate_flags(const Vma& vma) { return !vma.mte || vma.mte_allowed; }

/// Without MNT_NOEXEC, and so with VM_MAYEXEC.
template <class M>
bool may_execute_files(Kernel<M>& k) {
    if (!k.executable_files) k.executable_files = k.choices.choose(Open::executable_file, 2) == 0;
    return *k.executable_files;
}

template <class M>
std::int64_t do_mmap(Kernel<M>& k, Mm& mm, std::uint64_t page, std::uint64_t count, std::uint64_t prot,
                     std::uint64_t kind) {
    const bool anonymous = kind == ABI_ANONYMOUS_PRIVATE || kind == ABI_ANONYMOUS_SHARED;
    const bool memfd = kind == ABI_MEMFD_SHARED || kind == ABI_MEMFD_PRIVATE;
    const bool mte = (prot & prot::MTE) != 0;
    by(k, mte ? Clause::prot_mte_mappings : Clause::mapping);
    // arch_calc_vm_flag_bits(): MAP_ANONYMOUS, or shmem_file()
    const bool allowed = anonymous || memfd || mutated(k, AbiFault::prot_mte_anywhere);
    const bool may_execute = anonymous || memfd || (prot & prot::EXEC) == 0 || may_execute_files(k);
    if (!may_execute) return err::PERM; // before what was there is unmapped
    if (mte && !allowed) {
        const bool replaces =
            std::any_of(&mm.vmas[page], &mm.vmas[page] + count, [](const Vma& vma) { return vma.mapped; });
        if (replaces && k.choices.choose(Open::replaced_mapping, 2) == 1) std::fill_n(&mm.vmas[page], count, Vma{});
        return err::INVAL;
    }
    for (std::uint64_t i = 0; i < count; ++i) {
        Vma& vma = mm.vmas[page + i];
        vma = Vma{.mapped = true, .mte = mte, .mte_allowed = allowed};
        set_protection(k, vma, prot);
        vma.shared = kind == ABI_ANONYMOUS_SHARED || kind == ABI_MEMFD_SHARED;
        vma.of_file = memfd;
        vma.has_file = !anonymous;
        vma.page = memfd ? k.file[i] : alloc_page(k);
        if (kind == ABI_MEMFD_PRIVATE) vma.file_page = vma.page;
        mte_sync_tags(k, vma);
    }
    return 0;
}

template <class M>
std::int64_t do_munmap(Kernel<M>& k, Mm& mm, std::uint64_t page, std::uint64_t count) {
    by(k, Clause::mapping);
    std::fill_n(&mm.vmas[page], count, Vma{});
    return 0;
}

inline bool has_gap(const Mm& mm, std::uint64_t page, std::uint64_t count) {
    return std::any_of(&mm.vmas[page], &mm.vmas[page] + count, [](const Vma& vma) { return !vma.mapped; });
}

/// Whether the system call takes an address with this top byte as untagged_addr() would.
template <class M>
bool is_managed(Kernel<M>& k, const Task<M>& task, std::uint64_t top) {
    if (top == 0) return true;
    by(k, Clause::address_management);
    if (mutated(k, AbiFault::tagged_address_managed_if_enabled) && !static_cast<bool>(task.tagged_addr)) return false;
    return !mutated(k, AbiFault::tagged_address_not_managed);
}

template <class M>
std::int64_t do_mprotect_pkey(Kernel<M>& k, Task<M>& task, std::uint64_t page, std::uint64_t count, std::uint64_t prot,
                              std::uint64_t top) {
    Mm& mm = *task.mm;
    constexpr std::uint64_t supported = prot::READ | prot::WRITE | prot::EXEC | prot::SEM | prot::BTI | prot::MTE;
    by(k, (prot & prot::MTE) != 0 ? Clause::prot_mte_mappings : Clause::mapping);
    if ((prot & ~supported) != 0 && !mutated(k, AbiFault::unknown_prot_accepted)) {
        by(k, Clause::valid_prot);
        return err::INVAL;
    }
    if (!is_managed(k, task, top)) return err::NOMEM;
    const bool gap = has_gap(mm, page, count);
    for (std::uint64_t i = 0; i < count; ++i) {
        Vma& vma = mm.vmas[page + i];
        if (!vma.mapped) { // what comes before a gap is changed
            by(k, Clause::mapping);
            return err::NOMEM;
        }
        if (vma.has_file && !vma.of_file && (prot & prot::EXEC) != 0 && !may_execute_files(k)) return err::ACCES;
        if (gap && mutated(k, AbiFault::gap_changes_host_alone)) {
            set_protection_of_host(vma, prot);
            continue;
        }
        Vma changed = vma;
        set_protection(k, changed, prot);
        if ((prot & prot::MTE) != 0) {
            changed.mte = !mutated(k, AbiFault::prot_mte_ignored_by_mprotect) || vma.mte;
        } else if (mutated(k, AbiFault::prot_mte_cleared_by_mprotect)) {
            changed.mte = false;
        }
        if (!arch_validate_flags(changed)) {
            by(k, Clause::prot_mte_mappings);
            return err::INVAL;
        }
        vma = changed;
        mte_sync_tags(k, vma);
    }
    return 0;
}

/// mremap(MREMAP_MAYMOVE | MREMAP_FIXED) of one page.
template <class M>
std::int64_t do_mremap(Kernel<M>& k, Task<M>& task, std::uint64_t from, std::uint64_t to, std::uint64_t top) {
    Mm& mm = *task.mm;
    by(k, Clause::mapping);
    if (!is_managed(k, task, top)) return err::FAULT;
    if (from == to) return err::INVAL;
    if (!mm.vmas[from].mapped) return err::FAULT; // before what is at `to` is unmapped
    mm.vmas[to] = mm.vmas[from];
    mm.vmas[to].moved = true;
    mm.vmas[from] = Vma{};
    if (mutated(k, AbiFault::mremap_loses_tags)) mte_clear_page_tags(k, mm.vmas[to].page);
    return 0;
}

/// madvise_dontneed_free() with MADV_DONTNEED, of one page.
template <class M>
void madvise_dontneed_single_vma(Kernel<M>& k, Vma& vma, bool anonymous_private) {
    if (!anonymous_private) { // the next access finds the file's page again
        vma.page = vma.file_page.value_or(vma.page);
        if (vma.shared && vma.mte && k.choices.choose(Open::advised_tags, 2) == 0) mte_clear_page_tags(k, vma.page);
        return;
    }
    const std::size_t old = vma.page;
    vma.page = alloc_page(k);
    if (vma.mte && k.choices.choose(Open::advised_tags, 2) == 1) {
        const std::size_t kept = copy_page(k, old, true);
        for (std::uint64_t offset = 0; offset < ABI_PAGE_BYTES; offset += 8)
            k.cpu.template phys_write<8>(bits<M, 56>(k.pages[kept].pa + offset), bits<M, 64>(0));
        k.pages[kept].lazily_freed = false;
        vma.page = kept;
    }
    mte_sync_tags(k, vma);
}

/// Before a page is looked at: after MADV_FREE it may have been given back, or have lost its tags alone, since it was
/// looked at last.
template <class M>
void settle_lazily_freed(Kernel<M>& k, Vma& vma) {
    if (!k.pages[vma.page].lazily_freed) return;
    const unsigned way = k.choices.choose(Open::freed_pages, vma.mte ? 3 : 2);
    if (way == 2) mte_clear_page_tags(k, vma.page);
    if (way != 1) return;
    vma.page = alloc_page(k);
    mte_sync_tags(k, vma);
}

/// madvise_vma_behavior(), of one page.
template <class M>
std::int64_t madvise_vma_behavior(Kernel<M>& k, Vma& vma, std::uint64_t advice) {
    const bool anonymous_private = !vma.shared && !vma.file_page;
    switch (advice) {
    case madv::DONTDUMP: vma.dont_dump = true; return 0;
    case madv::KEEPONFORK: vma.wipe_on_fork = false; return 0;
    case madv::WIPEONFORK:
        if (vma.has_file || vma.shared) return err::INVAL;
        vma.wipe_on_fork = true;
        return 0;
    case madv::FREE:
        if (!anonymous_private) return mutated(k, AbiFault::free_of_files_ignored) ? 0 : err::INVAL;
        k.pages[vma.page].lazily_freed = true;
        return 0;
    case madv::DONTNEED: madvise_dontneed_single_vma(k, vma, anonymous_private); return 0;
    default: throw NotModelled{"an advice that is not modelled"};
    }
}

/// madvise_walk_vmas(): what is not mapped is passed over, and an error in the end.
template <class M>
std::int64_t do_madvise(Kernel<M>& k, Mm& mm, std::uint64_t page, std::uint64_t count, std::uint64_t advice,
                        std::uint64_t top) {
    by(k, Clause::mapping);
    // What deliberate faults answer instead of taking the advice.
    const std::int64_t without_effect = advice == madv::WIPEONFORK || advice == madv::KEEPONFORK ? err::INVAL : 0;
    const bool ignored = mutated(k, AbiFault::advice_ignored) && advice != madv::DONTNEED;
    if (ignored) return 0;
    if (top != 0) {
        by(k, Clause::address_management);
        if (mutated(k, AbiFault::tagged_address_not_managed)) return err::INVAL;
        if (mutated(k, AbiFault::tagged_address_not_advised)) return without_effect;
    }
    Vma* const first = &mm.vmas[page];
    const bool gap = has_gap(mm, page, count);
    if (gap && mutated(k, AbiFault::unmapped_memory_advised)) return without_effect;
    for (Vma* vma = first; vma != first + count; ++vma) {
        if (!vma->mapped) continue;
        if (const std::int64_t error = madvise_vma_behavior(k, *vma, advice); error != 0) return error;
    }
    return gap ? err::NOMEM : 0;
}

/// dup_mmap(). Private pages are copied at once: nobody can tell that from copy-on-write.
template <class M>
std::shared_ptr<Mm> dup_mmap(Kernel<M>& k, const Mm& mm) {
    auto copy = std::make_shared<Mm>(mm);
    for (Vma& vma : copy->vmas) {
        if (!vma.mapped || vma.is_file_page()) continue;
        if (vma.shared) continue;
        if (vma.wipe_on_fork) {
            const std::size_t old = vma.page;
            vma.page = alloc_page(k);
            mte_sync_tags(k, vma);
            for (std::uint64_t offset = 0; mutated(k, AbiFault::wipe_on_fork_keeps_tags) && offset < ABI_PAGE_BYTES;
                 offset += 16) {
                k.cpu.phys_tag_write(bits<M, 56>(k.pages[vma.page].pa + offset),
                                     k.cpu.phys_tag_read(bits<M, 56>(k.pages[old].pa + offset)));
            }
        } else {
            vma.page = copy_page(k, vma.page, !mutated(k, AbiFault::fork_loses_tags));
        }
    }
    return copy;
}

/// The tags of all pages, for the deliberate fault private_tags_of_shared_memory: what a child does to those of shared
/// memory is undone when it has ended.
template <class M>
class SavedTags {
  public:
    explicit SavedTags(Kernel<M>& k) : k_(k) {
        for (const Page& page : k.pages) each(page, [&](bits<M, 56> pa) { tags_.push_back(k.cpu.phys_tag_read(pa)); });
    }
    void restore() {
        std::size_t n = 0;
        for (const Page& page : k_.pages) {
            if (n == tags_.size()) break; // pages that are newer
            each(page, [&](bits<M, 56> pa) { k_.cpu.phys_tag_write(pa, tags_[n++]); });
        }
    }

  private:
    template <class F>
    static void each(const Page& page, F&& f) {
        for (std::uint64_t offset = 0; offset < ABI_PAGE_BYTES; offset += 16) f(bits<M, 56>(page.pa + offset));
    }
    Kernel<M>& k_;
    std::vector<bits<M, 4>> tags_;
};

} // namespace mtecheck::model::linux_abi
