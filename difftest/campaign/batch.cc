// SPDX-License-Identifier: Apache-2.0
#include "difftest/campaign/batch.h"

#include <vector>

#include "difftest/campaign/identity.h"
#include "difftest/generate/generator.h"

namespace mtecheck::difftest {

std::optional<Verdict::Kind> replay_batch(Finding& finding, Target& target, Examiner& examiner) {
    if (!finding.batch) return std::nullopt;
    const Batch& batch = *finding.batch;
    const auto generator = make_random_generator(target.probe());
    if (generator->name() != batch.generator) return std::nullopt;
    if (!batch.stream.empty() && batch.stream != stream_version()) return std::nullopt;
    std::vector<Test> tests(batch.sequences);
    for (std::size_t i = 0; i < tests.size(); ++i) {
        generator->generate(batch.seed, batch.shard, batch.first + i, tests[i]);
    }
    const Test& test = tests.at(batch.sequence);
    if (batch.state >= test.states.size() || !(test.sequence == finding.original.sequence) ||
        !(test.states[batch.state] == finding.original.state)) {
        return std::nullopt;
    }
    std::vector<std::vector<Outcome>> outcomes;
    target.run(tests, outcomes);
    return examiner.judge_again(finding, outcomes.at(batch.sequence).at(batch.state));
}

} // namespace mtecheck::difftest
