// SPDX-License-Identifier: Apache-2.0
//
// Data Aborts: fault records, their syndromes and their routing.
//
// An instruction that makes several accesses may meet different faults at different addresses; which of them is
// reported is not architected. `Abort` therefore asks the machine, and may return: the access is then passed over
// and the instruction goes on to the next one. A run in which no other fault follows is not an allowed outcome
// (see model/run/step.h).
#pragma once

#include <cstdint>

#include "model/exceptions/take_exception.h"
#include "model/memory/access_descriptor.h"

namespace mtecheck::model {

/// SyncExternal and Exclusive (of the pseudocode: an unsupported exclusive or atomic access) are those of deliberate
/// faults: the memory of cases has none of them.
enum class Fault : std::uint8_t {
    None,
    Translation,
    AddressSize,
    Permission,
    Alignment,
    TagCheck,
    SyncExternal,
    Exclusive
};

struct FaultRecord {
    Fault statuscode = Fault::None;
    std::uint8_t level = 0;
    bool write = false;
    AccessType acctype = AccessType::GPR;
    bool looked_up = false; ///< see AccessDescriptor
    // What deliberate faults tell otherwise:
    bool unaligned = false; ///< the access was made on a host, and is not aligned to its size
    bool unwound = true;    ///< false: a defective implementation does not know which instruction it was
};

inline FaultRecord NoFault(const AccessDescriptor& accdesc) {
    // Of what reads and writes, aborts are reported as of a read: by numbers, since which comes is hard to predict.
    const bool write = static_cast<unsigned>(accdesc.write) > static_cast<unsigned>(accdesc.read);
    return {.write = write, .acctype = accdesc.acctype, .looked_up = accdesc.looked_up};
}

inline FaultRecord AlignmentFault(const AccessDescriptor& accdesc) {
    FaultRecord fault = NoFault(accdesc);
    fault.statuscode = Fault::Alignment;
    return fault;
}

/// EncodeLDFSC
constexpr unsigned EncodeLDFSC(Fault statuscode, unsigned level) {
    switch (statuscode) {
    case Fault::AddressSize: return level;
    case Fault::Translation: return 0b000100 | level;
    case Fault::Permission: return 0b001100 | level;
    case Fault::TagCheck: return 0b010001;
    case Fault::Alignment: return 0b100001;
    case Fault::SyncExternal: return 0b010000;
    case Fault::Exclusive: return 0b110101;
    default: return 0;
    }
}

/// AArch64.FaultSyndrome, on the data side. ISV is 0 for every stage 1 fault.
template <class M>
bits<M, 25> FaultSyndrome(M& m, const FaultRecord& fault) {
    const bool cm = fault.acctype == AccessType::DC;
    const bool wnr = (cm || fault.write) != mutated(m, spec::Mutation::wnr_wrong);
    spec::fields::DataAbortISS<bits<M, 25>> iss{bits<M, 25>(0)};
    iss.set_CM(bits<M, 1>(cm ? 1 : 0));
    iss.set_WnR(bits<M, 1>(wnr ? 1 : 0));
    iss.set_DFSC(bits<M, 6>(EncodeLDFSC(fault.statuscode, fault.level)));
    return iss.value;
}

constexpr bool IsMMUFault(const FaultRecord& fault) {
    return fault.statuscode == Fault::Translation || fault.statuscode == Fault::AddressSize ||
           fault.statuscode == Fault::Permission;
}

/// Of deliberate faults: an access made by a host that tells no fault address for what it takes for no address.
/// Addresses of tags, and those of cache maintenance, are looked up instead.
template <class M>
bool IsLostAddress(M&, const FaultRecord& fault, bits<M, 64> vaddress) {
    if (!IsMMUFault(fault) || fault.statuscode == Fault::Permission || fault.looked_up) return false;
    if (static_cast<bool>(slice<55, 55>(vaddress) == 0)) return !static_cast<bool>(IsZero(slice<54, 47>(vaddress)));
    return !static_cast<bool>(IsZero(~slice<63, 47>(vaddress)));
}

/// AArch64.AbortSyndrome
template <class M>
ExceptionRecord<M> AbortSyndrome(M& m, FaultRecord fault, bits<M, 64> vaddress) {
    ExceptionRecord<M> except = ExceptionSyndrome<M>(Exception::DataAbort);
    except.vaddress = vaddress;
    if (IsMMUFault(fault) && mutated(m, spec::Mutation::non_canonical_address_aborts_externally) &&
        IsLostAddress(m, fault, vaddress)) {
        fault.statuscode = Fault::SyncExternal;
        except.vaddress = bits<M, 64>(0);
    }
    except.syndrome = FaultSyndrome(m, fault);
    if (fault.statuscode == Fault::TagCheck) {
        if (mutated(m, spec::Mutation::sync_fault_far_rounded)) {
            except.vaddress = Align<TAG_GRANULE>(except.vaddress);
        }
        if (mutated(m, spec::Mutation::far_drops_tag)) {
            except.vaddress = with_slice<59, 56>(except.vaddress, bits<M, 4>(0));
        }
    } else if (mutated(m, spec::Mutation::non_canonical_fault_address_lost) && IsLostAddress(m, fault, vaddress)) {
        except.vaddress = bits<M, 64>(0);
    }
    return except;
}

/// The destinations of a load of several registers or elements that took a Data Abort are UNKNOWN.
template <class M>
void DestinationsOfAbortedLoadAreUnknown(M& m) {
    const LoadInProgress& load = m.state.load_in_progress;
    for (unsigned i = 0; i < load.count; ++i) {
        const unsigned n = load.registers[i];
        Unknown(m, spec::DontCare::PartialLoad, load.simd ? Place::simd_register(n) : Place::general_register(n));
    }
}

/// What SetLSInstructionSyndrome noted, as ESR_ELx.ISS has it for stage 2 aborts.
template <class M>
bits<M, 25> LSInstructionSyndromeBits(M& m) {
    namespace iss = spec::field::DataAbortISS;
    const LSInstructionSyndrome& syndrome = m.state.ls_instruction_syndrome;
    if (!syndrome.valid) return bits<M, 25>(0);
    return bits<M, 25>(iss::ISV.place(1) | iss::SAS.place(syndrome.SAS) | iss::SSE.place(syndrome.SSE ? 1 : 0) |
                       iss::SRT.place(syndrome.SRT) | iss::SF.place(syndrome.SF ? 1 : 0) |
                       iss::AR.place(syndrome.AR ? 1 : 0));
}

constexpr spec::Reg FARName(unsigned el) {
    return el == EL1 ? spec::Reg::FAR_EL1 : el == EL2 ? spec::Reg::FAR_EL2 : spec::Reg::FAR_EL3;
}

constexpr spec::Reg ELRName(unsigned el) {
    return el == EL1 ? spec::Reg::ELR_EL1 : el == EL2 ? spec::Reg::ELR_EL2 : spec::Reg::ELR_EL3;
}

/// FAR_ELx of a defective implementation that makes accesses which are not aligned as larger ones that are: the start
/// of any of these.
template <class M>
bits<M, 64> AddressOfAlignedAccess(M& m, unsigned target_el, bits<M, 64> vaddress) {
    const auto or_else = [&](bits<M, 64> alternative) {
        Mark<M> mark;
        mark.reason = spec::DontCare::DeliberateFault;
        mark.place = Place::system_register(FARName(target_el));
        mark.either = true;
        mark.alternative = alternative;
        m.unknown(mark);
    };
    or_else(vaddress);
    or_else(Align<4>(vaddress));
    or_else(Align<16>(vaddress));
    return Align<8>(vaddress);
}

/// The end of every Data Abort: what the instruction had done before it is left open.
template <class M>
[[noreturn]] void TakeDataAbort(M& m, unsigned target_el, const FaultRecord& fault, bits<M, 64> vaddress) {
    m.mark_partial_writes();
    DestinationsOfAbortedLoadAreUnknown(m);
    TagCheckFaultsOfAbortedInstructionAreUnknown(m);
    ExceptionRecord<M> except = AbortSyndrome(m, fault, vaddress);
    const bool has_isv = m.state.ls_instruction_syndrome.writeback
                             ? mutated(m, spec::Mutation::writeback_abort_at_el2_has_isv)
                             : mutated(m, spec::Mutation::stage1_abort_at_el2_has_isv);
    if (has_isv && CurrentEL(m) == EL2 && fault.statuscode != Fault::TagCheck) {
        except.syndrome = except.syndrome | LSInstructionSyndromeBits(m);
    }
    const bool returns_after =
        fault.statuscode == Fault::TagCheck && mutated(m, spec::Mutation::tag_check_fault_returns_after);
    if (fault.unaligned && IsMMUFault(fault) && mutated(m, spec::Mutation::unaligned_access_aborts_at_aligned)) {
        except.vaddress = AddressOfAlignedAccess(m, target_el, except.vaddress);
    }
    bits<M, 64> preferred_exception_return = returns_after ? m.next_pc : ThisInstrAddr(m);
    if (!fault.unwound) {
        preferred_exception_return = bits<M, 64>(0);
        Unknown(m, spec::DontCare::DeliberateFault, Place::system_register(ELRName(target_el)));
    }
    TakeException(m, target_el, except, preferred_exception_return);
}

/// AArch64.DataAbort
template <class M>
[[noreturn]] void DataAbort(M& m, bits<M, 64> vaddress, const FaultRecord& fault) {
    const unsigned el = CurrentEL(m);
    unsigned target_el = EL1;
    if (el == EL3) {
        target_el = EL3;
    } else if (el == EL2 || (EL2Enabled(m) && m.decide(spec::Decision::TrapGeneralExceptions, HCR_EL2(m).TGE() == 1))) {
        target_el = EL2;
    }
    const BlockInProgress<M>& block = m.state.block_in_progress;
    const bool argument = block.any && m.choose(spec::DontCare::BlockFaultAddress, 2) == 1;
    TakeDataAbort(m, target_el, fault, argument ? block.argument : vaddress);
}

/// A fault in the same granule or page as the one passed over, or a second Tag Check Fault, is the same fault: its
/// lowest address comes first.
template <class M>
bool WasPassedOver(M& m, bits<M, 64> vaddress, bool tag_check) {
    const PassedOverFault<M>& passed_over = m.passed_over;
    if (!passed_over.any) {
        return false;
    }
    return (tag_check && passed_over.tag_check) ||
           static_cast<bool>(Align<TAG_GRANULE>(vaddress) == Align<TAG_GRANULE>(passed_over.vaddress)) ||
           (!tag_check && !passed_over.tag_check &&
            static_cast<bool>(Align<4096>(vaddress) == Align<4096>(passed_over.vaddress)));
}

/// Whether a fault is reported, or passed over for one at another address.
template <class M>
bool IsReported(M& m, bits<M, 64> vaddress, const FaultRecord& fault) {
    const bool tag_check = fault.statuscode == Fault::TagCheck;
    if (WasPassedOver(m, vaddress, tag_check)) {
        return false;
    }
    if (m.choose(spec::DontCare::FaultsAtSeveralAddresses, 2) == 0) {
        return true;
    }
    m.passed_over = {.any = true, .tag_check = tag_check, .vaddress = vaddress};
    return false;
}

/// AArch64.Abort. Returns if the fault is passed over.
template <class M>
void Abort(M& m, bits<M, 64> vaddress, const FaultRecord& fault) {
    if (IsReported(m, vaddress, fault)) {
        DataAbort(m, vaddress, fault);
    }
}

} // namespace mtecheck::model
