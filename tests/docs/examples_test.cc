// SPDX-License-Identifier: Apache-2.0
//
// The examples of docs/file-formats.md are valid by the published schemas.
#include <catch2/catch_test_macros.hpp>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "spec/schema_validator.h"
#include "tests/difftest/schemas.h"
#include "tests/places.h"

namespace mtecheck::docs {
namespace {

TEST_CASE("the examples of the file formats are valid") {
    std::ifstream in(mtecheck::places::source() + "/docs/file-formats.md");
    std::set<std::string> formats;
    for (std::string line; std::getline(in, line);) {
        if (line != "```json") continue;
        std::string text;
        while (std::getline(in, line) && line != "```") text += line + "\n";
        const nlohmann::json example = nlohmann::json::parse(text);
        const std::string format = example.at("schema");
        formats.insert(format);
        for (const auto& error : spec::validate(difftest::published_schema(format), example)) {
            FAIL_CHECK(format << error.place << ": " << error.problem);
        }
    }
    for (const char* format : {"mtecheck-case/1", "mtecheck-finding/2", "mtecheck-campaign/1", "mtecheck-report/1",
                               "mtecheck-defects/1", "mtecheck-waivers/1", "mtecheck-patch/1", "mtecheck-matrix/1",
                               "mtecheck-probe/1", "mtecheck-selftest/1", "mtecheck-explanation/1", "mtecheck-bench/1",
                               "mtecheck-trace/1", "mtecheck-trace-report/1", "mtecheck-abi-report/1"}) {
        CAPTURE(format);
        CHECK(formats.contains(format));
    }
}

} // namespace
} // namespace mtecheck::docs
