// SPDX-License-Identifier: Apache-2.0
//
// What a counterexample of the solver is worth: the model with plain values is run in the state that it names, and must
// break the same claim. If it does not, the two readings differ or a contract says too little, and nothing is refuted.
#pragma once

#include "model/proofs/invariant.h"

namespace mtecheck::model::proofs {

/// The scenario in one concrete state. Nothing if it is not about that state.
std::optional<std::vector<ConcreteSubject::Result>> run_concretely(const Scenario& scenario, unsigned variant,
                                                                   const MutationSet& mutations,
                                                                   std::shared_ptr<NativeWorld> world);

enum class Confirmation : std::uint8_t {
    confirmed,  ///< the same claim is broken
    holds,      ///< every claim of the statement that carries this text holds
    irrelevant, ///< the scenario is not about this state
};

/// Counterexamples of enumerations come from the native machine and need no confirmation: they are `confirmed`.
Confirmation confirm(const Scenario& scenario, unsigned variant, const MutationSet& mutations, std::size_t statement,
                     const Claimed& counterexample);

} // namespace mtecheck::model::proofs
