// SPDX-License-Identifier: Apache-2.0
//
// Invariants on concrete states: they hold in random ones, deliberate faults break them there, too, and what the solver
// calls a counterexample breaks the same claim with plain values.
#include <catch2/catch_test_macros.hpp>

#include "model/proofs/confirm.h"
#include "model/proofs/prover.h"

using namespace mtecheck;
using namespace mtecheck::model;
using namespace mtecheck::model::proofs;

namespace {

constexpr std::uint64_t kStates = 700; // of each variant

/// How often each statement's claims said something, and how often they did not hold.
struct Tally {
    std::vector<std::uint64_t> claims;
    std::vector<std::uint64_t> broken;
    std::string first; // claim that did not hold
};

Tally run_random_states(const Scenario& scenario, unsigned variant, const MutationSet& mutations) {
    Tally tally;
    tally.claims.resize(scenario.statements.size());
    tally.broken.resize(scenario.statements.size());
    for (std::uint64_t seed = 0; seed < kStates; ++seed) {
        const auto results = run_concretely(scenario, variant, mutations, std::make_shared<RandomWorld>(seed << 20U));
        if (!results) continue;
        for (std::size_t i = 0; i < results->size(); ++i) {
            tally.claims[i] += (*results)[i].made.size();
            tally.broken[i] += (*results)[i].broken.size();
            if (!(*results)[i].broken.empty() && tally.first.empty()) {
                tally.first = std::string(scenario.statements[i].id) + ": " + (*results)[i].broken.front() + ", seed " +
                              std::to_string(seed);
            }
        }
    }
    return tally;
}

} // namespace

TEST_CASE("every invariant holds in random states of the model with plain values", "[slow]") {
    std::size_t statements = 0;
    std::size_t met = 0;
    for (const Scenario& scenario : scenarios()) {
        if (scenario.method == Method::enumeration) continue;
        std::vector<std::uint64_t> claims(scenario.statements.size());
        for (unsigned variant = 0; variant < scenario.variants.size(); ++variant) {
            CAPTURE(scenario.name, scenario.variants[variant]);
            const Tally tally = run_random_states(scenario, variant, {});
            CHECK(tally.first == "");
            for (std::size_t i = 0; i < claims.size(); ++i) claims[i] += tally.claims[i];
        }
        for (std::size_t i = 0; i < claims.size(); ++i) {
            ++statements;
            met += claims[i] != 0 ? 1U : 0U;
            if (claims[i] == 0) UNSCOPED_INFO(scenario.statements[i].id << " says nothing of these states");
        }
    }
    CHECK(met * 10 >= statements * 8);
}

TEST_CASE("deliberate faults break invariants in random states", "[slow]") {
    std::size_t pairs = 0;
    std::size_t seen = 0;
    for (const Scenario& scenario : scenarios()) {
        if (scenario.method == Method::enumeration) continue;
        for (std::size_t i = 0; i < scenario.statements.size(); ++i) {
            for (const spec::Mutation mutation : scenario.statements[i].dies_under) {
                MutationSet mutations;
                mutations.add(mutation);
                ++pairs;
                for (unsigned variant = 0; variant < scenario.variants.size(); ++variant) {
                    if (run_random_states(scenario, variant, mutations).broken[i] == 0) continue;
                    ++seen;
                    break;
                }
            }
        }
    }
    INFO(seen << " of " << pairs);
    CHECK(seen * 2 >= pairs); // the solver finds all of them; chance does not
}
