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
        if (!mutations.empty()) profile_.version += " with " + to_string(mutations);
    }

    const Profile& probe() override { return profile_; }

    void run(std::span<const Test> tests, std::vector<std::vector<Outcome>>& outcomes) override {
        const std::clock_t start = std::clock();
        outcomes.resize(tests.size());
        for (std::size_t i = 0; i < tests.size(); ++i) {
            judge_.load(tests[i].sequence);
            outcomes[i].resize(tests[i].states.size());
            for (std::size_t j = 0; j < tests[i].states.size(); ++j) {
                const Expectation& expected = judge_.expect(tests[i].states[j]);
                outcomes[i][j] = expected.outcome;
                if (!expected.predicted) {
                    outcomes[i][j].status = Status::unsupported;
                    outcomes[i][j].note = "the architecture leaves open what this case does";
                }
                ++statistics_.cases;
            }
        }
        statistics_.cpu_seconds += static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
    }

    void reset() override {}
    TargetStatistics statistics() const override { return statistics_; }

  private:
    Profile profile_;
    Judge judge_;
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
