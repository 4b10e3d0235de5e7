// SPDX-License-Identifier: Apache-2.0
//
// Operands of an instruction that an invariant fixes, as they stand in the opcode.
#pragma once

#include <cstdint>
#include <string_view>

namespace mtecheck::model::proofs {

struct Operand {
    std::string_view field; ///< of the encoding
    std::uint32_t bits = 0; ///< of the field
};

} // namespace mtecheck::model::proofs
