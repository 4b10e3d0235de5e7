// SPDX-License-Identifier: Apache-2.0
#include "model/proofs/prover.h"

namespace mtecheck::model::proofs {

FeatureSet ProvedFeatures() {
    FeatureSet set;
    for (const auto& feature : spec::features()) set.add(feature.value);
    for (const spec::Feature later :
         {spec::Feature::FEAT_MTE4, spec::Feature::FEAT_MTE_CANONICAL_TAGS, spec::Feature::FEAT_MTE_NO_ADDRESS_TAGS,
          spec::Feature::FEAT_MTE_PERM, spec::Feature::FEAT_MTE_STORE_ONLY, spec::Feature::FEAT_MTE_TAGGED_FAR}) {
        set.remove(later);
    }
    return set;
}

Verdict TaskResult::verdict(std::size_t statement) const {
    const StatementResult& result = statements.at(statement);
    return verdict_of(result.counterexample.has_value(), result.unknown, complete);
}

TaskResult prove(const Task& task) {
    symbolic::Terms terms;
    const symbolic::CurrentTerms here(terms);
    symbolic::Explorer explorer(terms);
    explorer.observe(task.on_query);
    explorer.stop_when(task.stop);
    SymbolicSubject subject(ProvedFeatures(), task.mutations, task.scenario->map);
    subject.ask(task.statements);
    const symbolic::Exploration exploration = explorer.explore(
        [&] {
            if (task.stop && task.stop()) return false; // paths that ask nothing
            subject.start();
            task.scenario->symbolic(subject, task.variant);
            return !subject.all_refuted();
        },
        task.max_paths);
    return {.paths = exploration.paths,
            .abandoned = exploration.abandoned,
            .queries = explorer.queries(),
            .complete = exploration.complete && exploration.undecided == 0,
            .consulted = subject.consulted(),
            .statements = subject.results()};
}

} // namespace mtecheck::model::proofs
