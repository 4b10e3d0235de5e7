// SPDX-License-Identifier: Apache-2.0
//
// Stage 1 translation of data accesses: TBI, the checks of the address range, and what the region table
// (address_space.h) says in place of a table walk. Stage 2 is off.
//
// Order, as in the pseudocode: address range, translation, alignment by memory type, permission.
#pragma once

#include "model/exceptions/abort.h"
#include "model/memory/address_space.h"
#include "model/state/address_controls.h"

namespace mtecheck::model {

enum class MemTag : std::uint8_t { Untagged = 0, AllocationTagged = 1 };

struct MemoryAttributes {
    MemoryKind kind = MemoryKind::device;
    MemTag tags = MemTag::Untagged;
    bool may_be_untagged = false; ///< CONSTRAINED UNPREDICTABLE, and answered where it first matters: IsTagged
};

/// More than two registers hold: packed into two, it would be put together in memory from bytes and read back as words
/// at the end of every translation, for which processors wait.
template <class M>
struct AddressDescriptor {
    alignas(8) FaultRecord fault;
    alignas(8) MemoryAttributes memattrs;
    bits<M, 56> paddress = 0;
};

template <class M>
bool IsFault(const AddressDescriptor<M>& addrdesc) {
    return addrdesc.fault.statuscode != Fault::None;
}

/// AArch64.S1Enabled
template <class M>
bool S1Enabled(M& m, Regime regime) {
    switch (regime) {
    case Regime::R3: return m.decide(spec::Decision::S1Enabled, SCTLR_EL3(m).M() == 1);
    case Regime::R2:
    case Regime::R20: return m.decide(spec::Decision::S1Enabled, SCTLR_EL2(m).M() == 1);
    default:
        return (!EL2Enabled(m) ||
                m.decide(spec::Decision::S1NotOverridden, (HCR_EL2(m).DC() == 0) & (HCR_EL2(m).TGE() == 0))) &&
               m.decide(spec::Decision::S1Enabled, SCTLR_EL1(m).M() == 1);
    }
}

/// AArch64.S1DCacheEnabled
template <class M>
bool S1DCacheEnabled(M& m, Regime regime) {
    const unsigned el = regime == Regime::R3 ? EL3 : regime == Regime::R10 ? EL1 : EL2;
    return m.decide(spec::Decision::S1DCacheEnabled, spec::fields::SCTLR_EL1<bits<M, 64>>{SCTLR(m, el)}.C() == 1);
}

/// TxSZ of the half that `upper` selects.
template <class M>
bits<M, 6> TxSZ(M& m, Regime regime, bool upper) {
    switch (regime) {
    case Regime::R3: return TCR_EL3(m).T0SZ();
    case Regime::R2: return TCR_EL2(m).T0SZ();
    case Regime::R20: return upper ? TCR_EL2_E2H(m).T1SZ() : TCR_EL2_E2H(m).T0SZ();
    default: return upper ? TCR_EL1(m).T1SZ() : TCR_EL1(m).T0SZ();
    }
}

/// Whether a defective implementation looks at the alignment that the type of memory asks for: where one of the
/// operations begins that it makes of what an instruction accesses.
template <class M>
bool BeginsOperation(M& m, bits<M, 64> va) {
    const auto& access = m.state.access_in_progress;
    if (!access.any) return true;
    return access.operation != 0 && static_cast<bool>(IsZero((va - access.start) & bits<M, 64>(access.operation - 1U)));
}

/// AArch64.S1HasAlignmentFault
template <class M>
bool S1HasAlignmentFault(M& m, bits<M, 64> va, const AccessDescriptor& accdesc, bool aligned, MemoryKind memory) {
    if (memory != MemoryKind::device || mutated(m, spec::Mutation::device_alignment_ignored)) {
        return false;
    }
    if (accdesc.tagaccess && accdesc.write) {
        // No effect, or a fault; where such a fault would be passed over again, that is no effect either.
        return !WasPassedOver(m, va, false) && m.choose(spec::DontCare::TagStoreToDevice, 2) == 1;
    }
    if (mutated(m, spec::Mutation::device_alignment_of_start_only) &&
        (accdesc.acctype == AccessType::DCZero || !BeginsOperation(m, va))) {
        return false;
    }
    return accdesc.acctype == AccessType::DCZero || !aligned;
}

/// What a region lets the access do.
struct S1AccessControls {
    bool r = false;
    bool w = false;
};

/// AArch64.S1DirectBasePermissions
template <class M>
S1AccessControls S1DirectBasePermissions(M& m, Regime regime, unsigned ap, const AccessDescriptor& accdesc) {
    const bool read_only = (ap & 2U) != 0;
    if (!HasUnprivileged(regime)) {
        return {.r = true, .w = !read_only};
    }
    const bool ur = (ap & 1U) != 0;
    if (accdesc.el == EL0) {
        return {.r = ur, .w = ur && !read_only};
    }
    const bool pan = accdesc.pan && ur && m.decide(spec::Decision::PAN, m.state.PSTATE.PAN == 1);
    return {.r = !pan, .w = !read_only && !pan};
}

/// AArch64.S1CheckPermissions
template <class M, class MappedRegion>
void S1CheckPermissions(M& m, FaultRecord& fault, Regime regime, const MappedRegion& region,
                        const AccessDescriptor& accdesc) {
    const S1AccessControls s1perms = S1DirectBasePermissions(m, regime, region.ap, accdesc);
    bool denied = false;
    if (accdesc.acctype == AccessType::DC) {
        denied = accdesc.cacheop == CacheOp::Invalidate ? !s1perms.w : accdesc.el == EL0 && !s1perms.r;
    } else {
        // Bits, for which accesses follow each other is hard to predict.
        const unsigned r_denied = static_cast<unsigned>(accdesc.read) & static_cast<unsigned>(!s1perms.r);
        const unsigned w_denied = static_cast<unsigned>(accdesc.write) & static_cast<unsigned>(!s1perms.w);
        denied = (r_denied | w_denied) != 0;
        if (denied) fault.write = r_denied == 0;
    }
    if (denied) {
        fault.statuscode = Fault::Permission;
        fault.level = region.level;
    }
}

/// AArch64.S1DisabledOutput
template <class M>
void S1DisabledOutput(M& m, AddressDescriptor<M>& result, Regime regime, bits<M, 64> va, bool tbi, bool aligned,
                      const AccessDescriptor& accdesc) {
    result.paddress = slice<55, 0>(va);
    if (regime == Regime::R10 && EL2Enabled(m) && m.decide(spec::Decision::DefaultCacheable, HCR_EL2(m).DC() == 1)) {
        const bool dct = m.decide(spec::Decision::DefaultTagged, HCR_EL2(m).DCT() == 1);
        result.memattrs.kind = dct ? MemoryKind::tagged : MemoryKind::write_back;
        result.memattrs.tags = dct ? MemTag::AllocationTagged : MemTag::Untagged;
    }
    const bits<M, 64> above_pa = bits<M, 64>(~std::uint64_t{0} << m.pa_bits());
    const bits<M, 64> checked = tbi ? ZeroExtend<64>(slice<55, 0>(va)) : va;
    if (m.decide(spec::Decision::AddressSize, !IsZero(checked & above_pa))) {
        result.fault.statuscode = Fault::AddressSize;
    } else if (S1HasAlignmentFault(m, va, accdesc, aligned, result.memattrs.kind)) {
        result.fault.statuscode = Fault::Alignment;
    }
}

/// The memory type and the tags of a region, with the cache of the regime on or off.
template <class M>
MemoryAttributes S1Attributes(M& m, Regime regime, MemoryKind memory) {
    MemoryAttributes memattrs{
        .kind = memory,
        .tags = static_cast<MemTag>(memory == MemoryKind::tagged),
    };
    if (memory != MemoryKind::device && !S1DCacheEnabled(m, regime)) {
        memattrs.kind = MemoryKind::noncacheable;
        memattrs.may_be_untagged = memattrs.tags == MemTag::AllocationTagged;
    }
    return memattrs;
}

/// Whether the memory is Tagged, when that makes a difference: Unpredictable_S1CTAGGED.
template <class M>
bool IsTagged(M& m, MemoryAttributes& memattrs) {
    if (memattrs.may_be_untagged) {
        memattrs.may_be_untagged = false;
        if (m.choose(spec::DontCare::TaggedWithoutCache, 2) == 1) {
            memattrs.tags = MemTag::Untagged;
        }
    }
    return memattrs.tags == MemTag::AllocationTagged;
}

/// What a translation takes from control registers alone, for one half of the address space.
template <class M>
struct S1Controls {
    Regime regime{};
    bool tbi = false;
    bool enabled = false;
    bool upper = false;  ///< the half; if enabled
    bits<M, 6> txsz = 0; ///< its TxSZ; if enabled
};

template <class M>
S1Controls<M> GetS1Controls(M& m, bits<M, 64> va, unsigned el) {
    S1Controls<M> controls;
    controls.regime = TranslationRegime(m, el);
    controls.tbi = m.decide(spec::Decision::TBI, EffectiveTBI(m, va, el) == 1);
    controls.enabled = S1Enabled(m, controls.regime);
    if (controls.enabled) {
        controls.upper =
            HasUnprivileged(controls.regime) && m.decide(spec::Decision::UpperHalf, slice<55, 55>(va) == 1);
        controls.txsz = TxSZ(m, controls.regime, controls.upper);
    }
    return controls;
}

/// AArch64.TranslateAddress, with AArch64.S1Translate.
template <class M>
AddressDescriptor<M> TranslateAddress(M& m, bits<M, 64> va, const AccessDescriptor& accdesc, bool aligned) {
    AddressDescriptor<M> result;
    FaultRecord& fault = result.fault;
    fault = NoFault(accdesc);
    const S1Controls<M> controls = GetS1Controls(m, va, accdesc.el);
    if (!controls.enabled) {
        S1DisabledOutput(m, result, controls.regime, va, controls.tbi, aligned, accdesc);
        return result;
    }

    // AArch64.VAIsOutOfRange: the bits between the input address size and bit 55 or 63.
    const bits<M, 64> within_ia = LSR(~bits<M, 64>(0), ZeroExtend<64>(controls.txsz));
    const bits<M, 64> checked = controls.tbi ? ZeroExtend<64>(slice<55, 0>(~within_ia)) : ~within_ia;
    if (m.decide(spec::Decision::VAIsOutOfRange, (va & checked) != (controls.upper ? checked : bits<M, 64>(0)))) {
        fault.statuscode = Fault::Translation;
        fault.level = 0;
        return result;
    }

    const bits<M, 64> offset = va & within_ia;
    const auto& region = m.find_region(controls.upper, offset);
    if (!region.mapped) {
        fault.statuscode = Fault::Translation;
        fault.level = region.level;
        return result;
    }
    if (S1HasAlignmentFault(m, va, accdesc, aligned, region.memory)) {
        fault.statuscode = Fault::Alignment;
    } else {
        S1CheckPermissions(m, fault, controls.regime, region, accdesc);
    }
    result.memattrs = S1Attributes(m, controls.regime, region.memory);
    result.paddress = slice<55, 0>(bits<M, 64>(region.pa) + (offset - bits<M, 64>(region.start)));
    return result;
}

} // namespace mtecheck::model
