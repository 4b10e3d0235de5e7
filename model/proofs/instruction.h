// SPDX-License-Identifier: Apache-2.0
//
// The instruction that a scenario executes: operands that it fixes, as they stand in the opcode, and its one step. The
// same for all values.
#pragma once

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include "model/exceptions/not_predicted.h"
#include "model/run/run.h"
#include "spec/gen/isa.h"

namespace mtecheck::model::proofs {

struct Operand {
    std::string_view field; ///< of the encoding
    std::uint32_t bits = 0; ///< of the field
};

/// Calls given(field, bits) for each field of an encoding whose operand is given, and any(field, name) for the others.
template <class Given, class Any>
void EachOperand(const spec::EncodingInfo& info, std::initializer_list<Operand> operands, const Given& given,
                 const Any& any) {
    for (const spec::FieldInfo& field : info.fields) {
        const auto* found = std::find_if(operands.begin(), operands.end(),
                                         [&](const Operand& operand) { return operand.field == field.name; });
        if (found != operands.end()) {
            given(field, found->bits);
        } else {
            any(field, std::string(info.id) + "." + std::string(field.name));
        }
    }
}

/// One instruction at state.pc, and how it ended.
template <class M>
RunStatus RunInstruction(M& m, spec::Encoding encoding, bits<M, 32> opcode) {
    const DecodedInstruction instruction{
        .allocated = true, .undefined = false, .encoding = encoding, .features = FeaturesNeeded(encoding)};
    m.new_instruction(0);
    try {
        const bool exception = until_exception(m, [&] { StepInstruction(m, instruction, opcode); });
        if (m.passed_over.any && !exception) return RunStatus::not_allowed;
        return exception ? RunStatus::exception : RunStatus::completed;
    } catch (const NotPredicted&) {
        return RunStatus::not_predicted;
    }
}

} // namespace mtecheck::model::proofs
