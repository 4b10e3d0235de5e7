// SPDX-License-Identifier: Apache-2.0
#include "difftest/prove/proofs_json.h"

#include <nlohmann/json.hpp>

#include "difftest/campaign/identity.h"
#include "difftest/prove/identity.h"
#include "difftest/prove/job_json.h"

namespace mtecheck::difftest {
namespace {

std::string_view result_text(FaultTrial::Result result) {
    switch (result) {
    case FaultTrial::Result::killed: return "killed";
    case FaultTrial::Result::survived: return "survived";
    case FaultTrial::Result::unknown: return "unknown";
    case FaultTrial::Result::not_shown: return "not shown";
    case FaultTrial::Result::not_run: break;
    }
    return "not run";
}

double rounded(double seconds) { return static_cast<double>(static_cast<std::uint64_t>(seconds * 1000)) / 1000; }

OrderedJson shown(const model::proofs::Scenario& scenario, unsigned variant, const model::proofs::Claimed& claimed) {
    OrderedJson json = {{"variant", scenario.variants[variant]}};
    json.update(to_json(claimed));
    return json;
}

OrderedJson invariant_json(const InvariantRow& row, bool mutations) {
    const auto& statement = row.statement();
    OrderedJson json = {{"id", statement.id},
                        {"sentence", statement.sentence},
                        {"requirements", statement.requirements},
                        {"verdict", to_string(row.verdict)},
                        {"claims", row.claims}};
    if (row.witness) json["witness"] = shown(*row.scenario, row.witness_variant, *row.witness);
    if (row.counterexample) {
        json["counterexample"] = shown(*row.scenario, row.counterexample_variant, *row.counterexample);
        json["confirmed"] = row.confirmed;
    }
    if (!mutations) return json;
    json["faults"] = OrderedJson::array();
    for (const FaultTrial& trial : row.trials) {
        OrderedJson one = {{"mutation", spec::info(trial.mutation).id},
                           {"expected", trial.expected},
                           {"result", result_text(trial.result)}};
        if (trial.counterexample) {
            one["counterexample"] = shown(*row.scenario, trial.variant, *trial.counterexample);
        }
        json["faults"].push_back(std::move(one));
    }
    return json;
}

} // namespace

OrderedJson to_json(const Proofs& proofs) {
    OrderedJson json = {{"schema", kProofsSchema},
                        {"versions",
                         {{"mtecheck", mtecheck_version()},
                          {"semantics", semantics_hash()},
                          {"solver", solver_name()},
                          {"features", proved_features()}}},
                        {"complete", proofs.everything && proofs.mutations && !proofs.interrupted},
                        {"scenarios", OrderedJson::array()},
                        {"beyond_invariants", OrderedJson::array()},
                        {"failures", proofs.failures()}};
    if (const auto& check = proofs.cross_check) {
        json["cross_check"] = {{"solver", check->solver},
                               {"agreed", check->agreed},
                               {"disagreed", check->disagreed},
                               {"timeouts", check->timeouts},
                               {"unknown", check->unknown}};
    }
    for (const ScenarioRow& row : proofs.scenarios) {
        OrderedJson invariants = OrderedJson::array();
        for (const InvariantRow& invariant : row.invariants) {
            invariants.push_back(invariant_json(invariant, proofs.mutations));
        }
        json["scenarios"].push_back({{"name", row.scenario->name},
                                     {"about", row.scenario->about},
                                     {"method", to_string(row.scenario->method)},
                                     {"variants", row.scenario->variants},
                                     {"paths", row.paths},
                                     {"queries", row.queries},
                                     {"seconds", rounded(row.seconds)},
                                     {"invariants", std::move(invariants)}});
    }
    for (const auto& mutation : spec::mutations()) {
        const std::string_view reason = mutation.beyond_invariants;
        if (!reason.empty()) json["beyond_invariants"].push_back({{"mutation", mutation.id}, {"reason", reason}});
    }
    return json;
}

} // namespace mtecheck::difftest
