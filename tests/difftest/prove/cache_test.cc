// SPDX-License-Identifier: Apache-2.0
#include "difftest/prove/cache.h"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <nlohmann/json.hpp>

#include "difftest/prove/job_json.h"
#include "tests/difftest/scratch.h"

namespace mtecheck::difftest {
namespace {

using namespace model::proofs;

Job example_job() {
    const auto found = std::find_if(scenarios().begin(), scenarios().end(),
                                    [](const Scenario& scenario) { return scenario.name == "tag-mask"; });
    REQUIRE(found != scenarios().end());
    return {&*found, 0, spec::Mutation::gmi_wrong_bit, std::vector<bool>(found->statements.size(), true)};
}

JobOutcome example_outcome(const Job& job) {
    JobOutcome outcome;
    outcome.paths = 3;
    outcome.queries = 5;
    outcome.seconds = 1.5;
    outcome.complete = true;
    outcome.consulted.add(spec::Mutation::gmi_wrong_bit);
    outcome.statements.resize(job.statements.size());
    Claimed claimed;
    claimed.text = "a claim";
    claimed.values.variables["V3"] = model::Uint128{0x1234} << 100U;
    claimed.values.arrays["tags"][0x40] = 7;
    claimed.ways = {2};
    claimed.pages = {{.upper = true, .number = 5, .frame = 6, .memory = model::MemoryKind::device, .ap = 2},
                     {.number = 9, .frame = 0, .mapped = false, .level = 1}};
    claimed.opcodes = {0xd9200820U};
    outcome.statements[1].counterexample = claimed;
    outcome.statements[2].witness = claimed;
    return outcome;
}

TEST_CASE("an outcome is read from the cache as it was stored, for its own job only") {
    ProofCache cache(scratch_path("cache"));
    Job job = example_job();
    const JobOutcome outcome = example_outcome(job);
    CHECK_FALSE(cache.find(job));
    cache.store(job, outcome);
    const auto found = cache.find(job);
    REQUIRE(found);
    CHECK(to_json(*found) == to_json(outcome));
    CHECK(cache.seconds_of(job) == 1.5);

    job.mutation = spec::Mutation::gmi_uses_32_bits;
    CHECK_FALSE(cache.find(job));
    job = example_job();
    job.statements[0] = false;
    CHECK_FALSE(cache.find(job));
}

TEST_CASE("what was stopped is not kept, but its time is") {
    const auto directory = scratch_path("stopped");
    ProofCache cache(directory);
    const Job job = example_job();
    JobOutcome outcome = example_outcome(job);
    outcome.stopped = true;
    cache.store(job, outcome);
    CHECK_FALSE(cache.find(job));
    cache.write_times();
    CHECK(ProofCache(directory).seconds_of(job) == 1.5);
}

} // namespace
} // namespace mtecheck::difftest
