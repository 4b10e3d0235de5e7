// SPDX-License-Identifier: Apache-2.0
//
// The committed reference is what the data give.
#include <catch2/catch_test_macros.hpp>
#include <fstream>
#include <iterator>
#include <set>

#include "docs/gen/markdown.h"
#include "docs/gen/reference.h"
#include "tests/places.h"

namespace mtecheck::docs {
namespace {

std::string read(const std::filesystem::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

TEST_CASE("docs/reference is up to date (if not: cmake --build --preset release --target reference)") {
    if constexpr (MTECHECK_PROOFS == 0) SKIP("a build without proofs has no options of `prove` and `paths` to print");
    const std::filesystem::path committed = mtecheck::places::source() + "/docs/reference";
    std::set<std::string> names;
    for (const auto& [name, text] :
         make_reference(read_facts(mtecheck::places::source(), mtecheck::places::build() + "/mtecheck"))) {
        CAPTURE(name);
        names.insert(name);
        CHECK(std::filesystem::exists(committed / name));
        CHECK((read(committed / name) == text)); // two whole pages would hide what is wrong
    }
    for (const auto& entry : std::filesystem::directory_iterator(committed)) {
        CAPTURE(entry.path());
        CHECK(names.contains(entry.path().filename().string()));
    }
}

TEST_CASE("text from the tables is not markup") {
    CHECK(plain("HCR_EL2.<E2H,TGE> == '11' | *x* [a]") == "HCR_EL2.&lt;E2H,TGE&gt; == '11' \\| \\*x\\* \\[a\\]");
    CHECK(code("a | b") == "`a \\| b`");
    CHECK(anchor("MTE-CHK-003") == "mte-chk-003");
}

} // namespace
} // namespace mtecheck::docs
