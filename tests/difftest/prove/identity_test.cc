// SPDX-License-Identifier: Apache-2.0
//
// Which change of the sources makes which proofs stale.
#include "difftest/prove/identity.h"

#include <catch2/catch_test_macros.hpp>
#include <cstdlib>
#include <fstream>
#include <map>

#include "difftest/core/json_reader.h"
#include "model/proofs/invariant.h"
#include "tests/difftest/scratch.h"
#include "tests/places.h"

namespace mtecheck::difftest {
namespace {

void write(const std::filesystem::path& path, const std::string& text) {
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << text;
}

/// The hashes that the build would take from this tree, by what they are of.
std::map<std::string, std::string> hashes_of(const std::filesystem::path& root) {
    const std::string out = (root / "out.h").string();
    const std::string command = std::string(MTECHECK_CMAKE) + " -DROOT=" + root.string() + " -DOUT=" + out + " -P " +
                                mtecheck::places::source() + "/difftest/prove/HashSources.cmake";
    REQUIRE(std::system(command.c_str()) == 0);
    const std::string text = read_file(out);
    std::map<std::string, std::string> hashes;
    const std::string semantics = "kSemanticsHash[] = \"";
    hashes["semantics"] = text.substr(text.find(semantics) + semantics.size(), 64);
    for (std::size_t at = text.find("{\""); at != std::string::npos; at = text.find("{\"", at + 1)) {
        const std::size_t end = text.find('"', at + 2);
        hashes[text.substr(at + 2, end - at - 2)] = text.substr(end + 4, 64);
    }
    return hashes;
}

TEST_CASE("a statement makes the proofs of its file stale, the model and the tables make all stale") {
    const auto root = scratch_directory("hashed-tree");
    write(root / "spec/a.json", "1");
    write(root / "model/b.h", "2");
    write(root / "model/proofs/invariants/one.cc", "3");
    write(root / "model/proofs/invariants/two.cc", "4");
    write(root / "model/proofs/invariants/shared.h", "5");
    const auto before = hashes_of(root);
    REQUIRE(before.size() == 3);
    CHECK(hashes_of(root) == before);

    const auto changed = [&](const char* file) {
        const std::string was = read_file(root / file);
        write(root / file, "changed");
        const auto after = hashes_of(root);
        write(root / file, was);
        std::string names;
        for (const auto& [name, hash] : before) {
            if (after.at(name) != hash) names += name + " ";
        }
        return names;
    };
    CHECK(changed("model/proofs/invariants/one.cc") == "one.cc ");
    CHECK(changed("model/proofs/invariants/shared.h") == "one.cc two.cc ");
    CHECK(changed("model/b.h") == "semantics ");
    CHECK(changed("spec/a.json") == "semantics ");
}

TEST_CASE("every scenario is stated in a file that is hashed") {
    for (const auto& scenario : model::proofs::scenarios()) CHECK(statement_hash(scenario).size() == 64);
    CHECK(semantics_hash().size() == 64);
}

} // namespace
} // namespace mtecheck::difftest
