// SPDX-License-Identifier: Apache-2.0
//
// The exception that ended a run: what the syndrome registers do not hold, and how it ends its instruction.
#pragma once

#include <cstdint>

namespace mtecheck::model {

/// What a machine throws from end_instruction() where nothing faster is at hand.
struct ExceptionTaken {};

struct TakenException {
    bool taken = false;
    std::uint8_t to_el = 0;
    std::uint16_t vector = 0; ///< offset from VBAR_ELx
    bool far_valid = false;   ///< FAR_ELx was written
};

} // namespace mtecheck::model
