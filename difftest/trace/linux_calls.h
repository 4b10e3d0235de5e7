// SPDX-License-Identifier: Apache-2.0
//
// Which system calls of Linux change what virtual addresses mean, for traces of a process in which the kernel is not
// seen. Addresses that nothing was mapped at are not known anyway.
#pragma once

#include <array>
#include <cstdint>

#include "model/machine/partial_bits.h"

namespace mtecheck::difftest {

struct MappingCall {
    bool everything = false; ///< any page may be another now
    std::uint64_t start = 0; ///< else those of these bytes, which may be none
    std::uint64_t bytes = 0;
};

/// The call that SVC makes with these X0 to X30.
MappingCall mapping_call(const std::array<model::partial::PartialBits<64>, 31>& x);

} // namespace mtecheck::difftest
