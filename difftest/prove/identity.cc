// SPDX-License-Identifier: Apache-2.0
#include "difftest/prove/identity.h"

#include <stdexcept>

#include "difftest/prove/source_hashes.h"
#include "model/proofs/prover.h"
#include "model/symbolic/solver.h"

namespace mtecheck::difftest {

std::string semantics_hash() { return kSemanticsHash; }

std::string statement_hash(const model::proofs::Scenario& scenario) {
    const std::string_view name = scenario.file.substr(scenario.file.rfind('/') + 1);
    for (const StatedIn& stated : kStatedIn) {
        if (name == stated.file) return stated.hash;
    }
    throw std::logic_error("a scenario of a file that is not hashed: " + std::string(scenario.file));
}

std::string solver_name() { return "Z3 " + model::symbolic::Solver::version(); }

std::vector<std::string> proved_features() {
    std::vector<std::string> names;
    for (const auto& feature : spec::features()) {
        if (model::proofs::ProvedFeatures().has(feature.value)) names.emplace_back(feature.id);
    }
    return names;
}

} // namespace mtecheck::difftest
