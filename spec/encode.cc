// SPDX-License-Identifier: Apache-2.0
//
// Encoding of operand values.

#include "spec/encode.h"

namespace mtecheck::spec {

std::int64_t min_value(const FieldInfo& field) {
    return field.is_signed ? -(std::int64_t{1} << (field.width() - 1U)) * field.scale : 0;
}

std::int64_t max_value(const FieldInfo& field) {
    const std::int64_t top =
        field.is_signed ? (std::int64_t{1} << (field.width() - 1U)) - 1 : std::int64_t{field.max()};
    return top * field.scale;
}

std::uint32_t field_bits(const FieldInfo& field, std::int64_t value) {
    if (value < min_value(field) || value > max_value(field) || value % field.scale != 0) {
        std::string range = std::to_string(min_value(field)) + " to " + std::to_string(max_value(field));
        if (field.scale != 1) range += " in steps of " + std::to_string(field.scale);
        throw EncodeError("field " + std::string(field.name) + " holds " + range + ", not " + std::to_string(value));
    }
    return static_cast<std::uint32_t>(value / field.scale) & field.max();
}

std::int64_t field_value(const FieldInfo& field, std::uint32_t opcode) {
    auto bits = static_cast<std::int64_t>(field.extract(opcode));
    if (field.is_signed && (bits >> (field.width() - 1U)) != 0) {
        bits -= std::int64_t{1} << field.width();
    }
    return bits * field.scale;
}

const FieldInfo* find_field(Encoding encoding, std::string_view name) {
    for (const FieldInfo& field : fields_of(encoding)) {
        if (field.name == name) {
            return &field;
        }
    }
    return nullptr;
}

std::uint32_t encode(Encoding encoding, std::span<const FieldValue> values) {
    std::uint32_t opcode = info(encoding).value;
    for (const FieldValue& item : values) {
        const FieldInfo* field = find_field(encoding, item.field);
        if (field == nullptr) {
            throw EncodeError(std::string(info(encoding).id) + " has no field " + std::string(item.field));
        }
        opcode = field->insert(opcode, field_bits(*field, item.value));
    }
    return opcode;
}

} // namespace mtecheck::spec
