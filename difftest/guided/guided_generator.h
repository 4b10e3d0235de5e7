// SPDX-License-Identifier: Apache-2.0
//
// Draws the tests of a shard guided by what its tests before have met: most are mutated from cases that brought
// something new, the others are random, as fresh material. Unlike with other generators a test is also a function of
// the corpus, which is one of (profile, seed, shard, the guided tests of the shard before).
#pragma once

#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "difftest/generate/generator.h"
#include "difftest/guided/guided_corpus.h"
#include "difftest/guided/mutator.h"
#include "difftest/judge/judge.h"

namespace mtecheck::difftest {

inline constexpr std::string_view kGuidedGenerator = "guided";

/// As kStreamHash, of the first tests that are made from an empty corpus.
inline constexpr std::uint64_t kGuidedStreamHash = 0x87557a68f769ea18;

/// What some tens of thousands of random cases meet: nothing new for a corpus.
FeatureMap common_features(const Profile& profile);

class GuidedGenerator final : public Generator {
  public:
    explicit GuidedGenerator(const Profile& profile);

    /// What is drawn from now on comes of a copy of this corpus, and is added to it.
    void begin(const GuidedCorpus& corpus);
    const GuidedCorpus& corpus() const { return *corpus_; }
    /// Of what was kept since begin().
    const std::vector<Origin>& origins() const { return origins_; }

    /// Adds the case of this origin to a corpus which holds what was kept of the shard before it; what it comes to.
    /// None if the corpus does not want it: then it was not made as the origin says.
    std::optional<CaseTraits> restore(const Origin& origin, std::uint64_t seed, std::uint32_t shard,
                                      GuidedCorpus& corpus);

    std::string_view name() const override { return kGuidedGenerator; }

  protected:
    void draw(std::uint64_t seed, std::uint32_t shard, std::uint64_t index, Test& out,
              std::vector<Expectation>* expectations) override;

  private:
    void mutate(const GuidedCorpus& corpus, const Parents& parents, Random& random, Test& out,
                std::vector<Expectation>& expectations);

    std::unique_ptr<Generator> random_;
    Mutator mutator_;
    Judge judge_;
    std::unique_ptr<GuidedCorpus> corpus_;
    std::vector<Origin> origins_;
    std::vector<CaseTraits> before_;   // of the states of the test
    std::vector<Expectation> scratch_; // for callers who want none
};

} // namespace mtecheck::difftest
