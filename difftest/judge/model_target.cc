// SPDX-License-Identifier: Apache-2.0
//
// ModelTarget: a Judge whose expectation is taken as what an implementation did.
#include "difftest/judge/model_target.h"

#include <ctime>

#include "difftest/core/error.h"
#include "difftest/judge/judge.h"

namespace mtecheck::difftest {

namespace {

class ModelTarget : public Target {
  public:
    ModelTarget(std::string name, const MutationSet& mutations)
        : profile_(model_profile()), judge_(profile_, mutations) {
        profile_.target = std::move(name);
        profile_.chooses_tags = false;
        if (!mutations.empty()) profile_.version += " with " + to_string(mutations);
    }

    const Profile& probe() override { return profile_; }

    void run(std::span<const Test> tests, std::vector<std::vector<Outcome>>& outcomes) override {
        outcomes.resize(tests.size());
        for (std::size_t i = 0; i < tests.size(); ++i) outcomes[i].resize(tests[i].states.size());
        each_outcome(tests, [&](std::size_t i, std::size_t j, const Outcome& outcome) { outcomes[i][j] = outcome; });
    }

    using Target::stream;
    void stream(TestSource& source, OutcomeSink& sink) override {
        std::size_t first = 0;
        for (std::span<const Test> tests = source.next(); !tests.empty(); tests = source.next()) {
            each_outcome(
                tests, [&](std::size_t i, std::size_t j, const Outcome& outcome) { sink.take(first + i, j, outcome); });
            first += tests.size();
        }
    }

    void reset() override {}
    TargetStatistics statistics() const override { return statistics_; }

  private:
    template <class F>
    void each_outcome(std::span<const Test> tests, const F& f) {
        const std::clock_t start = std::clock();
        for (std::size_t i = 0; i < tests.size(); ++i) {
            judge_.load(tests[i].sequence);
            for (std::size_t j = 0; j < tests[i].states.size(); ++j) {
                judge_.expect(tests[i].states[j], expected_);
                if (!expected_.predicted) {
                    expected_.outcome.status = Status::unsupported;
                    expected_.outcome.note = "the architecture leaves open what this case does";
                }
                f(i, j, expected_.outcome);
                expected_.outcome.note.clear();
                ++statistics_.cases;
            }
        }
        statistics_.cpu_seconds += static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
    }

    Profile profile_;
    Judge judge_;
    Expectation expected_; // its storage is reused
    TargetStatistics statistics_;
};

} // namespace

std::unique_ptr<Target> make_model_target(const std::string& spec) {
    constexpr std::string_view kPrefix = "model:";
    if (spec == "model") return std::make_unique<ModelTarget>(spec, MutationSet());
    if (!spec.starts_with(kPrefix) || spec.size() == kPrefix.size()) {
        throw InputError("target " + spec, "", "must be \"model\" or \"model:MUTATION[+MUTATION...]\"");
    }
    return std::make_unique<ModelTarget>(
        spec, parse_mutations(std::string_view(spec).substr(kPrefix.size()), "target " + spec));
}

} // namespace mtecheck::difftest
