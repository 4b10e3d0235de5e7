// SPDX-License-Identifier: Apache-2.0
#include "model/linux/faults.h"

#include <algorithm>
#include <array>

namespace mtecheck::model::linux_abi {

namespace {

constexpr std::array<AbiFaultInfo, static_cast<std::size_t>(AbiFault::count)> kFaults{{
    {AbiFault::unused_arguments_ignored, "unused-arguments-ignored", "unused arguments of prctl need not be 0",
     Clause::set_ctrl_arguments},
    {AbiFault::reserved_bits_accepted, "reserved-bits-accepted", "the control word may have any bits",
     Clause::valid_mask},
    {AbiFault::several_modes_refused, "several-modes-refused", "only one mode can be requested", Clause::several_modes},
    {AbiFault::tag_mask_not_read_back, "tag-mask-not-read-back", "PR_GET_TAGGED_ADDR_CTRL has no include mask",
     Clause::read_back},
    {AbiFault::modes_not_read_back, "modes-not-read-back",
     "of synchronous and asynchronous mode only the first is reported", Clause::read_back},
    {AbiFault::include_mask_as_exclude, "include-mask-as-exclude", "PR_MTE_TAG_MASK is taken for GCR_EL1.Exclude",
     Clause::include_mask},
    {AbiFault::prot_mte_anywhere, "prot-mte-anywhere", "PROT_MTE is accepted for any file", Clause::prot_mte_mappings},
    {AbiFault::prot_mte_cleared_by_mprotect, "prot-mte-cleared-by-mprotect", "mprotect() without PROT_MTE clears it",
     Clause::prot_mte_stays},
    {AbiFault::prot_mte_ignored_by_mprotect, "prot-mte-ignored-by-mprotect", "mprotect() cannot add PROT_MTE",
     Clause::prot_mte_mappings},
    {AbiFault::unknown_prot_accepted, "unknown-prot-accepted", "mprotect() accepts any bits of prot",
     Clause::valid_prot},
    {AbiFault::tags_without_prot_mte, "tags-without-prot-mte", "pages without PROT_MTE have tags, too",
     Clause::not_tagged},
    {AbiFault::private_tags_of_shared_memory, "private-tags-of-shared-memory",
     "a process has tags of its own for shared memory", Clause::shared_tags},
    {AbiFault::fork_loses_tags, "fork-loses-tags", "the tags of a child's private pages are 0", Clause::copied_tags},
    {AbiFault::copy_on_write_loses_tags, "copy-on-write-loses-tags",
     "the tags of a private page of a file are 0 after the first store", Clause::copied_tags},
    {AbiFault::mremap_loses_tags, "mremap-loses-tags", "tags are 0 after mremap()", Clause::moved_tags},
    {AbiFault::wipe_on_fork_keeps_tags, "wipe-on-fork-keeps-tags", "MADV_WIPEONFORK clears data and not tags",
     Clause::wipe_on_fork},
    {AbiFault::tagged_address_not_managed, "tagged-address-not-managed",
     "mprotect() and madvise() refuse tagged addresses", Clause::address_management},
    {AbiFault::asynchronous_is_synchronous, "asynchronous-is-synchronous", "asynchronous mode is synchronous mode",
     Clause::asynchronous_mode},
    {AbiFault::asynchronous_never_reported, "asynchronous-never-reported", "asynchronous faults are not reported",
     Clause::asynchronous_mode},
    {AbiFault::asynchronous_forced, "asynchronous-forced",
     "the signal of an asynchronous fault cannot be blocked or ignored", Clause::sent_signal},
    {AbiFault::blocked_fault_pending, "blocked-fault-pending",
     "a synchronous fault with SIGSEGV blocked is passed over until it is not", Clause::forced_signal},
    {AbiFault::preferred_mode_disobeyed, "preferred-mode-disobeyed", "of several modes the first is taken: synchronous",
     Clause::preferred_mode},
    {AbiFault::preferred_mode_fixed, "preferred-mode-fixed", "what is written to mte_tcf_preferred has no effect",
     Clause::preferred_mode},
    {AbiFault::handler_keeps_tco, "handler-keeps-tco", "a signal handler begins with PSTATE.TCO as it was",
     Clause::handler_tco},
    {AbiFault::sigreturn_loses_tco, "sigreturn-loses-tco", "sigreturn() leaves PSTATE.TCO as it was in the handler",
     Clause::sigreturn_tco},
    {AbiFault::system_call_clears_tco, "system-call-clears-tco", "PSTATE.TCO is 0 after a system call",
     Clause::tco_register},
    {AbiFault::tag_bits_always_exposed, "tag-bits-always-exposed", "si_addr has its tag without SA_EXPOSE_TAGBITS",
     Clause::hidden_tag_bits},
    {AbiFault::tag_bits_never_exposed, "tag-bits-never-exposed", "si_addr has no tag with SA_EXPOSE_TAGBITS",
     Clause::exposed_tag_bits},
    {AbiFault::fault_address_tagged, "fault-address-tagged", "sigcontext.fault_address has its tag",
     Clause::fault_address},
    {AbiFault::tagged_pointer_always_accepted, "tagged-pointer-always-accepted",
     "system calls take tagged pointers without PR_TAGGED_ADDR_ENABLE", Clause::tagged_pointer_refused},
    {AbiFault::tagged_pointer_never_accepted, "tagged-pointer-never-accepted",
     "system calls take no tagged pointers with PR_TAGGED_ADDR_ENABLE", Clause::tagged_pointer_accepted},
    {AbiFault::kernel_checks_in_asynchronous_mode, "kernel-checks-in-asynchronous-mode",
     "a system call with a mis-tagged pointer is EFAULT in asynchronous mode", Clause::kernel_access_not_checked},
    {AbiFault::exec_keeps_control, "exec-keeps-control", "execve() keeps the control word", Clause::initial_state},
    {AbiFault::exec_keeps_tco, "exec-keeps-tco", "execve() keeps PSTATE.TCO", Clause::initial_state},
    {AbiFault::fork_resets_control, "fork-resets-control", "a child begins with control word 0", Clause::fork_inherits},
    {AbiFault::thread_resets_control, "thread-resets-control", "a thread begins with control word 0",
     Clause::thread_inherits},
    {AbiFault::peek_without_prot_mte, "peek-without-prot-mte", "PTRACE_PEEKMTETAGS reads 0 without PROT_MTE",
     Clause::no_tags_to_peek},
    {AbiFault::peek_tells_one_less, "peek-tells-one-less", "PTRACE_PEEKMTETAGS tells one tag less than there is",
     Clause::peek_tags},
    {AbiFault::poke_has_no_effect, "poke-has-no-effect", "PTRACE_POKEMTETAGS sets nothing", Clause::poke_tags},
    {AbiFault::regset_has_no_tag_mask, "regset-has-no-tag-mask", "NT_ARM_TAGGED_ADDR_CTRL has no include mask",
     Clause::regset},
    {AbiFault::core_has_no_tags, "core-has-no-tags", "a core dump has no tags", Clause::core_dump},
    {AbiFault::store_only_without_hwcap, "store-only-without-hwcap",
     "PR_MTE_STORE_ONLY is accepted without HWCAP3_MTE_STORE_ONLY", Clause::valid_mask},
    {AbiFault::files_have_no_tags, "files-have-no-tags",
     "mappings of files have no tags: stores of them are ignored, nothing is checked", Clause::file_tags},
    {AbiFault::advice_ignored, "advice-ignored", "madvise() succeeds and does nothing, but for MADV_DONTNEED",
     Clause::mapping},
    {AbiFault::tagged_address_managed_if_enabled, "tagged-address-managed-if-enabled",
     "mprotect() and mremap() refuse tagged addresses without PR_TAGGED_ADDR_ENABLE", Clause::address_management},
    {AbiFault::tagged_address_not_advised, "tagged-address-not-advised",
     "madvise() of a tagged address has no effect: EINVAL for MADV_WIPEONFORK and MADV_KEEPONFORK, 0 for all others",
     Clause::address_management},
    {AbiFault::unmapped_memory_advised, "unmapped-memory-advised",
     "madvise() of memory that is not mapped is EINVAL for MADV_WIPEONFORK and MADV_KEEPONFORK, 0 for all others",
     Clause::mapping},
    {AbiFault::free_of_files_ignored, "free-of-files-ignored",
     "MADV_FREE of shared memory, or of a file, succeeds and does nothing", Clause::mapping},
    {AbiFault::address_untagged_where_unchecked, "address-untagged-where-unchecked",
     "a page fault of a load or store loses the tag of its address where tags are not checked",
     Clause::exposed_tag_bits},
    {AbiFault::sigreturn_leaves_checks, "sigreturn-leaves-checks",
     "after sigreturn() tags are checked, or not, as in the handler until a system register or the control word is "
     "written",
     Clause::sigreturn_tco},
    {AbiFault::execute_only_read_where_unchecked, "execute-only-read-where-unchecked",
     "loads of execute-only memory succeed where tags are not checked", Clause::page_fault},
    {AbiFault::gap_changes_host_alone, "gap-changes-host-alone",
     "mprotect() of a range with a gap changes what the host of an emulator permits of the pages in front of it, and "
     "not what the emulator does",
     Clause::mapping},
    {AbiFault::exec_unblocks_signal, "exec-unblocks-signal",
     "SIGSEGV is not blocked after execve(), though it was before", Clause::forced_signal},
    {AbiFault::store_only_not_read_back, "store-only-not-read-back", "PR_GET_TAGGED_ADDR_CTRL has no PR_MTE_STORE_ONLY",
     Clause::read_back},
    {AbiFault::no_ptrace, "no-ptrace", "ptrace() is ENOSYS", Clause::peek_tags},
    {AbiFault::asynchronous_fault_loses_system_call, "asynchronous-fault-loses-system-call",
     "a system call with an asynchronous fault before it returns ERESTARTNOINTR if SIGSEGV is blocked or ignored",
     Clause::internal_errors},
    {AbiFault::inaccessible_pages_tell_old_tags, "inaccessible-pages-tell-old-tags",
     "PTRACE_PEEKMTETAGS of shared memory that is PROT_NONE, and was never accessed with PROT_MTE, tells the tags of "
     "its former life",
     Clause::peek_tags},
}};

} // namespace

std::span<const AbiFaultInfo> abi_faults() { return kFaults; }

std::optional<AbiFault> find_abi_fault(std::string_view id) {
    const auto* const found =
        std::find_if(kFaults.begin(), kFaults.end(), [&](const AbiFaultInfo& fault) { return fault.id == id; });
    if (found == kFaults.end()) return std::nullopt;
    return found->value;
}

} // namespace mtecheck::model::linux_abi
