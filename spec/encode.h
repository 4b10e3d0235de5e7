// SPDX-License-Identifier: Apache-2.0
//
// From operand values to a word. Values are what an assembler programmer writes: register
// numbers, and byte offsets where the field is scaled.
#pragma once

#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

#include "spec/gen/isa.h"

namespace mtecheck::spec {

struct FieldValue {
    std::string_view field;
    std::int64_t value;
};

/// A value that no word of the encoding can hold, or a field that the encoding does not have.
class EncodeError : public std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// The word; fields that are not named are 0. Throws EncodeError.
std::uint32_t encode(Encoding encoding, std::span<const FieldValue> values);

/// The smallest and largest operand value of a field, both multiples of field.scale.
std::int64_t min_value(const FieldInfo& field);
std::int64_t max_value(const FieldInfo& field);

/// Operand value -> field bits. Throws EncodeError if `value` is out of range or not a multiple
/// of the scale.
std::uint32_t field_bits(const FieldInfo& field, std::int64_t value);

/// The operand value that `opcode` holds in `field`.
std::int64_t field_value(const FieldInfo& field, std::uint32_t opcode);

/// The field of that name, or nullptr.
const FieldInfo* find_field(Encoding encoding, std::string_view name);

} // namespace mtecheck::spec
