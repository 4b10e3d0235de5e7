// SPDX-License-Identifier: Apache-2.0
//
// From a size that an encoding fixes to a compile-time width.
#pragma once

#include <utility>

namespace mtecheck::model {

/// f<8 << scale>() for accesses of general registers: 8 to 64 bits.
template <class F>
decltype(auto) WithDatasize(unsigned scale, F&& f) {
    switch (scale) {
    case 0: return f.template operator()<8>();
    case 1: return f.template operator()<16>();
    case 2: return f.template operator()<32>();
    default: return f.template operator()<64>();
    }
}

/// f<8 << scale>() for accesses of SIMD&FP registers: 8 to 128 bits.
template <class F>
decltype(auto) WithVectorDatasize(unsigned scale, F&& f) {
    if (scale == 4) return f.template operator()<128>();
    return WithDatasize(scale, std::forward<F>(f));
}

/// f<datasize>() for 32 and 64 bits.
template <class F>
decltype(auto) WithRegisterWidth(unsigned datasize, F&& f) {
    return datasize == 64 ? f.template operator()<64>() : f.template operator()<32>();
}

} // namespace mtecheck::model
