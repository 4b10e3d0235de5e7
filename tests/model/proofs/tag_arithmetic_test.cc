// SPDX-License-Identifier: Apache-2.0
//
// The invariants of tag arithmetic are proved of the model for all inputs, say something, and die under a mutation.
#include "model/proofs/invariants/tag_arithmetic.h"

#include <catch2/catch_test_macros.hpp>

#include "model/proofs/symbolic_subject.h"
#include "model/symbolic/summaries.h"

using namespace mtecheck;
using namespace mtecheck::model;
using namespace mtecheck::model::proofs;

namespace {

struct Row {
    const char* name;
    void (*invariant)(SymbolicSubject&);
    std::optional<spec::Mutation> dies_under;
};

/// FEAT_MTE3 without what came after.
FeatureSet features() {
    FeatureSet set;
    for (const auto& feature : spec::features()) set.add(feature.value);
    for (const spec::Feature absent :
         {spec::Feature::FEAT_MTE4, spec::Feature::FEAT_MTE_CANONICAL_TAGS, spec::Feature::FEAT_MTE_NO_ADDRESS_TAGS,
          spec::Feature::FEAT_MTE_PERM, spec::Feature::FEAT_MTE_STORE_ONLY, spec::Feature::FEAT_MTE_TAGGED_FAR}) {
        set.remove(absent);
    }
    return set;
}

struct Proof {
    std::uint64_t claims = 0;
    bool witness = false;
    bool counterexample = false;
};

Proof prove(const Row& row, const MutationSet& mutations) {
    symbolic::Terms terms;
    const symbolic::CurrentTerms here(terms);
    symbolic::Explorer explorer(terms);
    SymbolicSubject subject(features(), mutations);
    const symbolic::Exploration result = explorer.explore(
        [&] {
            try {
                row.invariant(subject);
            } catch (const symbolic::PathEnd&) {
                if (subject.counterexample()) return false;
                throw;
            }
            return true;
        },
        10000);
    CHECK((result.complete || subject.counterexample()));
    CHECK(result.undecided + subject.unknown() == 0);
    return {subject.claims(), subject.witness().has_value(), subject.counterexample().has_value()};
}

using spec::Mutation;

const Row kTable[] = {
    {"ADDG and SUBG move bits 55:0 and 63:60 by a multiple of 16", AddsMultipleOf16<SymbolicSubject>, {}},
    {"ADDG and SUBG choose the tag by exclusion", AddsTagByExclusion<SymbolicSubject>,
     Mutation::addg_tag_offset_off_by_one},
    {"ADDG and SUBG give tag 0 where tags cannot be accessed", AddsNoTagWhenDisabled<SymbolicSubject>, std::nullopt},
    {"ADDG of nothing keeps an allowed tag", AddingNothingKeepsAllowedTag<SymbolicSubject>,
     Mutation::addg_tag_offset_off_by_one},
    {"ADDG and SUBG change their destination only", AddTagTouchesNothingElse<SymbolicSubject>, {}},
    {"SUBP and SUBPS ignore the top byte", DifferenceIgnoresTopByte<SymbolicSubject>, Mutation::subp_no_sign_extension},
    {"SUBP gives 57 bits", DifferenceFits57Bits<SymbolicSubject>, {}},
    {"SUBP gives 0 for equal addresses only", DifferenceIsZeroForSameAddress<SymbolicSubject>, {}},
    {"the flags of SUBPS compare addresses", FlagsOfDifference<SymbolicSubject>, Mutation::subps_flags_carry_wrong},
    {"SUBP and SUBPS change their destination only", DifferenceTouchesNothingElse<SymbolicSubject>, {}},
    {"GMI sets the bit of the tag", MaskGainsTheBitOfTheTag<SymbolicSubject>, Mutation::gmi_wrong_bit},
    {"IRG gives no excluded tag", RandomTagIsNotExcluded<SymbolicSubject>, Mutation::irg_ignores_gcr_exclude},
    {"IRG keeps the address", RandomTagKeepsTheAddress<SymbolicSubject>, {}},
    {"IRG gives tag 0 and keeps the seed where tags cannot be accessed", RandomTagWhenDisabled<SymbolicSubject>, {}},
    {"IRG advances the seed by four steps", SeedAdvancesFourSteps<SymbolicSubject>, Mutation::lfsr_wrong_taps},
};

} // namespace

TEST_CASE("tag arithmetic is proved for all inputs", "[slow]") {
    for (const Row& row : kTable) {
        CAPTURE(row.name);
        const Proof proof = prove(row, {});
        CHECK_FALSE(proof.counterexample);
        CHECK(proof.claims > 0);
        CHECK(proof.witness); // not vacuous
    }
}

TEST_CASE("invariants of tag arithmetic die under mutations") {
    for (const Row& row : kTable) {
        if (!row.dies_under) continue;
        CAPTURE(row.name);
        MutationSet mutations;
        mutations.add(*row.dies_under);
        CHECK(prove(row, mutations).counterexample);
    }
}
