// SPDX-License-Identifier: Apache-2.0
#include "difftest/generate/stored_generator.h"

#include <utility>

#include "difftest/judge/judge.h"

namespace mtecheck::difftest {
namespace {

class StoredGenerator final : public Generator {
  public:
    StoredGenerator(std::string_view name, std::shared_ptr<const std::vector<Test>> tests, const Profile& profile)
        : name_(name), tests_(std::move(tests)), judge_(profile) {}

    std::string_view name() const override { return name_; }

  protected:
    void draw(std::uint64_t /*seed*/, std::uint32_t /*shard*/, std::uint64_t index, Test& out,
              std::vector<Expectation>* expectations) override {
        out = tests_->at(index);
        if (expectations == nullptr) return;
        judge_.load(out.sequence);
        expectations->resize(out.states.size());
        judge_.expect(out.states, *expectations);
    }

  private:
    std::string_view name_;
    std::shared_ptr<const std::vector<Test>> tests_;
    Judge judge_;
};

} // namespace

std::unique_ptr<Generator> make_stored_generator(std::string_view name, std::shared_ptr<const std::vector<Test>> tests,
                                                 const Profile& profile) {
    return std::make_unique<StoredGenerator>(name, std::move(tests), profile);
}

} // namespace mtecheck::difftest
