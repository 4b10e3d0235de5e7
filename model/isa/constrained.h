// SPDX-License-Identifier: Apache-2.0
//
// CONSTRAINED UNPREDICTABLE operand combinations. A decode function asks which of the documented behaviours happens;
// a comparison lets every one of them count. What a behaviour leaves UNKNOWN is marked where it can be said, and
// otherwise ends the prediction: generators avoid such operands (spec::constrained_unpredictable).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "model/exceptions/exceptions.h"
#include "model/exceptions/not_predicted.h"
#include "model/machine/machine.h"
#include "model/marks.h"

namespace mtecheck::model {

/// The outcomes of ConstrainUnpredictable that decode functions of this model know.
enum class Constraint : std::uint8_t {
    NONE,       ///< as if the operands were fine
    WBSUPPRESS, ///< no writeback
    UNKNOWN,    ///< a value that the instruction uses or writes is UNKNOWN
    UNDEF,      ///< UNDEFINED: the exception is taken, so callers never see it
    NOP,        ///< no effect
};

/// ConstrainUnpredictable: one of `allowed`, in the order in which spec/dont_cares.json lists them.
template <class M, std::size_t count>
Constraint ConstrainUnpredictable(M& m, spec::DontCare which, const std::array<Constraint, count>& allowed) {
    const Constraint c = allowed[m.choose(which, static_cast<unsigned>(count))];
    if (c == Constraint::UNDEF) Undefined(m);
    return c;
}

/// X[n, 64] = bits(64) UNKNOWN
template <class M>
void SetUnknown(M& m, spec::DontCare reason, unsigned n) {
    Unknown(m, reason, Place::general_register(n));
}

/// A load whose writeback overlaps its destination.
template <class M>
Constraint WritebackOverlapLoad(M& m) {
    using enum Constraint;
    return ConstrainUnpredictable(m, spec::DontCare::WritebackOverlapLoad, std::array{WBSUPPRESS, UNKNOWN, UNDEF, NOP});
}

/// A store of the register that writeback changes.
template <class M>
Constraint WritebackOverlapStore(M& m) {
    using enum Constraint;
    const Constraint c =
        ConstrainUnpredictable(m, spec::DontCare::WritebackOverlapStore, std::array{NONE, UNKNOWN, UNDEF, NOP});
    if (c == UNKNOWN) throw NotPredicted{"the stored value is UNKNOWN"};
    return c;
}

/// A load of two registers that are the same.
template <class M>
Constraint LoadPairOverlap(M& m) {
    using enum Constraint;
    return ConstrainUnpredictable(m, spec::DontCare::LoadPairOverlap, std::array{UNKNOWN, UNDEF, NOP});
}

/// A store-exclusive whose status register is one that it stores.
template <class M>
Constraint StoreExclusiveDataOverlap(M& m) {
    using enum Constraint;
    const Constraint c =
        ConstrainUnpredictable(m, spec::DontCare::StoreExclusiveDataOverlap, std::array{UNKNOWN, UNDEF, NOP});
    if (c == UNKNOWN) throw NotPredicted{"the stored value is UNKNOWN"};
    return c;
}

/// A store-exclusive whose status register is its base.
template <class M>
Constraint StoreExclusiveBaseOverlap(M& m) {
    using enum Constraint;
    const Constraint c =
        ConstrainUnpredictable(m, spec::DontCare::StoreExclusiveBaseOverlap, std::array{UNKNOWN, UNDEF, NOP});
    if (c == UNKNOWN) throw NotPredicted{"the address is UNKNOWN"};
    return c;
}

/// ADDG and SUBG with bits that should be 0.
template <class M>
Constraint AddTagReservedField(M& m) {
    using enum Constraint;
    return ConstrainUnpredictable(m, spec::DontCare::AddTagReservedField, std::array{UNDEF, NOP, NONE, UNKNOWN});
}

} // namespace mtecheck::model
