// SPDX-License-Identifier: Apache-2.0
//
// Align and IsAligned of the pseudocode, for powers of two.
#pragma once

#include "model/machine/machine.h"

namespace mtecheck::model {

/// Align(x, size)
template <unsigned size, class Value>
Value Align(Value x) {
    static_assert(size != 0 && (size & (size - 1)) == 0);
    return x & ~Value(size - 1);
}

/// IsAligned(x, size)
template <unsigned size, class Value>
auto IsAligned(Value x) {
    return IsZero(x & Value(size - 1));
}

/// AllInAlignedQuantity(address, size, alignment)
template <unsigned alignment, class Value>
auto AllInAlignedQuantity(Value address, unsigned size) {
    return Align<alignment>(address + Value(size - 1)) == Align<alignment>(address);
}

} // namespace mtecheck::model
