// SPDX-License-Identifier: Apache-2.0
#include "model/linux/contract.h"

#include <array>
#include <cstddef>

namespace mtecheck::model::linux_abi {

namespace {

constexpr std::string_view kMte = "memory-tagging-extension.rst";
constexpr std::string_view kAddresses = "tagged-address-abi.rst";
constexpr std::string_view kPointers = "tagged-pointers.rst";

constexpr std::array<ClauseInfo, static_cast<std::size_t>(Clause::count)> kClauses{{
    {Clause::set_ctrl_arguments, "set-ctrl-arguments", kAddresses,
     "PR_SET_TAGGED_ADDR_CTRL: arg3, arg4 and arg5 must be 0"},
    {Clause::get_ctrl_arguments, "get-ctrl-arguments", kAddresses,
     "PR_GET_TAGGED_ADDR_CTRL: arg2, arg3, arg4 and arg5 must be 0"},
    {Clause::valid_mask, "valid-mask", "set_tagged_addr_ctrl(), arch/arm64/kernel/process.c",
     "bits of arg2 outside of valid_mask are EINVAL"},
    {Clause::set_ctrl_accepts, "set-ctrl-accepts", kMte,
     "flags contains any number of the values of PR_MTE_TCF_MASK, and the bitmap of tags in PR_MTE_TAG_MASK"},
    {Clause::several_modes, "several-modes", kMte,
     "flags contains any number of the modes; if multiple modes are specified, the kernel selects one by CPU"},
    {Clause::read_back, "read-back", kMte,
     "the configuration can be read with PR_GET_TAGGED_ADDR_CTRL; all modes that were requested are reported"},
    {Clause::include_mask, "include-mask", kMte,
     "PR_MTE_TAG_MASK is an include mask; an include mask of 0 results in the CPU always generating tag 0"},
    {Clause::prot_mte_mappings, "prot-mte-mappings", kMte,
     "PROT_MTE is only supported on MAP_ANONYMOUS and RAM-based file mappings (tmpfs, memfd); else EINVAL"},
    {Clause::prot_mte_stays, "prot-mte-stays", kMte,
     "the PROT_MTE flag (and corresponding memory type) cannot be cleared by mprotect()"},
    {Clause::valid_prot, "valid-prot", "arch_validate_prot(), arch/arm64/include/asm/mman.h",
     "mprotect() of bits of prot that the CPU does not support is EINVAL"},
    {Clause::mapping, "mapping", "mmap(2), mprotect(2), munmap(2), mremap(2), madvise(2)",
     "the call succeeds, or fails for reasons that have nothing to do with tags"},
    {Clause::zero_tags, "zero-tags", kMte,
     "the allocation tag is set to 0 when such pages are first mapped in the user address space"},
    {Clause::not_tagged, "not-tagged", kMte,
     "to access the allocation tags, a process must enable the Tagged memory attribute with PROT_MTE"},
    {Clause::shared_tags, "shared-tags", kMte,
     "MAP_SHARED is supported and the allocation tags can be shared between processes"},
    {Clause::file_tags, "file-tags", kMte,
     "PROT_MTE is supported on RAM-based file mappings (tmpfs, memfd): their pages have tags"},
    {Clause::copied_tags, "copied-tags", kMte, "the allocation tag is preserved on copy-on-write"},
    {Clause::moved_tags, "moved-tags", "move_ptes(), mm/mremap.c",
     "mremap() moves the pages, and so what is in them and their tags"},
    {Clause::advised_tags, "advised-tags", kMte,
     "ranges with MADV_DONTNEED and MADV_FREE may have the allocation tags cleared at any point after the call"},
    {Clause::wipe_on_fork, "wipe-on-fork", kMte,
     "on fork() ranges with MADV_WIPEONFORK have the data and tags cleared (set to 0)"},
    {Clause::address_management, "address-management", kAddresses,
     "addresses used for address space management (mprotect(), madvise()...) may be valid tagged pointers"},
    {Clause::ignore_mode, "ignore-mode", kMte, "if no modes are specified, tag check faults are ignored"},
    {Clause::synchronous_mode, "synchronous-mode", kMte,
     "synchronous: SIGSEGV with SEGV_MTESERR and the fault address; the memory access is not performed"},
    {Clause::asynchronous_mode, "asynchronous-mode", kMte,
     "asynchronous: SIGSEGV in the offending thread following one or more faults, SEGV_MTEAERR, si_addr 0"},
    {Clause::asymmetric_mode, "asymmetric-mode", kMte,
     "asymmetric: reads are handled as for synchronous mode, writes as for asynchronous mode"},
    {Clause::store_only, "store-only", "mte_update_sctlr_user(), arch/arm64/kernel/mte.c; SCTLR_EL1.TCSO0",
     "PR_MTE_STORE_ONLY: loads are not checked"},
    {Clause::preferred_mode, "preferred-mode", kMte,
     "if the CPU's preferred mode is in the task's set of modes, that mode will be selected"},
    {Clause::preferred_store, "preferred-store", kMte,
     "a privileged user may write async, sync or asymm to /sys/devices/system/cpu/cpu<N>/mte_tcf_preferred"},
    {Clause::no_match_all, "no-match-all", kMte, "there are no match-all logical tags available for user applications"},
    {Clause::tco_disables, "tco-disables", kMte,
     "tag checking can also be disabled for a user thread by setting PSTATE.TCO with MSR TCO, #1"},
    {Clause::tco_register, "tco-register", "kernel_entry and kernel_exit, arch/arm64/kernel/entry.S",
     "a system call leaves PSTATE.TCO of the thread as it was"},
    {Clause::handler_tco, "handler-tco", kMte,
     "signal handlers are always invoked with PSTATE.TCO = 0, irrespective of the interrupted context"},
    {Clause::sigreturn_tco, "sigreturn-tco", kMte, "PSTATE.TCO is restored on sigreturn()"},
    {Clause::hidden_tag_bits, "hidden-tag-bits", kPointers,
     "non-zero tags are not preserved in si_addr unless the handler was installed with SA_EXPOSE_TAGBITS"},
    {Clause::exposed_tag_bits, "exposed-tag-bits", kPointers,
     "with SA_EXPOSE_TAGBITS tags are preserved in si_addr (bits 63:60 of a tag check fault with HWCAP3_MTE_FAR)"},
    {Clause::fault_address, "fault-address", kPointers,
     "non-zero tags are never preserved in sigcontext.fault_address, whatever SA_EXPOSE_TAGBITS is"},
    {Clause::forced_signal, "forced-signal", kMte,
     "synchronous: if SIGSEGV is ignored or blocked by the offending thread, the process is terminated"},
    {Clause::sent_signal, "sent-signal", "do_notify_resume(), arch/arm64/kernel/signal.c of 6.1",
     "asynchronous: send_sig_fault(), so SIGSEGV stays pending while it is blocked, and is dropped if ignored"},
    {Clause::internal_errors, "internal-errors", "include/linux/errno.h; el0_svc_common(), arch/arm64/kernel/syscall.c",
     "ERESTARTNOINTR and its like should never be seen by user programs: the system call is restarted"},
    {Clause::page_fault, "page-fault", "do_page_fault(), arch/arm64/mm/fault.c",
     "SEGV_MAPERR where nothing is mapped, SEGV_ACCERR where the mapping does not permit the access"},
    {Clause::tagged_pointer_refused, "tagged-pointer-refused", kPointers,
     "when the Tagged Address ABI is disabled the kernel assumes an address tag of 0x00: access_ok() is EFAULT"},
    {Clause::tagged_pointer_accepted, "tagged-pointer-accepted", kAddresses,
     "with the Tagged Address ABI a system call with a valid tagged pointer does what it does with the untagged one"},
    {Clause::kernel_access_checked, "kernel-access-checked", kMte,
     "PR_MTE_TCF_SYNC: the kernel makes a best effort to check its user address accesses, with an effective TCO of 0"},
    {Clause::kernel_access_not_checked, "kernel-access-not-checked", kMte,
     "kernel accesses to the user address space are not checked with PR_MTE_TCF_NONE or PR_MTE_TCF_ASYNC"},
    {Clause::initial_state, "initial-state", kMte,
     "on execve(): PR_TAGGED_ADDR_ENABLE 0, no modes, PR_MTE_TAG_MASK 0, PSTATE.TCO 0"},
    {Clause::fork_inherits, "fork-inherits", kMte,
     "on fork() the new process inherits the parent's configuration and memory map attributes"},
    {Clause::thread_inherits, "thread-inherits", kAddresses,
     "the properties are thread-scoped, inherited on clone() and fork() and cleared on exec()"},
    {Clause::peek_tags, "peek-tags", kMte,
     "PTRACE_PEEKMTETAGS: one tag a byte, of the aligned address on; iov_len is the number of tags transferred"},
    {Clause::no_tags_to_peek, "no-tags-to-peek", kMte,
     "PTRACE_PEEKMTETAGS and POKEMTETAGS: EIO if the range cannot be accessed or is not mapped with PROT_MTE"},
    {Clause::poke_tags, "poke-tags", kMte, "PTRACE_POKEMTETAGS allows a tracer to set the tags"},
    {Clause::regset, "regset", kMte, "NT_ARM_TAGGED_ADDR_CTRL: access to the control word of a process, as by prctl()"},
    {Clause::core_dump, "core-dump", kMte,
     "the tags of memory mapped with PROT_MTE are dumped in PT_AARCH64_MEMTAG_MTE segments, two tags a byte"},
}};

constexpr std::array<OpenInfo, static_cast<std::size_t>(Open::count)> kOpen{{
    {Open::preferred_mode, "preferred-mode", kMte,
     "of several modes that a thread asked for it is any, if the CPU's mte_tcf_preferred cannot be read"},
    {Open::advised_tags, "advised-tags", kMte,
     "tags may be cleared by MADV_DONTNEED, of shared memory as well; settled at the call, which for shared memory is "
     "stricter than the document (at any point after): of private memory the next access finds new pages anyway"},
    {Open::kernel_access_checked, "kernel-access-checked", kMte,
     "best effort: a system call on a mis-tagged buffer in synchronous mode is EFAULT, or succeeds"},
    {Open::asynchronous_time, "asynchronous-time", kMte,
     "the report of an asynchronous fault comes before the next system call or at its end; it may come at any entry to "
     "the kernel before that"},
    {Open::replaced_mapping, "replaced-mapping", "mmap_region(), mm/mmap.c",
     "mmap() to a fixed address may have unmapped what was there when it fails"},
    {Open::execute_only, "execute-only", "protection_map[], arch/arm64/mm/mmap.c; ARM64_HAS_EPAN",
     "memory with PROT_EXEC alone can be read on a CPU without FEAT_PAN3"},
    {Open::executable_file, "executable-file", "do_mmap(), mm/mmap.c; path_noexec(), fs/exec.c",
     "a file system need not allow PROT_EXEC of its files: mmap() of /dev/zero is EPERM then, mprotect() EACCES"},
    {Open::freed_pages, "freed-pages", "madvise(2); memory-tagging-extension.rst",
     "after MADV_FREE, before each access, a page may have been given back, data and tags, or have lost its tags "
     "alone; until it is written to (a tag store is that, too)"},
    {Open::dumped_pages, "dumped-pages", "vma_dump_size(), fs/coredump.c",
     "a core dump leaves out mappings that were never written to"},
    {Open::partial_store, "partial-store", "the architecture's don't-care PartialStore",
     "an instruction that faults at its second granule may have written the tag of its first"},
}};

constexpr bool in_order() {
    for (std::size_t i = 0; i < kClauses.size(); ++i) {
        if (kClauses[i].value != static_cast<Clause>(i)) return false;
    }
    for (std::size_t i = 0; i < kOpen.size(); ++i) {
        if (kOpen[i].value != static_cast<Open>(i)) return false;
    }
    return true;
}
static_assert(in_order());

} // namespace

std::span<const ClauseInfo> clauses() { return kClauses; }
const ClauseInfo& info(Clause clause) { return kClauses[static_cast<std::size_t>(clause)]; }
std::span<const OpenInfo> left_open() { return kOpen; }
const OpenInfo& info(Open open) { return kOpen[static_cast<std::size_t>(open)]; }

} // namespace mtecheck::model::linux_abi
