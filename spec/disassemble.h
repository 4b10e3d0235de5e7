// SPDX-License-Identifier: Apache-2.0
//
// Words as text, from the assembly templates of the table. GNU as accepts the text and gives
// the same word back.
#pragma once

#include <cstdint>
#include <string>

#include "spec/gen/isa.h"

namespace mtecheck::spec {

/// One instruction, as in "stg x0, [sp, #16]". Branch targets are relative: ".+8". A word that
/// is in no table is printed as ".inst 0x00000000".
std::string disassemble(std::uint32_t opcode);

/// The same for a word that is known to decode to `encoding`.
std::string disassemble(Encoding encoding, std::uint32_t opcode);

} // namespace mtecheck::spec
