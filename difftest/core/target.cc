// SPDX-License-Identifier: Apache-2.0
//
// What targets share.
#include "difftest/core/target.h"

#include <algorithm>
#include <utility>

namespace mtecheck::difftest {

bool has_feature(const Profile& profile, std::string_view name) {
    return std::find(profile.features.begin(), profile.features.end(), name) != profile.features.end();
}

void adapt(Configuration& configuration, const Profile& profile) {
    configuration.gmid_el1 = profile.gmid_el1;
    configuration.dczid_el0 = profile.dczid_el0;
}

namespace {

/// All tests at once.
class OneSpan final : public TestSource {
  public:
    explicit OneSpan(std::span<const Test> tests) : tests_(tests) {}
    std::span<const Test> next() override { return std::exchange(tests_, {}); }

  private:
    std::span<const Test> tests_;
};

} // namespace

void Target::stream(TestSource& source, OutcomeSink& sink) {
    std::vector<std::vector<Outcome>> outcomes;
    std::size_t first = 0;
    for (std::span<const Test> tests = source.next(); !tests.empty(); tests = source.next()) {
        run(tests, outcomes);
        for (std::size_t test = 0; test < tests.size(); ++test) {
            for (std::size_t state = 0; state < tests[test].states.size(); ++state) {
                sink.take(first + test, state, outcomes[test][state]);
            }
        }
        first += tests.size();
    }
}

void Target::stream(std::span<const Test> tests, OutcomeSink& sink) {
    OneSpan source(tests);
    stream(source, sink);
}

} // namespace mtecheck::difftest
