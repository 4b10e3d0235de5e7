// SPDX-License-Identifier: Apache-2.0
#include "model/proofs/confirm.h"

#include <algorithm>

#include "model/proofs/prover.h"

namespace mtecheck::model::proofs {

std::optional<std::vector<ConcreteSubject::Result>> run_concretely(const Scenario& scenario, unsigned variant,
                                                                   const MutationSet& mutations,
                                                                   std::shared_ptr<NativeWorld> world) {
    ConcreteSubject subject(ProvedFeatures(), mutations, scenario.map, std::move(world), scenario.statements.size());
    try {
        scenario.concrete(subject, variant);
    } catch (const ConcreteSubject::Irrelevant&) {
        return std::nullopt;
    }
    return subject.results();
}

Confirmation confirm(const Scenario& scenario, unsigned variant, const MutationSet& mutations, std::size_t statement,
                     const Claimed& counterexample) {
    if (scenario.method == Method::enumeration) return Confirmation::confirmed;
    const auto results = run_concretely(scenario, variant, mutations, std::make_shared<ClaimedWorld>(counterexample));
    if (!results) return Confirmation::irrelevant;
    const auto& broken = results->at(statement).broken;
    const bool same =
        std::any_of(broken.begin(), broken.end(), [&](const char* text) { return counterexample.text == text; });
    return same ? Confirmation::confirmed : Confirmation::holds;
}

} // namespace mtecheck::model::proofs
