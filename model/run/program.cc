// SPDX-License-Identifier: Apache-2.0
//
// Program: decoding.
#include "model/run/program.h"

namespace mtecheck::model {

void Program::assign(std::uint64_t start_address, std::span<const std::uint32_t> opcodes) {
    start = start_address;
    code.clear();
    for (const std::uint32_t opcode : opcodes) {
        DecodedInstruction& instruction = code.emplace_back();
        instruction.opcode = opcode;
        if (const std::optional<spec::Encoding> encoding = spec::decode(opcode)) {
            instruction.allocated = true;
            instruction.undefined = spec::is_undefined(*encoding, opcode);
            instruction.encoding = *encoding;
            instruction.features = spec::info(*encoding).features;
        }
    }
}

} // namespace mtecheck::model
