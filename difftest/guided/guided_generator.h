// SPDX-License-Identifier: Apache-2.0
//
// Draws the tests of a shard guided by what its tests before have met: most are mutated from cases that brought
// something new, the others are random, as fresh material. Unlike with other generators a test is also a function of
// the corpus, which is one of (profile, seed, shard, the guided tests of the shard before).
#pragma once

#include <string_view>
#include <vector>

#include "difftest/core/expectation.h"
#include "difftest/core/target.h"
#include "difftest/generate/generator.h"
#include "difftest/guided/guided_corpus.h"
#include "difftest/guided/mutator.h"
#include "difftest/judge/judge.h"

namespace mtecheck::difftest {

inline constexpr std::string_view kGuidedGenerator = "guided";

/// Where a test is in the streams of a campaign.
struct TestPlace {
    std::uint64_t seed = 0;
    std::uint32_t shard = 0;
    std::uint64_t index = 0;
};

class GuidedGenerator {
  public:
    explicit GuidedGenerator(const Profile& profile);

    /// What some tens of thousands of random cases meet.
    FeatureMap common();

    /// Overwrites all of `out`, reusing its storage; keeps in the corpus what is new, and appends its origins.
    void generate(const TestPlace& place, GuidedCorpus& corpus, std::vector<Origin>& origins, Test& out,
                  std::vector<Expectation>& expectations);

    /// Adds the case of this origin to the corpus, which holds what was kept of the shard before it. False if the
    /// corpus does not want it: then it was not made as the origin says.
    bool restore(const Origin& origin, const TestPlace& shard, GuidedCorpus& corpus);

  private:
    void mutate(const GuidedCorpus& corpus, const Parents& parents, const TestPlace& place, Test& out,
                std::vector<Expectation>& expectations);

    std::unique_ptr<Generator> random_;
    Mutator mutator_;
    Judge judge_;
    std::vector<CaseTraits> before_; // of the states of the test
};

} // namespace mtecheck::difftest
