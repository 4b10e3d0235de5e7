// SPDX-License-Identifier: Apache-2.0
#include "difftest/core/process.h"

#include "difftest/core/layout.h"
#include "spec/gen/registers.h"

namespace mtecheck::difftest {

namespace {

namespace sctlr = spec::field::SCTLR_EL1;
namespace tcr = spec::field::TCR_EL1;

void set(std::uint64_t& word, spec::BitRange range, std::uint64_t value = 1) { word = range.insert(word, value); }

} // namespace

Configuration process_configuration(const Profile& profile, TagCheckMode mode) {
    Configuration out;
    std::uint64_t& control = out.sctlr[1];
    // RES1, and what concerns AArch32 or EL1 alone.
    control = 0x30d00980U;
    for (const spec::BitRange bit :
         {sctlr::M, sctlr::C, sctlr::I, sctlr::SA, sctlr::SA0, sctlr::DZE, sctlr::UCT, sctlr::UCI})
        set(control, bit);
    if (profile.mte >= 2) {
        set(control, sctlr::ATA);
        set(control, sctlr::ATA0);
    }
    if (profile.mte_async) set(control, sctlr::ITFSB);
    set(control, sctlr::TCF0, static_cast<std::uint64_t>(mode));
    std::uint64_t& translation = out.tcr[1];
    set(translation, tcr::T0SZ, ARENA_TXSZ);
    set(translation, tcr::T1SZ, ARENA_TXSZ);
    set(translation, tcr::TG1, 2);
    set(translation, tcr::IPS, 2);
    set(translation, tcr::TBI0);
    out.cpacr_el1 = std::uint64_t{3} << 20; // FPEN: no trap
    adapt(out, profile);
    return out;
}

TagCheckMode tag_check_mode(const Configuration& configuration) {
    return static_cast<TagCheckMode>(sctlr::TCF0.extract(configuration.sctlr[1]));
}

std::vector<ProfileLimit> process_limits() {
    return {
        {"Exception levels above EL0, their registers and exceptions", "a process runs at EL0"},
        {"RGSR_EL1", "EL1 only: random tags are the implementation's own, any that GCR_EL1.Exclude allows is right; "
                     "Linux and qemu-user run with GCR_EL1.RRND = 1 (arch/arm64/kernel/mte.c)"},
        {"GCR_EL1 but for Exclude", "EL1 only; prctl(PR_SET_TAGGED_ADDR_CTRL) sets the mask of included tags"},
        {"TFSRE0_EL1", "EL1 only: seen as SEGV_MTEAERR, without the half of the address space; not next to another "
                       "SIGSEGV, for standard signals do not queue (arch/arm64/kernel/signal.c)"},
        {"ESR_EL1", "seen as signal number and si_code: no fault level, no WnR, no CM (arch/arm64/mm/fault.c)"},
        {"FAR_EL1 bits 63:56",
         "si_addr: what has to be there depends on SA_EXPOSE_TAGBITS, FEAT_MTE_TAGGED_FAR and the kind "
         "of fault (arch/arm64/mm/fault.c, kernel/signal.c); qemu-user follows none of that, and this version of "
         "mtecheck does "
         "not compare them"},
        {"SCTLR_EL1 but for TCF0, TCR_EL1", "the kernel's: ATA0, SA0, DZE, UCI, UCT are 1, A is 0, TBI0 is 1, TCMA0 is "
                                            "0 (INIT_SCTLR_EL1_MMU_ON, arch/arm64/mm/proc.S)"},
        {"TCF0 = 3, asymmetric mode", "only by the preference of a CPU (mte_tcf_preferred), not by a process"},
        {"PSTATE.PAN and UAO, GMID_EL1, LDGM, STGM and STZGM", "EL1 only"},
        {"the upper half of the address space; Device and Non-cacheable memory", "not for processes"},
        {"memory under several addresses with other attributes", "the agent maps one private view, for qemu-user keeps "
                                                                 "tags of such memory alone"},
        {"allocation tags of memory without PROT_MTE", "LDG gives 0"},
        {"SVC", "a system call, no test"},
    };
}

std::vector<ProfileLimit> simulator_limits() {
    return {
        {"Exception levels above EL0, their registers and exceptions", "VIXL simulates user code"},
        {"registers, memory and tags at a fault, ESR_EL1, FAR_EL1",
         "VIXL prints a message and calls abort() (VIXL_ABORT_WITH_MSG, src/globals-vixl.h): the kind of fault is that "
         "of "
         "the message, or of the host's signal; the instruction is the simulator's PC"},
        {"GCR_EL1, RGSR_EL1", "Simulator::ChooseNonExcludedTag() is called without tags to exclude; IRG draws from the "
                              "simulator's own generator, any tag that Xm does not exclude is right"},
        {"PSTATE.TCO, TCF0 but for none and synchronous, TFSRE0_EL1",
         "checks are on or off for all (MetaDataDepot::MetaDataMTE::SetActive())"},
        {"memory that is not Tagged", "Memory::IsMTETagsMatched() checks every access: all pages of cases are Tagged"},
        {"MRS and MSR (register)",
         "Simulator::VisitSystem() skips those of all but NZCV, FPCR and DCZID_EL0 without a word in release builds; "
         "cases have those of PSTATE.TCO, and an encoding is there, or is not, as a whole"},
        {"permission to execute",
         "memory is the host's, and code is read as data: a case that branches out of its code is "
         "not run to its end"},
        {"SVC", "a system call, no test"},
    };
}

bool asynchronous_faults_known(Status status, const SignalRecord& signal) {
    return status == Status::completed || (status == Status::signal && signal.number != linux_signal::kSigsegv);
}

} // namespace mtecheck::difftest
