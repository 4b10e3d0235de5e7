// SPDX-License-Identifier: Apache-2.0
#include "difftest/paths/path_generator.h"

#include <utility>

#include "difftest/judge/judge.h"

namespace mtecheck::difftest {
namespace {

class PathGenerator final : public Generator {
  public:
    PathGenerator(std::shared_ptr<const PathCorpus> corpus, const Profile& profile)
        : corpus_(std::move(corpus)), judge_(profile) {}

    std::string_view name() const override { return kPathGenerator; }

  protected:
    void draw(std::uint64_t /*seed*/, std::uint32_t /*shard*/, std::uint64_t index, Test& out,
              std::vector<Expectation>* expectations) override {
        out = corpus_->tests().at(index);
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
