// SPDX-License-Identifier: Apache-2.0
//
// Cases for the next campaign: few that meet what many met, and files of them.
#include "difftest/guided/distil.h"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <fstream>

#include "difftest/core/error.h"
#include "difftest/core/json.h"
#include "difftest/core/layout.h"
#include "difftest/guided/case_corpus.h"
#include "difftest/guided/guided_generator.h"
#include "tests/difftest/scratch.h"

namespace mtecheck::difftest {
namespace {

FeatureMap features_of(const std::vector<CaseTraits>& cases) {
    FeatureMap features;
    for (const CaseTraits& traits : cases) features.add(traits);
    return features;
}

bool same(const FeatureMap& a, const FeatureMap& b) {
    for (std::size_t i = 0; i < FeatureMap::kFeatures; ++i) {
        if (a.has(i) != b.has(i)) return false;
    }
    return true;
}

/// The cases of some random tests.
struct Drawn {
    explicit Drawn(std::uint64_t tests) {
        const auto generator = make_random_generator(model_profile());
        Test test;
        std::vector<Expectation> expectations;
        for (std::uint64_t i = 0; i < tests; ++i) {
            generator->generate(1, 0, i, test, expectations);
            for (std::size_t k = 0; k < test.states.size(); ++k) {
                traits.push_back(traits_of(test.states[k], expectations[k]));
                cases.push_back(
                    {"random/1/0/" + std::to_string(i) + "/" + std::to_string(k), test.sequence, test.states[k]});
            }
        }
    }
    std::vector<CaseTraits> traits;
    std::vector<Case> cases;
};

TEST_CASE("what is distilled meets all that was met, and nothing of it can be left out") {
    const Drawn drawn(200);
    const auto numbers = distil(drawn.traits, {});
    CHECK(numbers == distil(drawn.traits, {}));
    CHECK(numbers.size() < drawn.traits.size() / 4);
    CHECK(std::is_sorted(numbers.begin(), numbers.end()));
    std::vector<CaseTraits> chosen;
    for (const std::size_t number : numbers) chosen.push_back(drawn.traits[number]);
    CHECK(same(features_of(chosen), features_of(drawn.traits)));
    for (std::size_t i = 0; i < chosen.size(); ++i) {
        std::vector<CaseTraits> rest = chosen;
        rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(i));
        CHECK_FALSE(same(features_of(rest), features_of(drawn.traits)));
    }
    CHECK(distil(drawn.traits, features_of(drawn.traits)).empty());
    CHECK(distil({}, {}).empty());
}

TEST_CASE("a directory of cases is read as it was written") {
    const Drawn drawn(70); // more than one file
    const auto directory = scratch_path("case-corpus");
    write_case_directory(directory, drawn.cases);
    const std::vector<Case> again = read_case_directory(directory);
    REQUIRE(again.size() == drawn.cases.size());
    for (std::size_t i = 0; i < again.size(); ++i) {
        CHECK(again[i].id == drawn.cases[i].id);
        CHECK(again[i].sequence == drawn.cases[i].sequence);
        CHECK((again[i].state == drawn.cases[i].state));
    }
    const std::string fingerprint = case_directory_fingerprint(directory);
    const CaseCorpus corpus(directory, model_profile());
    CHECK(corpus.fingerprint() == fingerprint);
    REQUIRE(corpus.tests().size() == drawn.cases.size()); // what was drawn is fit
    CHECK((corpus.traits(5) == drawn.traits[5]));
    CHECK(corpus.id(5) == drawn.cases[5].id);
    // Fewer cases take the place of all.
    write_case_directory(directory, std::span(drawn.cases).first(3));
    CHECK(read_case_directory(directory).size() == 3);
    CHECK(case_directory_fingerprint(directory) != fingerprint);
}

TEST_CASE("a case that is not fit for the target is left out; a file that is none is refused") {
    Drawn drawn(20);
    const auto directory = scratch_path("case-corpus-unfit");
    for (Case& value : drawn.cases) {
        value.sequence.code = {0xf9400020}; // LDR X0, [X1]
        value.state.x[1] = ARENA_CODE_VA;   // out of all windows, where it can be read
    }
    write_case_directory(directory, drawn.cases);
    CHECK(CaseCorpus(directory, model_profile()).tests().size() < drawn.cases.size());

    CHECK_THROWS_AS(read_case_file("no xz", "file"), InputError);
    CHECK_THROWS_AS(CaseCorpus(directory / "none", model_profile()), InputError);
    std::ofstream(directory / "kept-0001.cases.xz") << "no xz";
    CHECK_THROWS_AS(CaseCorpus(directory, model_profile()), InputError);
}

} // namespace
} // namespace mtecheck::difftest
