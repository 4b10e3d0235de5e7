// SPDX-License-Identifier: Apache-2.0
//
// Deliberate faults of the kernel's contract: each breaks one clause, and a run of ABI programs must find it.
#pragma once

#include <bitset>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "model/linux/contract.h"

namespace mtecheck::model::linux_abi {

enum class AbiFault : std::uint8_t {
    unused_arguments_ignored,
    reserved_bits_accepted,
    several_modes_refused,
    tag_mask_not_read_back,
    modes_not_read_back,
    include_mask_as_exclude,
    prot_mte_anywhere,
    prot_mte_cleared_by_mprotect,
    prot_mte_ignored_by_mprotect,
    unknown_prot_accepted,
    tags_without_prot_mte,
    private_tags_of_shared_memory,
    fork_loses_tags,
    copy_on_write_loses_tags,
    mremap_loses_tags,
    wipe_on_fork_keeps_tags,
    tagged_address_not_managed,
    asynchronous_is_synchronous,
    asynchronous_never_reported,
    asynchronous_forced,
    blocked_fault_pending,
    preferred_mode_disobeyed,
    preferred_mode_fixed,
    handler_keeps_tco,
    sigreturn_loses_tco,
    system_call_clears_tco,
    tag_bits_always_exposed,
    tag_bits_never_exposed,
    fault_address_tagged,
    tagged_pointer_always_accepted,
    tagged_pointer_never_accepted,
    kernel_checks_in_asynchronous_mode,
    exec_keeps_control,
    exec_keeps_tco,
    fork_resets_control,
    thread_resets_control,
    peek_without_prot_mte,
    peek_tells_one_less,
    poke_has_no_effect,
    regset_has_no_tag_mask,
    core_has_no_tags,
    // what known targets do
    store_only_without_hwcap,
    files_have_no_tags,
    advice_ignored,
    tagged_address_managed_if_enabled,
    tagged_address_not_advised,
    unmapped_memory_advised,
    free_of_files_ignored,
    address_untagged_where_unchecked,
    sigreturn_leaves_checks,
    execute_only_read_where_unchecked,
    gap_changes_host_alone,
    exec_unblocks_signal,
    store_only_not_read_back,
    no_ptrace,
    asynchronous_fault_loses_system_call,
    inaccessible_pages_tell_old_tags,
    count
};

struct AbiFaultInfo {
    AbiFault value;
    std::string_view id;
    std::string_view wrong; ///< what a kernel with it does
    Clause clause;          ///< that it breaks
};

std::span<const AbiFaultInfo> abi_faults();
std::optional<AbiFault> find_abi_fault(std::string_view id);

class AbiFaultSet {
  public:
    bool has(AbiFault fault) const { return set_[static_cast<std::size_t>(fault)]; }
    void add(AbiFault fault) { set_.set(static_cast<std::size_t>(fault)); }
    void add(const AbiFaultSet& faults) { set_ |= faults.set_; }

  private:
    std::bitset<static_cast<std::size_t>(AbiFault::count)> set_;
};

} // namespace mtecheck::model::linux_abi
