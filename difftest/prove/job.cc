// SPDX-License-Identifier: Apache-2.0
#include "difftest/prove/job.h"

#include <ctime>

namespace mtecheck::difftest {
namespace {

using namespace model::proofs;

double thread_seconds() {
    std::timespec now{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

} // namespace

std::string Job::name() const {
    std::string text = std::string(scenario->name) + "/" + scenario->variants.at(variant);
    if (mutation) text += "/" + std::string(spec::info(*mutation).id);
    return text;
}

Verdict JobOutcome::verdict(std::size_t statement) const {
    const ProvedPart& part = statements.at(statement);
    return verdict_of(part.counterexample.has_value(), part.unknown, complete);
}

JobOutcome run_job(const Job& job, const std::function<bool()>& stop, const QueryObserver& on_query) {
    const double start = thread_seconds();
    Task task;
    task.scenario = job.scenario;
    task.variant = job.variant;
    if (job.mutation) task.mutations.add(*job.mutation);
    task.statements = job.statements;
    JobOutcome outcome;
    task.stop = [&] {
        if (stop && stop()) outcome.stopped = true;
        return outcome.stopped;
    };
    if (on_query) {
        task.on_query = [&](const std::string& smt2, model::symbolic::Answer answer) { on_query(job, smt2, answer); };
    }
    TaskResult result = prove(task);
    outcome.paths = result.paths;
    outcome.abandoned = result.abandoned;
    outcome.queries = result.queries;
    outcome.complete = result.complete;
    outcome.consulted = result.consulted;
    for (std::size_t i = 0; i < result.statements.size(); ++i) {
        StatementResult& from = result.statements[i];
        ProvedPart part{from.claims, from.unknown, std::move(from.witness), std::move(from.counterexample), {}};
        if (part.counterexample) {
            part.confirmation = confirm(*job.scenario, job.variant, task.mutations, i, *part.counterexample);
            if (part.confirmation == Confirmation::confirmed) {
                simplify(*job.scenario, job.variant, task.mutations, i, Keep::broken, *part.counterexample);
            }
        }
        if (part.witness) simplify(*job.scenario, job.variant, task.mutations, i, Keep::made, *part.witness);
        outcome.statements.push_back(std::move(part));
    }
    outcome.seconds = thread_seconds() - start;
    return outcome;
}

} // namespace mtecheck::difftest
