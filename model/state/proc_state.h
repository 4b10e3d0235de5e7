// SPDX-License-Identifier: Apache-2.0
//
// The architectural state of a PE, as far as the model has it. Hosts load and store it by plain member access.
// System registers are named members; their fields are read through the views generated from spec/registers.json.
#pragma once

#include <array>

#include "model/deliberate/tags_without_memory.h"
#include "model/machine/machine.h"

namespace mtecheck::model {

/// PSTATE of the pseudocode.
template <class M>
struct ProcessState {
    bits<M, 1> N = 0, Z = 0, C = 0, V = 0;
    bits<M, 1> D = 1, A = 1, I = 1, F = 1;
    bits<M, 2> EL = 0;
    bits<M, 1> SP = 0;
    bits<M, 1> TCO = 0;
    bits<M, 1> PAN = 0;
    bits<M, 1> UAO = 0;
    bits<M, 1> DIT = 0;
    bits<M, 1> SSBS = 0;
    bits<M, 2> BTYPE = 0;
    bits<M, 1> IL = 0;
};

/// Bits of TFSRE0_EL1 and TFSR_EL1..3 (by Exception level) that are set but not yet sure to be seen by software.
template <class M>
struct AsyncFaults {
    std::array<bits<M, 64>, 4> unsynchronized{};
    std::array<bits<M, 64>, 4> by_this_instruction{};
    bool any = false; ///< false: all of the above are zero
};

/// The local exclusive monitor.
template <class M>
struct ExclusiveMonitor {
    bool set = false;
    bool stored = false; ///< the PE stored something since
    unsigned size = 0;   ///< bytes
    bits<M, 64> vaddress = 0;
    bits<M, 56> paddress = 0;
};

/// The tag accesses of one instruction: only the deliberate fault page_tags_aliased looks at them.
template <class M>
struct TagOperation {
    bool started = false;
    bits<M, 56> first = 0; ///< granule
};

/// The destinations of a load of several registers or elements that has begun.
struct LoadInProgress {
    bool simd = false;
    std::uint8_t count = 0; ///< 0: there is no such load
    std::array<std::uint8_t, 4> registers{};
};

/// AArch64.SetLSInstructionSyndrome: what a load or store of one general register tells about itself. It is reported
/// for stage 2 aborts, which the model does not have; only the deliberate faults stage1_abort_at_el2_has_isv and
/// writeback_abort_at_el2_has_isv show it.
struct LSInstructionSyndrome {
    bool valid = false;
    std::uint8_t SAS = 0;
    bool SSE = false;
    std::uint8_t SRT = 0;
    bool SF = false;
    bool AR = false;
    bool writeback = false; ///< with which the pseudocode has no syndrome
};

/// The first access of an instruction with all that it accesses: `size` bytes in elements, which a defective
/// implementation does in operations of its own. Only deliberate faults look at it.
template <class M>
struct AccessInProgress {
    bool any = false;
    bits<M, 64> start = 0;
    std::uint8_t size = 0;
    std::uint8_t element = 0;
    std::uint8_t operation = 0; ///< bytes, a power of 2; 0: whose alignment is never looked at for the type of memory
};

/// An instruction on a block of memory whose aborts may report the register argument instead of the lowest faulting
/// address.
template <class M>
struct BlockInProgress {
    bool any = false;
    bits<M, 64> argument = 0;
};

/// What the implementation was found to do with misaligned accesses of acquire, release, exclusive or atomic kind, by
/// kind of memory: the same with all pieces that an instruction's access is split into. Bits by MemoryKind.
struct MisalignedAtomicAnswers {
    std::uint8_t asked = 0;
    std::uint8_t faults = 0;
};

/// All but the registers that hold what instructions work on.
template <class M>
struct ControlledState {
    bits<M, 64> pc = 0;
    ProcessState<M> PSTATE;

    bits<M, 64> SCTLR_EL1 = 0, SCTLR_EL2 = 0, SCTLR_EL3 = 0;
    bits<M, 64> TCR_EL1 = 0, TCR_EL2 = 0, TCR_EL3 = 0;
    bits<M, 64> VBAR_EL1 = 0, VBAR_EL2 = 0, VBAR_EL3 = 0;
    bits<M, 64> HCR_EL2 = 0, SCR_EL3 = 0;
    bits<M, 64> CPACR_EL1 = 0, CPTR_EL2 = 0, CPTR_EL3 = 0;
    bool may_be_interrupted = false; ///< it is a process: what the case has not got comes in between
    bits<M, 64> GCR_EL1 = 0, RGSR_EL1 = 0;
    bool rgsr_implementation_defined = false; ///< IRG with GCR_EL1.RRND == 1 may have written RGSR_EL1
    bits<M, 64> TFSRE0_EL1 = 0, TFSR_EL1 = 0, TFSR_EL2 = 0, TFSR_EL3 = 0;
    AsyncFaults<M> async_faults;
    ExclusiveMonitor<M> exclusive;
    bool illegal_return = false; ///< PSTATE.IL is 1 because of an illegal exception return
    TagOperation<M> tag_operation;
    AccessInProgress<M> access_in_progress;
    LoadInProgress load_in_progress;
    LSInstructionSyndrome ls_instruction_syndrome;
    BlockInProgress<M> block_in_progress;
    MisalignedAtomicAnswers misaligned_atomic;
    bits<M, 64> GMID_EL1 = 6, DCZID_EL0 = 4;
    std::uint32_t data_cache_line = 64; ///< bytes, of CTR_EL0.DminLine: only deliberate faults look at it
    bits<M, 64> ESR_EL1 = 0, ESR_EL2 = 0, ESR_EL3 = 0;
    bits<M, 64> FAR_EL1 = 0, FAR_EL2 = 0, FAR_EL3 = 0;
    bits<M, 64> ELR_EL1 = 0, ELR_EL2 = 0, ELR_EL3 = 0;
    bits<M, 64> SPSR_EL1 = 0, SPSR_EL2 = 0, SPSR_EL3 = 0;
};

template <class M>
struct ProcState : ControlledState<M> {
    std::array<bits<M, 64>, 31> x{};
    std::array<bits<M, 64>, 4> sp{}; ///< SP_EL0..SP_EL3
    std::array<bits<M, 128>, 32> v{};
    TagsWithoutMemory<M> tags_without_memory; ///< here, since those who copy ControlledState do so for each run
};

} // namespace mtecheck::model
