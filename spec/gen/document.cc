// SPDX-License-Identifier: Apache-2.0
//
// Reading and validating one JSON file.

#include "spec/gen/document.h"

#include <fstream>
#include <stdexcept>

#include "spec/input_error.h"
#include "spec/schema_validator.h"

namespace mtecheck::spec::gen {
namespace {

nlohmann::ordered_json parse(const std::filesystem::path& file) {
    std::ifstream in(file);
    if (!in) {
        throw InputError(file.string(), "", "cannot be read");
    }
    try {
        return nlohmann::ordered_json::parse(in);
    } catch (const nlohmann::json::parse_error& error) {
        throw InputError(file.string(), "byte " + std::to_string(error.byte), "is not JSON", error.what());
    }
}

} // namespace

void Node::fail(const std::string& problem, const std::string& mend) const {
    throw InputError(*file_, place_.empty() ? "/" : place_, problem, mend);
}

Document::Document(const std::filesystem::path& file, const std::filesystem::path& schema_file)
    : name_(file.string()), value_(parse(file)) {
    const nlohmann::json schema = parse(schema_file);
    try {
        require_valid(schema, nlohmann::json(value_), name_);
    } catch (const std::invalid_argument& error) {
        throw InputError(schema_file.string(), "/", error.what());
    }
}

} // namespace mtecheck::spec::gen
