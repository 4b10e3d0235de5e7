// SPDX-License-Identifier: Apache-2.0
//
// A validator for the part of JSON Schema draft-07 that our schemas use: type, enum, const,
// required, properties, additionalProperties, items, minItems, maxItems, uniqueItems, pattern,
// minLength, maxLength, minimum, maximum, oneOf, anyOf and $ref to the same document.
//
// A keyword outside this subset is an error of the schema, not silently ignored: a schema that
// says more than is checked would lie. Depth is bounded, so a hostile document cannot exhaust
// the stack through us.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace mtecheck::spec {

struct SchemaError {
    std::string place;   ///< JSON pointer into the document; empty for its root
    std::string problem; ///< what is wrong, in words
};

/// All violations of `schema` by `doc`, in document order; empty if `doc` is valid.
/// Throws std::invalid_argument if the schema itself uses something that is not supported.
std::vector<SchemaError> validate(const nlohmann::json& schema, const nlohmann::json& doc);

/// Validates and throws an InputError for the first violation, naming `file` and the place.
void require_valid(const nlohmann::json& schema, const nlohmann::json& doc, const std::string& file);

} // namespace mtecheck::spec
