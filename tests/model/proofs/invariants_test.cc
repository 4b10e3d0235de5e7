// SPDX-License-Identifier: Apache-2.0
//
// The table of invariants is sound data: names are unique, requirements exist, each names a mutation that breaks it.
// A few scenarios are proved here; all of them are by `mtecheck prove`.
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <set>

#include "model/proofs/prover.h"
#include "spec/gen/mutations.h"
#include "spec/gen/requirements.h"

using namespace mtecheck;
using namespace mtecheck::model;
using namespace mtecheck::model::proofs;

namespace {

const Scenario& named(std::string_view name) {
    for (const Scenario& scenario : scenarios()) {
        if (scenario.name == name) return scenario;
    }
    throw std::logic_error("no such scenario");
}

TaskResult prove_all(const Scenario& scenario, unsigned variant, const MutationSet& mutations = {}) {
    return prove({.scenario = &scenario,
                  .variant = variant,
                  .mutations = mutations,
                  .statements = std::vector<bool>(scenario.statements.size(), true),
                  .max_paths = 100000,
                  .stop = {},
                  .on_query = {}});
}

} // namespace

TEST_CASE("invariants have unique names, known requirements and something that breaks them") {
    std::set<std::string_view> names;
    for (const Scenario& scenario : scenarios()) {
        CAPTURE(scenario.name);
        CHECK(names.insert(scenario.name).second);
        CHECK_FALSE(scenario.variants.empty());
        for (const Statement& statement : scenario.statements) {
            CAPTURE(statement.id);
            CHECK(names.insert(statement.id).second);
            CHECK_FALSE(statement.dies_under.empty());
            CHECK_FALSE(statement.requirements.empty());
            for (const std::string_view id : statement.requirements) {
                CAPTURE(id);
                CHECK(std::any_of(spec::requirements().begin(), spec::requirements().end(),
                                  [&](const auto& row) { return row.id == id; }));
            }
        }
    }
}

TEST_CASE("every deliberate fault breaks an invariant, or it is said why it cannot") {
    std::set<spec::Mutation> broken;
    for (const Scenario& scenario : scenarios()) {
        for (const Statement& statement : scenario.statements)
            broken.insert(statement.dies_under.begin(), statement.dies_under.end());
    }
    for (const auto& mutation : spec::mutations()) {
        CAPTURE(mutation.id);
        CHECK(broken.contains(mutation.value) == mutation.beyond_invariants.empty());
    }
}

TEST_CASE("a scenario is proved for all inputs, and each of its invariants dies under its mutations") {
    const Scenario& scenario = named(GENERATE("add-tag", "dc-zva-faults", "mmu-fault"));
    CAPTURE(scenario.name);
    const TaskResult result = prove_all(scenario, 0);
    for (std::size_t i = 0; i < scenario.statements.size(); ++i) {
        CAPTURE(scenario.statements[i].id);
        CHECK(result.verdict(i) == Verdict::proved);
        CHECK(result.statements[i].claims > 0);
        CHECK(result.statements[i].witness);
        for (const spec::Mutation mutation : scenario.statements[i].dies_under) {
            // of SUBG, of atomic operations, of tag accesses, of writeback
            if (mutation == spec::Mutation::subg_subtracts_tag ||
                mutation == spec::Mutation::atomics_checked_as_read_first ||
                mutation == spec::Mutation::cas_as_load_then_store || mutation == spec::Mutation::tags_without_memory ||
                mutation == spec::Mutation::writeback_abort_at_el2_has_isv)
                continue;
            MutationSet mutations;
            mutations.add(mutation);
            CHECK(prove_all(scenario, 0, mutations).verdict(i) == Verdict::refuted);
        }
    }
}
