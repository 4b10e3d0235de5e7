// SPDX-License-Identifier: Apache-2.0
//
// The path corpus that comes with mtecheck: every case takes a path of the model, and together they take as many as the
// index says are feasible.
#include <catch2/catch_test_macros.hpp>
#include <nlohmann/json.hpp>

#include "difftest/core/error.h"
#include "difftest/golden/xz.h"
#include "difftest/judge/judge.h"
#include "difftest/paths/path_corpus.h"
#include "tests/places.h"

using namespace mtecheck::difftest;
namespace spec = mtecheck::spec;

namespace {

const std::string kCorpus = mtecheck::places::source() + "/corpus/paths";

Profile without_lse2() {
    Profile profile = model_profile();
    profile.lse2 = false;
    std::erase(profile.features, "FEAT_LSE2");
    profile.features.emplace_back("FEAT_LSE"); // which FEAT_LSE2 implies
    return profile;
}

void takes_every_feasible_path(const Profile& profile) {
    const PathCorpus corpus(kCorpus, profile);
    std::vector<std::uint64_t> taken(spec::encoding_count);
    for (const PathCorpus::Path& path : corpus.paths()) {
        if (path.function.empty()) ++taken[static_cast<std::size_t>(path.encoding)];
    }
    for (const auto& info : spec::encodings()) {
        CAPTURE(info.id);
        CHECK(corpus.feasible(info.encoding) == taken[static_cast<std::size_t>(info.encoding)]);
    }
}

} // namespace

TEST_CASE("the cases of the corpus take every feasible path, and no other", "[paths][slow]") {
    takes_every_feasible_path(model_profile());
    takes_every_feasible_path(without_lse2());
}

TEST_CASE("a target with features that nobody enumerated has no number of feasible paths", "[paths][slow]") {
    Profile profile = model_profile();
    profile.mte_async = false;
    CHECK(!PathCorpus(kCorpus, profile).feasible(spec::Encoding::LDG));
}

TEST_CASE("path cases survive a file, and a damaged file is a complaint", "[paths]") {
    std::vector<PathCase> cases = read_path_directory(kCorpus);
    cases.resize(200);
    const std::string packed = write_path_cases(cases);
    CHECK(read_path_cases(packed, "cases") == cases);
    const std::string plain = xz_decompress(packed, "cases");
    for (std::size_t size = 0; size < plain.size(); size += 1 + size / 16) {
        CHECK_THROWS_AS(read_path_cases(xz_store(plain.substr(0, size)), "cases"), InputError);
    }
    CHECK_THROWS_AS(read_path_cases(xz_store(plain + "x"), "cases"), InputError);
    CHECK_THROWS_AS(read_path_cases("no file", "cases"), InputError);
}

TEST_CASE("a file of path cases with any byte altered is refused, or holds cases that the model can run", "[paths]") {
    std::vector<PathCase> cases = read_path_directory(kCorpus);
    cases.resize(20);
    const std::string plain = xz_decompress(write_path_cases(cases), "cases");
    PathNamer namer(model_profile());
    PathNamer::Taken taken;
    unsigned refused = 0;
    for (std::size_t at = 0; at < plain.size(); ++at) {
        for (const unsigned change : {0x01U, 0x40U, 0xffU}) {
            std::string altered = plain;
            altered[at] = static_cast<char>(static_cast<std::uint8_t>(altered[at]) ^ change);
            try {
                for (PathCase& path_case : read_path_cases(xz_store(altered), "cases")) {
                    adapt(path_case.sequence.configuration, model_profile());
                    namer.name(path_case, taken);
                }
            } catch (const InputError&) {
                ++refused;
            }
        }
    }
    CHECK(refused > 0);
}

TEST_CASE("the index survives a document", "[paths]") {
    const PathIndex index = read_path_index(kCorpus);
    const std::string file = "index";
    const nlohmann::json document = parse_json(to_json(index).dump(), file);
    CHECK(to_json(path_index_from_json(JsonPlace(document, file))) == to_json(index));
}
