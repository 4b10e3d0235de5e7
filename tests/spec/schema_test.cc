// SPDX-License-Identifier: Apache-2.0
//
// The validator keyword by keyword, and broken tables: each is rejected with file and place.

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <filesystem>
#include <fstream>
#include <functional>
#include <nlohmann/json.hpp>
#include <random>
#include <stdexcept>

#include "spec/gen/tables.h"
#include "spec/input_error.h"
#include "spec/schema_validator.h"
#include "tests/places.h"

namespace mtecheck::spec {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

std::string first_place(const json& schema, const json& doc) {
    const auto errors = validate(schema, doc);
    return errors.empty() ? "valid" : errors.front().place;
}

TEST_CASE("the validator checks every keyword it supports") {
    CHECK(first_place(R"({"type": "integer"})"_json, 1) == "valid");
    CHECK(first_place(R"({"type": "integer"})"_json, 1.0) == "valid");
    CHECK(first_place(R"({"type": "integer"})"_json, 1.5).empty());
    CHECK(first_place(R"({"type": ["string", "null"]})"_json, nullptr) == "valid");
    CHECK(first_place(R"({"type": ["string", "null"]})"_json, true).empty());
    CHECK(first_place(R"({"enum": ["a", 2]})"_json, 2) == "valid");
    CHECK(first_place(R"({"enum": ["a", 2]})"_json, 3).empty());
    CHECK(first_place(R"({"const": {"a": 1}})"_json, R"({"a": 1})"_json) == "valid");
    CHECK(first_place(R"({"const": 1})"_json, 2).empty());
    CHECK(first_place(R"({"minimum": 2, "maximum": 4})"_json, 4) == "valid");
    CHECK(first_place(R"({"minimum": 2})"_json, 1).empty());
    CHECK(first_place(R"({"maximum": 2})"_json, 3).empty());
    CHECK(first_place(R"({"pattern": "^a+$"})"_json, "aaa") == "valid");
    CHECK(first_place(R"({"pattern": "^a+$"})"_json, "ab").empty());
    CHECK(first_place(R"({"minLength": 2, "maxLength": 3})"_json, "\u00e9\u00e9\u00e9") == "valid");
    CHECK(first_place(R"({"minLength": 2})"_json, "\u00e9").empty());
    CHECK(first_place(R"({"maxLength": 1})"_json, "ab").empty());
    CHECK(first_place(R"({"items": {"type": "string"}})"_json, R"(["a", 1])"_json) == "/1");
    CHECK(first_place(R"({"minItems": 2, "maxItems": 2})"_json, R"([1, 2])"_json) == "valid");
    CHECK(first_place(R"({"minItems": 3})"_json, R"([1, 2])"_json).empty());
    CHECK(first_place(R"({"maxItems": 1})"_json, R"([1, 2])"_json).empty());
    CHECK(first_place(R"({"uniqueItems": true})"_json, R"([1, 2, 1])"_json) == "/2");
    CHECK(first_place(R"({"required": ["a"]})"_json, R"({"b": 1})"_json).empty());
    CHECK(first_place(R"({"properties": {"a": {"type": "null"}}})"_json, R"({"a": 1})"_json) == "/a");
    CHECK(first_place(R"({"additionalProperties": false, "properties": {"a": {}}})"_json,
                      R"({"a": 1, "b/c~": 1})"_json) == "/b~1c~0");
    CHECK(first_place(R"({"additionalProperties": {"type": "string"}})"_json, R"({"a": 1})"_json) == "/a");
}

TEST_CASE("the validator follows references and alternatives") {
    const json tree = R"({
      "$ref": "#/definitions/tree",
      "definitions": {"tree": {"oneOf": [
        {"type": "integer"},
        {"type": "array", "items": {"$ref": "#/definitions/tree"}}]}}})"_json;
    CHECK(first_place(tree, R"([1, [2, [3]], []])"_json) == "valid");
    CHECK(first_place(tree, R"([1, [2, ["x"]]])"_json) == "/1/1/0");
    const json both = R"({"oneOf": [{"type": "integer"}, {"minimum": 0}]})"_json;
    CHECK(first_place(both, 1).empty());
    CHECK(first_place(both, -1) == "valid");
    CHECK(first_place(R"({"anyOf": [{"type": "integer"}, {"minimum": 0}]})"_json, 1) == "valid");
}

TEST_CASE("the validator refuses a schema that it does not understand") {
    CHECK_THROWS_AS(validate(R"({"minProperties": 1})"_json, json::object()), std::invalid_argument);
    CHECK_THROWS_AS(validate(R"({"type": "text"})"_json, 1), std::invalid_argument);
    CHECK_THROWS_AS(validate(R"({"$ref": "other.json"})"_json, 1), std::invalid_argument);
    CHECK_THROWS_AS(validate(R"({"$ref": "#/nowhere"})"_json, 1), std::invalid_argument);
}

TEST_CASE("a deeply nested document is refused, not followed to the end") {
    const json schema =
        R"({"$ref": "#/definitions/d", "definitions": {"d": {"items": {"$ref": "#/definitions/d"}}}})"_json;
    json doc = json::array();
    for (int i = 0; i < 5000; ++i) doc = json::array({std::move(doc)});
    CHECK(validate(schema, doc).size() == 1);
}

/// A copy of the tables that a test may break.
class Tables {
  public:
    Tables() : dir_(fs::temp_directory_path() / ("mtecheck-tables-" + std::to_string(std::random_device{}()))) {
        fs::create_directories(dir_ / "isa");
        for (const auto& entry : fs::directory_iterator(source())) {
            if (entry.path().extension() == ".json") fs::copy(entry.path(), dir_ / entry.path().filename());
        }
        for (const auto& entry : fs::directory_iterator(source() / "isa")) {
            fs::copy(entry.path(), dir_ / "isa" / entry.path().filename());
        }
    }
    Tables(const Tables&) = delete;
    Tables& operator=(const Tables&) = delete;
    ~Tables() {
        std::error_code ignored;
        fs::remove_all(dir_, ignored);
    }

    void edit(const std::string& file, const std::function<void(nlohmann::ordered_json&)>& change) const {
        nlohmann::ordered_json doc;
        {
            std::ifstream in(dir_ / file);
            doc = nlohmann::ordered_json::parse(in);
        }
        change(doc);
        std::ofstream(dir_ / file) << doc;
    }

    void overwrite(const std::string& file, const std::string& text) const { std::ofstream(dir_ / file) << text; }

    void load() const { gen::load_tables(dir_, source() / "schema"); }

  private:
    static fs::path source() { return fs::path(mtecheck::places::source()) / "spec"; }

    fs::path dir_;
};

/// Loading must fail and the message must name `file` and `place`.
void check_rejected(const std::string& file, const std::string& place,
                    const std::function<void(nlohmann::ordered_json&)>& change) {
    const Tables tables;
    tables.edit(file, change);
    CAPTURE(file, place);
    try {
        tables.load();
        FAIL_CHECK("the broken table was accepted");
    } catch (const InputError& error) {
        CAPTURE(error.what());
        CHECK_THAT(error.file(), Catch::Matchers::EndsWith(file));
        CHECK(error.place() == place);
    }
}

TEST_CASE("the tables as they are load") { CHECK_NOTHROW(Tables().load()); }

TEST_CASE("broken instruction rows are rejected") {
    using Json = nlohmann::ordered_json;
    const std::string file = "isa/tags.json";
    const auto row = [](Json& doc) -> Json& { return doc["encodings"][0]; }; // ADDG
    check_rejected(file, "/encodings/0/pattern", [&](Json& doc) { row(doc)["pattern"] = "10x"; });
    check_rejected(file, "/encodings/0", [&](Json& doc) { row(doc).erase("asm"); });
    check_rejected(file, "/encodings/0/tag_checked", [&](Json& doc) { row(doc)["tag_checked"] = "sometimes"; });
    check_rejected(file, "/encodings/0/comment", [&](Json& doc) { row(doc)["comment"] = "x"; });
    check_rejected(file, "/encodings/0/class", [&](Json& doc) { row(doc)["class"] = "Nothing"; });
    check_rejected(file, "/encodings/0/pattern",
                   [&](Json& doc) { row(doc)["pattern"] = "1001000110xxxxxxxxxxxxxxxxxxxx1x"; });
    check_rejected(file, "/encodings/0/asm", [&](Json& doc) { row(doc)["asm"] = "addg {Xd|SP}, {Xq}"; });
    check_rejected(file, "/encodings/0/asm", [&](Json& doc) { row(doc)["asm"] = "addg {Xd"; });
    check_rejected(file, "/encodings/1/id", [&](Json& doc) { doc["encodings"][1]["id"] = "ADDG"; });
    check_rejected(file, "/encodings/1", [&](Json& doc) { doc["encodings"][1]["pattern"] = row(doc)["pattern"]; });
    check_rejected(file, "/encodings/0/requirements/0", [&](Json& doc) { row(doc)["requirements"] = {"MTE-ENC-999"}; });
    check_rejected(file, "/encodings/0/features/0", [&](Json& doc) { row(doc)["features"] = {"FEAT_NONE"}; });
    check_rejected(file, "/encodings/0/arguments/op", [&](Json& doc) { row(doc)["arguments"] = {{"op", true}}; });
    check_rejected(file, "/encodings/0/undefined/0/when/0", [&](Json& doc) {
        row(doc)["undefined"] = Json::parse(R"([{"when": ["Rq", "==", 1], "because": "x"}])");
    });
    check_rejected(file, "/encodings/0/undefined/0/when/0", [&](Json& doc) {
        row(doc)["undefined"] = Json::parse(R"([{"when": ["Xd<5>", "==", 1], "because": "x"}])");
    });
    check_rejected(file, "/classes/0/constrained_unpredictable/0/dont_care",
                   [&](Json& doc) { doc["classes"][0]["constrained_unpredictable"][0]["dont_care"] = "Whatever"; });
    check_rejected(file, "/encodings/0", [&](Json& doc) { row(doc)["access"] = "read"; });
}

TEST_CASE("broken lists are rejected") {
    using Json = nlohmann::ordered_json;
    check_rejected("features.json", "/features/1/reported_by/0/field",
                   [](Json& doc) { doc["features"][1]["reported_by"][0]["field"] = "MTF"; });
    check_rejected("features.json", "/", [](Json& doc) { doc["features"][1]["implies"] = {"FEAT_NOWHERE"}; });
    check_rejected("requirements.json", "/requirements/3/kind",
                   [](Json& doc) { doc["requirements"][3]["kind"] = "rumour"; });
    check_rejected("requirements.json", "/requirements/1/id",
                   [](Json& doc) { doc["requirements"][1]["id"] = doc["requirements"][0]["id"]; });
    check_rejected("requirements.json", "/requirements/0/covered_by/encodings/0", [](Json& doc) {
        doc["requirements"][0]["covered_by"] = Json::parse(R"({"encodings": ["NOPE*"]})");
    });
    check_rejected("requirements.json", "/requirements/0/covered_by/decisions/0", [](Json& doc) {
        doc["requirements"][0]["covered_by"] = Json::parse(R"({"decisions": ["Nope=1"]})");
    });
    check_rejected("dont_cares.json", "/dont_cares/0/kind", [](Json& doc) { doc["dont_cares"][0]["kind"] = "MAYBE"; });
    check_rejected("decisions.json", "/decisions/0/id", [](Json& doc) { doc["decisions"][0]["id"] = "not a name"; });
    check_rejected("mutations.json", "/mutations/0/requirements/0",
                   [](Json& doc) { doc["mutations"][0]["requirements"] = {"MTE-XXX-001"}; });
    check_rejected("registers.json", "/registers/0/encoding/0",
                   [](Json& doc) { doc["registers"][0]["encoding"][0] = 99; });
    check_rejected("registers.json", "/registers/1/encoding",
                   [](Json& doc) { doc["registers"][1]["encoding"] = doc["registers"][0]["encoding"]; });
    check_rejected("registers.json", "/registers/0/layout",
                   [](Json& doc) { doc["registers"][0]["layout"] = "NOWHERE"; });
    check_rejected("registers.json", "/layouts/0/fields/M", [](Json& doc) {
        doc["layouts"][0]["fields"]["M"] = {1, 0};
    });
}

TEST_CASE("files that are not JSON are rejected") {
    const Tables tables;
    tables.overwrite("features.json", "{\"features\": [");
    CHECK_THROWS_AS(tables.load(), InputError);
    tables.overwrite("features.json", "");
    CHECK_THROWS_AS(tables.load(), InputError);
}

} // namespace
} // namespace mtecheck::spec
