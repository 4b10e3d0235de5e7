// SPDX-License-Identifier: Apache-2.0
//
// Program: decoding.
#include "model/run/program.h"

#include <algorithm>

namespace mtecheck::model {

namespace {

/// What decoding tells of all instances of an encoding.
struct OfEncoding {
    FeatureSet features;
    bool vectors = false;
};

OfEncoding describe(const spec::EncodingInfo& info) {
    OfEncoding result;
    for (const spec::Feature feature : info.features) result.features.add(feature);
    result.vectors = std::any_of(info.fields.begin(), info.fields.end(),
                                 [](const spec::FieldInfo& field) { return field.role == spec::Role::simd; });
    return result;
}

const OfEncoding& of(spec::Encoding encoding) {
    static const std::vector<OfEncoding> all = [] {
        std::vector<OfEncoding> result;
        for (const spec::EncodingInfo& info : spec::encodings()) result.push_back(describe(info));
        return result;
    }();
    return all[static_cast<std::size_t>(encoding)];
}

} // namespace

FeatureSet FeaturesNeeded(spec::Encoding encoding) { return of(encoding).features; }

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
            instruction.features = of(*encoding).features;
            instruction.vectors = of(*encoding).vectors;
        }
    }
}

} // namespace mtecheck::model
