// SPDX-License-Identifier: Apache-2.0
#include "difftest/paths/path_generator.h"

#include <algorithm>
#include <utility>

#include "difftest/judge/judge.h"
#include "spec/gen/isa.h"
#include "spec/gen/registers.h"

namespace mtecheck::difftest {
namespace {

/// With GCR_EL1.RRND = 1 an implementation may seed the tags of IRG itself where there is no seed, and then answers
/// otherwise each time. The path is the same with a seed.
void give_seed(const Sequence& sequence, State& state) {
    constexpr auto kSeed = spec::field::RGSR_EL1::SEED;
    const bool draws = std::any_of(sequence.code.begin(), sequence.code.end(),
                                   [](std::uint32_t word) { return spec::decode(word) == spec::Encoding::IRG; });
    if (draws && spec::field::GCR_EL1::RRND.extract(state.gcr_el1) != 0 && kSeed.extract(state.rgsr_el1) == 0)
        state.rgsr_el1 |= kSeed.place(1);
}

class PathGenerator final : public Generator {
  public:
    PathGenerator(std::shared_ptr<const PathCorpus> corpus, const Profile& profile)
        : corpus_(std::move(corpus)), judge_(profile) {}

    std::string_view name() const override { return kPathGenerator; }

  protected:
    void draw(std::uint64_t /*seed*/, std::uint32_t /*shard*/, std::uint64_t index, Test& out,
              std::vector<Expectation>* expectations) override {
        out = corpus_->tests().at(index);
        for (State& state : out.states) give_seed(out.sequence, state);
        if (expectations == nullptr) return;
        judge_.load(out.sequence);
        expectations->resize(out.states.size());
        for (std::size_t i = 0; i < out.states.size(); ++i) judge_.expect(out.states[i], (*expectations)[i]);
    }

  private:
    std::shared_ptr<const PathCorpus> corpus_;
    Judge judge_;
};

} // namespace

std::unique_ptr<Generator> make_path_generator(std::shared_ptr<const PathCorpus> corpus, const Profile& profile) {
    return std::make_unique<PathGenerator>(std::move(corpus), profile);
}

} // namespace mtecheck::difftest
