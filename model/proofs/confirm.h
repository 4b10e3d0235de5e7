// SPDX-License-Identifier: Apache-2.0
//
// What a counterexample of the solver is worth: the model with plain values is run in the state that it names, and must
// break the same claim. If it does not, the two readings differ or a contract says too little, and nothing is refuted.
#pragma once

#include "model/proofs/invariant.h"

namespace mtecheck::model::proofs {

/// The scenario in one concrete state. Nothing if it is not about that state. Keeps what instructions did if asked to.
std::optional<std::vector<ConcreteSubject::Result>> run_concretely(const Scenario& scenario, unsigned variant,
                                                                   const MutationSet& mutations,
                                                                   std::shared_ptr<NativeWorld> world,
                                                                   std::vector<Execution>* executions = nullptr);

enum class Confirmation : std::uint8_t {
    confirmed,  ///< the same claim is broken
    holds,      ///< every claim of the statement that carries this text holds
    irrelevant, ///< the scenario is not about this state
};

/// Counterexamples of enumerations come from the native machine and need no confirmation: they are `confirmed`.
Confirmation confirm(const Scenario& scenario, unsigned variant, const MutationSet& mutations, std::size_t statement,
                     const Claimed& counterexample);

/// What is to stay as it is while values are simplified: the claim is broken, or says something.
enum class Keep : std::uint8_t { broken, made };

/// Makes 0 of every value and every bit that the claim does not need, and brings instructions and pages up to date.
/// What is left is what matters. Nothing is done to enumerations, nor if plain values do not show the claim so.
void simplify(const Scenario& scenario, unsigned variant, const MutationSet& mutations, std::size_t statement,
              Keep keep, Claimed& claimed);

} // namespace mtecheck::model::proofs
