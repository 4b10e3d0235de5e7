// SPDX-License-Identifier: Apache-2.0
//
// The clauses of the kernel's contract with user space about tags: each is a sentence of its documentation or, where
// that is silent, a function of its source. Whatever the model of the ABI answers names the clause that says so.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace mtecheck::model::linux_abi {

enum class Clause : std::uint8_t {
    // prctl
    set_ctrl_arguments,
    get_ctrl_arguments,
    valid_mask,
    set_ctrl_accepts,
    several_modes,
    read_back,
    include_mask,
    // mappings
    prot_mte_mappings,
    prot_mte_stays,
    valid_prot,
    mapping,
    zero_tags,
    not_tagged,
    shared_tags,
    file_tags,
    copied_tags,
    moved_tags,
    advised_tags,
    wipe_on_fork,
    address_management,
    // checks and signals
    ignore_mode,
    synchronous_mode,
    asynchronous_mode,
    asymmetric_mode,
    store_only,
    preferred_mode,
    preferred_store,
    no_match_all,
    tco_disables,
    tco_register,
    handler_tco,
    sigreturn_tco,
    hidden_tag_bits,
    exposed_tag_bits,
    fault_address,
    forced_signal,
    sent_signal,
    internal_errors,
    page_fault,
    // system calls on user memory
    tagged_pointer_refused,
    tagged_pointer_accepted,
    kernel_access_checked,
    kernel_access_not_checked,
    // processes
    initial_state,
    fork_inherits,
    thread_inherits,
    // debuggers
    peek_tags,
    no_tags_to_peek,
    poke_tags,
    regset,
    core_dump,
    count
};

struct ClauseInfo {
    Clause value;
    std::string_view id;
    std::string_view source;   ///< a document under Documentation/arch/arm64, or a function and its file
    std::string_view sentence; ///< what it says, in short
};

std::span<const ClauseInfo> clauses();
const ClauseInfo& info(Clause clause);

/// What the contract leaves open: each outcome is right, and a report says how often each was met.
enum class Open : std::uint8_t {
    preferred_mode,
    advised_tags,
    kernel_access_checked,
    asynchronous_time,
    replaced_mapping,
    execute_only,
    executable_file,
    freed_pages,
    dumped_pages,
    partial_store,
    count,
};

struct OpenInfo {
    Open value;
    std::string_view id;
    std::string_view source;
    std::string_view why;
};

std::span<const OpenInfo> left_open();
const OpenInfo& info(Open open);

} // namespace mtecheck::model::linux_abi
