// SPDX-License-Identifier: Apache-2.0
//
// The published schemas of our formats, for tests that validate documents.
#pragma once

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "tests/places.h"

namespace mtecheck::difftest {

/// Takes out references to other files, which the validator does not follow: what they lead to is not checked.
inline void drop_foreign_references(nlohmann::json& schema) {
    if (schema.is_object() && schema.contains("$ref") && !schema["$ref"].get<std::string>().starts_with('#')) {
        schema = nlohmann::json::object();
    }
    for (auto& part : schema) {
        if (part.is_structured()) drop_foreign_references(part);
    }
}

/// The schema of documents whose member "schema" is `format`, such as mtecheck-report/1. Tests and outcomes are
/// described with the case.
inline nlohmann::json published_schema(const std::string& format) {
    const std::filesystem::path directory = mtecheck::places::source() + "/difftest/schema";
    std::filesystem::path path = directory / (format.substr(0, format.find('/')) + ".schema.json");
    if (!std::filesystem::exists(path)) path = directory / "mtecheck-case.schema.json";
    std::ifstream in(path);
    nlohmann::json schema = nlohmann::json::parse(in);
    drop_foreign_references(schema);
    return schema;
}

} // namespace mtecheck::difftest
