// SPDX-License-Identifier: Apache-2.0
#include "tests/difftest/campaign/fake_targets.h"

#include <utility>

#include "difftest/judge/model_target.h"

namespace mtecheck::difftest {
namespace {

using Tamper = std::function<void(const Test&, std::size_t, std::uint64_t, Outcome&)>;

class TamperedTarget final : public Target {
  public:
    explicit TamperedTarget(Tamper tamper) : model_(make_model_target("model")), tamper_(std::move(tamper)) {}

    const Profile& probe() override { return model_->probe(); }
    void run(std::span<const Test> tests, std::vector<std::vector<Outcome>>& outcomes) override {
        model_->run(tests, outcomes);
        for (std::size_t i = 0; i < tests.size(); ++i) {
            for (std::size_t k = 0; k < tests[i].states.size(); ++k)
                tamper_(tests[i], k, since_reset_++, outcomes[i][k]);
        }
    }
    void reset() override {
        model_->reset();
        since_reset_ = 0;
    }
    TargetStatistics statistics() const override { return model_->statistics(); }

  private:
    std::unique_ptr<Target> model_;
    Tamper tamper_;
    std::uint64_t since_reset_ = 0;
};

class StreamingTarget final : public Target {
  public:
    explicit StreamingTarget(StreamThrough stream) : model_(make_model_target("model")), stream_(std::move(stream)) {}

    const Profile& probe() override { return model_->probe(); }
    void run(std::span<const Test> tests, std::vector<std::vector<Outcome>>& outcomes) override {
        model_->run(tests, outcomes);
    }
    using Target::stream;
    void stream(TestSource& source, OutcomeSink& sink) override { stream_(*model_, source, sink); }
    void reset() override { model_->reset(); }
    TargetStatistics statistics() const override { return model_->statistics(); }

  private:
    std::unique_ptr<Target> model_;
    StreamThrough stream_;
};

} // namespace

std::unique_ptr<Target> make_streaming_target(StreamThrough stream) {
    return std::make_unique<StreamingTarget>(std::move(stream));
}

std::unique_ptr<Target> make_tampered_target(Tamper tamper) {
    return std::make_unique<TamperedTarget>(std::move(tamper));
}

} // namespace mtecheck::difftest
