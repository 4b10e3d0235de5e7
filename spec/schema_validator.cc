// SPDX-License-Identifier: Apache-2.0
//
// Recursive descent over schema and document together. Compiled patterns are cached, because
// one pattern is applied to hundreds of rows.

#include "spec/schema_validator.h"

#include <algorithm>
#include <array>
#include <map>
#include <nlohmann/json.hpp>
#include <regex>
#include <set>
#include <stdexcept>
#include <string_view>

#include "spec/input_error.h"

namespace mtecheck::spec {
namespace {

using nlohmann::json;

constexpr int max_depth = 200;

/// Annotations that do not constrain a document.
constexpr std::array<std::string_view, 7> annotations = {"$schema",     "$id",     "title",   "description",
                                                         "definitions", "default", "examples"};

std::string escaped(std::string_view key) {
    std::string out;
    for (const char c : key) {
        if (c == '~') {
            out += "~0";
        } else if (c == '/') {
            out += "~1";
        } else {
            out += c;
        }
    }
    return out;
}

bool has_type(const json& value, const std::string& type) {
    if (type == "object") return value.is_object();
    if (type == "array") return value.is_array();
    if (type == "string") return value.is_string();
    if (type == "boolean") return value.is_boolean();
    if (type == "null") return value.is_null();
    if (type == "number") return value.is_number();
    if (type == "integer") {
        return value.is_number_integer() ||
               (value.is_number_float() && value.get<double>() == static_cast<double>(value.get<std::int64_t>()));
    }
    throw std::invalid_argument("schema: unknown type '" + type + "'");
}

/// A short rendering of a value for a message.
std::string shown(const json& value) {
    std::string text = value.dump(-1, ' ', false, json::error_handler_t::replace);
    constexpr std::size_t limit = 60;
    if (text.size() > limit) {
        text.resize(limit);
        text += "...";
    }
    return text;
}

/// The length of a UTF-8 string in code points, which is what minLength and maxLength count.
std::size_t code_points(const std::string& text) {
    return static_cast<std::size_t>(std::count_if(
        text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

class Validator {
  public:
    explicit Validator(const json& root) : root_(root) {}

    std::vector<SchemaError> run(const json& doc) {
        check(root_, doc, "", 0);
        return std::move(errors_);
    }

  private:
    void error(const std::string& place, std::string problem) { errors_.push_back({place, std::move(problem)}); }

    const json& resolve(const std::string& ref) const {
        if (ref.empty() || ref[0] != '#') {
            throw std::invalid_argument("schema: only local $ref is supported, not '" + ref + "'");
        }
        const json::json_pointer pointer(ref.substr(1));
        if (!root_.contains(pointer)) {
            throw std::invalid_argument("schema: $ref '" + ref + "' points nowhere");
        }
        return root_.at(pointer);
    }

    const std::regex& pattern(const std::string& text) {
        const auto found = patterns_.find(text);
        if (found != patterns_.end()) {
            return found->second;
        }
        return patterns_.emplace(text, std::regex(text, std::regex::ECMAScript | std::regex::optimize)).first->second;
    }

    void check(const json& schema, const json& value, const std::string& place, int depth) {
        if (depth > max_depth) {
            error(place, "is nested too deeply");
            return;
        }
        if (schema.is_boolean()) {
            if (!schema.get<bool>()) error(place, "is not allowed here");
            return;
        }
        if (schema.contains("$ref")) {
            check(resolve(schema["$ref"].get<std::string>()), value, place, depth + 1);
            return;
        }
        for (const auto& [keyword, rule] : schema.items()) {
            if (!apply(keyword, rule, schema, value, place, depth)) {
                throw std::invalid_argument("schema: keyword '" + keyword + "' is not supported");
            }
        }
    }

    /// Returns false for a keyword that this validator does not know.
    bool apply(const std::string& keyword, const json& rule, const json& schema, const json& value,
               const std::string& place, int depth) {
        if (keyword == "type") {
            check_type(rule, value, place);
        } else if (keyword == "enum") {
            if (std::find(rule.begin(), rule.end(), value) == rule.end()) {
                error(place, shown(value) + " is not one of " + shown(rule));
            }
        } else if (keyword == "const") {
            if (rule != value) error(place, "must be " + shown(rule));
        } else if (keyword == "required") {
            if (value.is_object()) {
                for (const auto& name : rule) {
                    if (!value.contains(name.get<std::string>())) error(place, "lacks the member " + shown(name));
                }
            }
        } else if (keyword == "properties") {
            if (value.is_object()) {
                for (const auto& [name, sub] : rule.items()) {
                    if (value.contains(name)) check(sub, value[name], place + "/" + escaped(name), depth + 1);
                }
            }
        } else if (keyword == "additionalProperties") {
            check_additional(rule, schema, value, place, depth);
        } else if (keyword == "items") {
            if (value.is_array()) {
                for (std::size_t i = 0; i < value.size(); ++i) {
                    check(rule, value[i], place + "/" + std::to_string(i), depth + 1);
                }
            }
        } else if (keyword == "minItems") {
            if (value.is_array() && value.size() < rule.get<std::size_t>()) {
                error(place, "has fewer than " + rule.dump() + " items");
            }
        } else if (keyword == "maxItems") {
            if (value.is_array() && value.size() > rule.get<std::size_t>()) {
                error(place, "has more than " + rule.dump() + " items");
            }
        } else if (keyword == "uniqueItems") {
            check_unique(rule, value, place);
        } else if (keyword == "pattern") {
            if (value.is_string() &&
                !std::regex_search(value.get_ref<const std::string&>(), pattern(rule.get<std::string>()))) {
                error(place, shown(value) + " does not match " + rule.get<std::string>());
            }
        } else if (keyword == "minLength") {
            if (value.is_string() && code_points(value.get_ref<const std::string&>()) < rule.get<std::size_t>()) {
                error(place, "is shorter than " + rule.dump() + " characters");
            }
        } else if (keyword == "maxLength") {
            if (value.is_string() && code_points(value.get_ref<const std::string&>()) > rule.get<std::size_t>()) {
                error(place, "is longer than " + rule.dump() + " characters");
            }
        } else if (keyword == "minimum") {
            if (value.is_number() && value < rule) error(place, shown(value) + " is less than " + rule.dump());
        } else if (keyword == "maximum") {
            if (value.is_number() && value > rule) error(place, shown(value) + " is greater than " + rule.dump());
        } else if (keyword == "oneOf" || keyword == "anyOf") {
            check_alternatives(keyword == "oneOf", rule, value, place, depth);
        } else {
            return std::find(annotations.begin(), annotations.end(), keyword) != annotations.end();
        }
        return true;
    }

    void check_type(const json& rule, const json& value, const std::string& place) {
        if (rule.is_string()) {
            if (!has_type(value, rule.get<std::string>())) {
                error(place, "must be of type " + rule.get<std::string>() + ", not " + value.type_name());
            }
            return;
        }
        const bool any = std::any_of(rule.begin(), rule.end(),
                                     [&](const json& type) { return has_type(value, type.get<std::string>()); });
        if (!any) error(place, "must be of one of the types " + rule.dump() + ", not " + value.type_name());
    }

    void check_additional(const json& rule, const json& schema, const json& value, const std::string& place,
                          int depth) {
        if (!value.is_object()) return;
        const json* known = schema.contains("properties") ? &schema["properties"] : nullptr;
        for (const auto& [name, member] : value.items()) {
            if (known != nullptr && known->contains(name)) continue;
            const std::string member_place = place + "/" + escaped(name);
            if (rule.is_boolean()) {
                if (!rule.get<bool>()) error(member_place, "is not a known member");
            } else {
                check(rule, member, member_place, depth + 1);
            }
        }
    }

    void check_unique(const json& rule, const json& value, const std::string& place) {
        if (!value.is_array() || !rule.get<bool>()) return;
        std::set<json> seen;
        for (std::size_t i = 0; i < value.size(); ++i) {
            if (!seen.insert(value[i]).second) error(place + "/" + std::to_string(i), "repeats " + shown(value[i]));
        }
    }

    void check_alternatives(bool exactly_one, const json& rule, const json& value, const std::string& place,
                            int depth) {
        std::vector<SchemaError> before = std::move(errors_);
        std::vector<SchemaError> closest;
        std::size_t matches = 0;
        for (const auto& alternative : rule) {
            errors_.clear();
            check(alternative, value, place, depth + 1);
            if (errors_.empty()) {
                ++matches;
            } else if (closest.empty() || deepest(errors_) > deepest(closest)) {
                closest = std::move(errors_);
            }
        }
        errors_ = std::move(before);
        if (matches == 0 && !closest.empty()) {
            error(closest.front().place, closest.front().problem + " (nor does any other allowed form match)");
        } else if (exactly_one && matches > 1) {
            error(place, "matches more than one of the allowed forms");
        }
    }

    /// How far into the document the first complaint is: the alternative that got furthest is
    /// the one the author most likely meant.
    static std::size_t deepest(const std::vector<SchemaError>& errors) {
        const std::string& place = errors.front().place;
        return static_cast<std::size_t>(std::count(place.begin(), place.end(), '/'));
    }

    const json& root_;
    std::vector<SchemaError> errors_;
    std::map<std::string, std::regex> patterns_;
};

} // namespace

std::vector<SchemaError> validate(const json& schema, const json& doc) { return Validator(schema).run(doc); }

void require_valid(const json& schema, const json& doc, const std::string& file) {
    const std::vector<SchemaError> errors = validate(schema, doc);
    if (errors.empty()) {
        return;
    }
    const std::string more = errors.size() > 1
                                 ? "and " + std::to_string(errors.size() - 1) + " more violations of the schema"
                                 : std::string();
    throw InputError(file, errors.front().place.empty() ? "/" : errors.front().place, errors.front().problem, more);
}

} // namespace mtecheck::spec
