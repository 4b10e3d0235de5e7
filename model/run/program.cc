// SPDX-License-Identifier: Apache-2.0
//
// Program: decoding.
#include "model/run/program.h"

namespace mtecheck::model {

void Program::assign(std::uint64_t start_address, std::span<const std::uint32_t> opcodes) {
    start = start_address;
    code.clear();
    for (const std::uint32_t opcode : opcodes) {
        const std::optional<spec::Encoding> encoding = spec::decode(opcode);
        code.push_back({.opcode = opcode, .allocated = encoding.has_value(), .encoding = encoding.value_or(spec::Encoding{})});
    }
}

}  // namespace mtecheck::model
