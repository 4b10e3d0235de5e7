// SPDX-License-Identifier: Apache-2.0
//
// How a new tag is chosen: the exclusion rule and the generator of pseudo-random tags.
//
// Invariants (catalogued as INV-001 to INV-015): a chosen tag is never excluded unless all are; the generator is
// the linear feedback shift register x^16 + x^5 + x^3 + x^2 + 1, four steps a tag.
//
// These functions loop over bits. They are leaves: their contract is proved by running them on all inputs.
#pragma once

#include "model/isa/constrained.h"
#include "model/machine/machine.h"
#include "spec/gen/dont_cares.h"
#include "spec/gen/mutations.h"
#include "spec/gen/registers.h"

namespace mtecheck::model {

/// exclude<tag> == '1'
template <class M>
boolean<M> IsExcluded(M&, bits<M, 16> exclude, bits<M, 4> tag) {
    return slice<0, 0>(LSR(exclude, ZeroExtend<16>(tag))) == bits<M, 1>(1);
}

/// AArch64.ChooseNonExcludedTag
template <class M>
bits<M, 4> ChooseNonExcludedTag(M& m, bits<M, 4> tag, bits<M, 4> offset, bits<M, 16> exclude) {
    using Tag = bits<M, 4>;
    if (exclude == bits<M, 16>(0xffff)) {
        return mutated(m, spec::Mutation::all_excluded_not_zero) ? tag : Tag(0);
    }

    if (mutated(m, spec::Mutation::zero_offset_taken_as_one) && IsZero(offset)) offset = Tag(1);
    if (mutated(m, spec::Mutation::excluded_tags_use_offset)) {
        tag = tag + offset;
        offset = Tag(0);
    }
    if (IsZero(offset) && !mutated(m, spec::Mutation::excluded_start_tag_kept)) {
        while (IsExcluded(m, exclude, tag)) {
            tag = tag + Tag(1);
        }
    }

    while (offset != Tag(0)) {
        offset = offset - Tag(1);
        tag = tag + Tag(1);
        while (IsExcluded(m, exclude, tag)) {
            tag = tag + Tag(1);
        }
    }

    return tag;
}

/// RGSR_EL1 as an instruction reads it: not what an implementation may have left there with RRND == 1.
template <class M>
bits<M, 64> ReadRGSR(M& m) {
    if (m.state.rgsr_implementation_defined) throw NotPredicted{"RGSR_EL1 after IRG with GCR_EL1.RRND == 1"};
    return m.state.RGSR_EL1;
}

/// AArch64.NextRandomTagBit
template <class M>
bits<M, 1> NextRandomTagBit(M& m) {
    bits<M, 16> lfsr = spec::fields::RGSR_EL1<bits<M, 64>>{m.state.RGSR_EL1}.SEED();
    if (mutated(m, spec::Mutation::zero_seed_replaced) && IsZero(lfsr)) lfsr = bits<M, 16>(1);
    const bits<M, 1> tap = mutated(m, spec::Mutation::lfsr_wrong_taps) ? slice<4, 4>(lfsr) : slice<5, 5>(lfsr);
    const bits<M, 1> top = tap ^ slice<3, 3>(lfsr) ^ slice<2, 2>(lfsr) ^ slice<0, 0>(lfsr);
    m.state.RGSR_EL1 = WithField<spec::field::RGSR_EL1::SEED>(m.state.RGSR_EL1, concat(top, slice<15, 1>(lfsr)));
    return top;
}

/// AArch64.RandomTag
template <class M>
bits<M, 4> RandomTag(M& m) {
    const bits<M, 64> before = m.state.RGSR_EL1;
    const bits<M, 1> bit0 = NextRandomTagBit(m);
    const bits<M, 1> bit1 = NextRandomTagBit(m);
    const bits<M, 1> bit2 = NextRandomTagBit(m);
    const bits<M, 1> bit3 = NextRandomTagBit(m);
    if (mutated(m, spec::Mutation::lfsr_wrong_shift_count)) {
        NextRandomTagBit(m);
    }
    if (mutated(m, spec::Mutation::irg_seed_not_advanced)) {
        m.state.RGSR_EL1 = before;
    }
    return concat(bit3, concat(bit2, concat(bit1, bit0)));
}

/// ChooseRandomNonExcludedTag: with GCR_EL1.RRND = 1 any allowed tag may come.
/// Every allowed tag is the answer to some choice, because an offset of 0 keeps an allowed tag.
template <class M>
bits<M, 4> ChooseRandomNonExcludedTag(M& m, bits<M, 16> exclude) {
    const unsigned candidate = m.choose(spec::DontCare::RandomTag, 16);
    return ChooseNonExcludedTag(m, bits<M, 4>(candidate), bits<M, 4>(0), exclude);
}

} // namespace mtecheck::model
