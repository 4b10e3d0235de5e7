// SPDX-License-Identifier: Apache-2.0
//
// What targets share.
#include "difftest/core/target.h"

namespace mtecheck::difftest {

void Target::stream(std::span<const Test> tests, OutcomeSink& sink) {
    std::vector<std::vector<Outcome>> outcomes;
    run(tests, outcomes);
    for (std::size_t test = 0; test < tests.size(); ++test) {
        for (std::size_t state = 0; state < tests[test].states.size(); ++state) {
            sink.take(test, state, outcomes[test][state]);
        }
    }
}

} // namespace mtecheck::difftest
