// SPDX-License-Identifier: Apache-2.0
//
// Of every deliberate fault of the model, a finding is reduced to what matters.
#include <catch2/catch_test_macros.hpp>
#include <nlohmann/json.hpp>

#include "difftest/core/json.h"
#include "difftest/shrink/plain.h"
#include "difftest/shrink/shrinker.h"
#include "spec/gen/mutations.h"
#include "tests/difftest/shrink/found.h"

namespace mtecheck::difftest {
namespace {

constexpr std::size_t kFewInstructions = 3;

/// The reduction of a finding; it, the mutant and an examiner of it are handed to `more`.
template <class More>
void check_reduced(const std::string& mutation, const More& more) {
    INFO(mutation);
    const auto found = found_on_mutant(mutation, 2'000'000);
    REQUIRE(found);
    const auto target = make_model_target("model:" + mutation);
    const Profile profile = target->probe();
    Examiner examiner(profile, {});

    Finding reduced = *found;
    REQUIRE(Shrinker(examiner, *target, {}).shrink(reduced) == ShrinkEnd::minimal);
    REQUIRE(reduced.shortest);
    // Where several instructions may be meant, none is named until the others are gone.
    if (found->signature.instruction != "(not localised)")
        CHECK(to_string(reduced.signature) == to_string(found->signature));
    CHECK(reduced.shrunk->minimal);
    CHECK(reduced.shortest->sequence.code.size() <= kFewInstructions);
    CHECK(cost(*reduced.shortest, profile) <= cost(found->original, profile));
    CHECK(to_json(reduced.original) == to_json(found->original));
    CHECK_FALSE(reduced.differences.empty());

    // It still shows the cause, and is what it is reduced to.
    Trial trial(examiner, *target);
    const auto group = trial.groups({&*reduced.shortest, 1}).front();
    REQUIRE(group);
    CHECK(same_cause(*group, found->group()));
    more(*found, reduced, examiner, *target);
}

/// It is reduced to itself, and to the same from the beginning.
void check_settled(const Finding& found, const Finding& reduced, Examiner& examiner, Target& target) {
    Finding again = reduced;
    REQUIRE(Shrinker(examiner, target, {}).shrink(again) == ShrinkEnd::minimal);
    CHECK(to_json(*again.shortest) == to_json(*reduced.shortest));
    Finding other = found;
    REQUIRE(Shrinker(examiner, target, {}).shrink(other) == ShrinkEnd::minimal);
    CHECK(to_json(other) == to_json(reduced));
}

TEST_CASE("findings of some mutations are reduced to what matters", "[slow]") {
    for (const char* mutation : {"page_tags_aliased", "tco_ignored", "tcma_ignored", "stg_no_alignment_fault",
                                 "ldapur_stlur_unchecked", "cas_classified_as_write"}) {
        check_reduced(mutation, check_settled);
    }
}

TEST_CASE("findings of a third of the mutations are reduced to what matters", "[slow]") {
    const auto all = spec::mutations();
    for (std::size_t i = 0; i < all.size(); i += 3) {
        const auto& mutation = all[i];
        // Traps of SIMD&FP registers are in the path corpus.
        if (!mutation.beyond_campaigns.empty() || mutation.value == spec::Mutation::cptr_el2_fpen_ignored) continue;
        check_reduced(std::string(mutation.id), [](auto&&...) {});
    }
}

} // namespace
} // namespace mtecheck::difftest
