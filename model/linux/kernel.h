// SPDX-License-Identifier: Apache-2.0
//
// The state of the modelled kernel, as far as tags are concerned: tasks, their memory, and one CPU that is a machine of
// the architecture's model. Functions of this room are templates over that machine and carry the kernel's names.
//
// Invariants: every tag and every byte is in the machine's physical memory; pages are allocated once and never used
// again, so that a new one is all zero; what the contract leaves open is asked of `choices`.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "model/linux/contract.h"
#include "model/linux/faults.h"
#include "model/linux/outcome.h"
#include "model/linux/steps.h"
#include "model/linux/uapi.h"
#include "model/machine/machine.h"
#include "model/memory/address_space.h"

namespace mtecheck::model::linux_abi {

/// What does not change while a system runs.
struct System {
    bool mte_asymm = false;                         ///< cpus_have_cap(ARM64_MTE_ASYMM), HWCAP2_MTE3
    bool mte_far = false;                           ///< cpus_have_cap(ARM64_MTE_FAR), HWCAP3_MTE_FAR
    bool mte_store_only = false;                    ///< cpus_have_cap(ARM64_MTE_STORE_ONLY), HWCAP3_MTE_STORE_ONLY
    std::optional<std::uint64_t> mte_tcf_preferred; ///< of the CPU, MTE_CTRL_TCF_*; nothing: it cannot be read
    bool mte_tcf_preferred_writable = false;        ///< by these programs: they are root's
    /// Of EL0, as the kernel sets them up; SCTLR_EL1.TCF0 is a task's own.
    std::uint64_t sctlr_el1 = 0, tcr_el1 = 0, cpacr_el1 = 0;
};

/// Answers to what the contract leaves open: a script gives the first, the rest are 0.
class OpenChoices {
  public:
    struct Asked {
        Open open{};
        unsigned options = 0, answer = 0;
        /// The first step that the answer makes a difference to: what comes before is the same whatever it is.
        unsigned flow = 0, since = 0;
    };
    explicit OpenChoices(std::vector<unsigned> script) : script_(std::move(script)) {}
    /// What is asked from here on is of this step.
    void come_to(unsigned flow, unsigned step) {
        flow_ = flow;
        step_ = step;
    }
    unsigned choose(Open open, unsigned options) { return choose(open, options, step_); }
    /// The same, of something that makes a difference to what came before this step, too.
    unsigned choose(Open open, unsigned options, unsigned since) {
        const unsigned answer = log_.size() < script_.size() ? script_[log_.size()] : 0;
        log_.push_back({open, options, answer, flow_, since});
        return answer;
    }
    const std::vector<Asked>& log() const { return log_; }

  private:
    std::vector<unsigned> script_;
    std::vector<Asked> log_;
    unsigned flow_ = 0, step_ = 0;
};

/// struct page
struct Page {
    std::uint64_t pa = 0;
    bool mte_tagged = false;        ///< PG_mte_tagged: its tags are initialised
    bool accessed_with_mte = false; ///< through a mapping with PROT_MTE that lets it
    bool lazily_freed = false;      ///< PG_swapbacked is not set: MADV_FREE, and nobody has written to it since
};

/// Loads and stores of the task.
struct Permitted {
    bool read = false, write = false;
};

/// struct vm_area_struct of one page.
struct Vma {
    bool mapped = false;
    Permitted permitted{};
    std::optional<Permitted> host{}; ///< what the host of an emulator permits, where a deliberate fault makes it differ
    bool execute_only = false;
    bool mte = false;         ///< VM_MTE
    bool mte_allowed = false; ///< VM_MTE_ALLOWED
    bool shared = false;
    bool of_file = false;  ///< the memfd
    bool has_file = false; ///< vm_file is not null
    bool wipe_on_fork = false;
    bool dont_dump = false;
    bool moved = false;                     ///< by mremap()
    std::size_t page = 0;                   ///< in Kernel::pages
    std::optional<std::size_t> file_page{}; ///< of a private mapping of a file; the first store makes a copy of it
    bool is_file_page() const { return file_page == page; }
};

/// struct mm_struct
struct Mm {
    std::array<Vma, ABI_PAGES> vmas{};
};

/// struct sighand_struct, for SIGSEGV.
struct Sighand {
    unsigned action = ABI_DEFAULT;
    unsigned behaviour = 0;
};

/// struct task_struct
template <class M>
struct Task {
    bits<M, 64> mte_ctrl = mte_ctrl::GCR_USER_EXCL_MASK; ///< thread.mte_ctrl
    bits<M, 2> sctlr_tcf0 = 0;                           ///< thread.sctlr_user, SCTLR_EL1.TCF0
    boolean<M> tagged_addr{false};                       ///< TIF_TAGGED_ADDR
    bits<M, 1> tco = 0;                                  ///< PSTATE.TCO
    /// What checks take PSTATE.TCO for, if not for what it is (sigreturn_leaves_checks); until a system register or the
    /// control word is written.
    std::optional<bits<M, 1>> checked_with_tco{};
    bool sigsegv_blocked = false;
    bool sigsegv_pending = false; ///< while it is blocked
    /// TFSRE0_EL1 is not 0: since which step, and which values PSTATE.TCO had since.
    std::optional<unsigned> tfsre0_since;
    std::array<bool, 2> tco_since{};

    std::shared_ptr<Mm> mm = std::make_shared<Mm>();
    std::shared_ptr<Sighand> sighand = std::make_shared<Sighand>();
    std::optional<Clause> tco_clause;     ///< says where PSTATE.TCO comes from, if not from MSR TCO
    std::optional<Clause> control_clause; ///< says where the control word comes from, if not from set_ctrl
    unsigned flow = 0;                    ///< in the outcome
    unsigned step = 0;
    bool dead = false;
};

/// Thrown where the model says too little to go on; the program is not judged.
struct NotModelled {
    const char* why;
};

template <class M>
struct Kernel {
    M& cpu;
    const System& system;
    const AbiFaultSet& faults;
    OpenChoices choices;
    AbiOutcome<M> outcome{};

    std::vector<Page> pages{};
    std::array<std::size_t, ABI_FILE_PAGES> file{}; ///< the memfd, in `pages`
    std::array<AddressSpace, 2> spaces{};           ///< used in turn: machines know an address space by its address
    unsigned space = 0;
    std::optional<std::uint64_t> preferred{}; ///< mte_tcf_preferred, once it was asked for or written
    std::optional<bool> has_epan{};           ///< cpus_have_cap(ARM64_HAS_EPAN), once it was asked for
    std::optional<bool> executable_files{};   ///< the file system of /dev/zero allows PROT_EXEC, once it was asked for
    Clause clause{};                          ///< named last
};

template <class M>
bool mutated(const Kernel<M>& k, AbiFault fault) {
    return k.faults.has(fault);
}

/// What follows is what this clause says.
template <class M>
void by(Kernel<M>& k, Clause clause) {
    k.clause = clause;
}

inline constexpr std::uint64_t kPhysicalMemory = 0x40000000;

/// alloc_page(): zero, tags as well.
template <class M>
std::size_t alloc_page(Kernel<M>& k) {
    k.pages.push_back({kPhysicalMemory + k.pages.size() * ABI_PAGE_BYTES, false});
    return k.pages.size() - 1;
}

} // namespace mtecheck::model::linux_abi
