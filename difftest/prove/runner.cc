// SPDX-License-Identifier: Apache-2.0
#include "difftest/prove/runner.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <limits>
#include <mutex>
#include <set>
#include <thread>

namespace mtecheck::difftest {
namespace {

using namespace model::proofs;
using Clock = std::chrono::steady_clock;

/// What is found about one scenario while jobs run.
struct Part {
    SelectedScenario selected;
    std::vector<JobOutcome> proofs; ///< by variant
    std::size_t to_prove = 0;       ///< variants whose proof has not ended
    struct Fault {
        spec::Mutation mutation{};
        std::vector<bool> statements;   ///< that it is tried on
        std::vector<bool> expected;     ///< those that say that it breaks them
        std::vector<FaultTrial> trials; ///< by statement
        double seconds = 0;
    };
    std::vector<Fault> faults;
};

class Runner {
  public:
    Runner(const Selection& selection, const ProofSettings& settings, const std::atomic<bool>& interrupted)
        : settings_(settings), interrupted_(interrupted) {
        for (const SelectedScenario& selected : selection.scenarios) {
            Part& part = parts_.emplace_back();
            part.selected = selected;
            part.proofs.resize(selected.scenario->variants.size());
            part.to_prove = part.proofs.size();
        }
        for (Part& part : parts_) {
            for (unsigned variant = 0; variant < part.proofs.size(); ++variant) {
                const Job job{part.selected.scenario, variant, std::nullopt, part.selected.statements};
                add(job.name(), cost_of(job), [this, &part, job] { prove_variant(part, job); });
            }
        }
    }

    void run(const std::function<void(const ProofProgress&)>& show) {
        std::vector<std::thread> threads;
        for (unsigned i = 0; i < std::max(1U, settings_.workers); ++i) threads.emplace_back([this] { work(); });
        {
            std::unique_lock<std::mutex> locked(lock_);
            while (!finished()) {
                changed_.wait_for(locked, std::chrono::milliseconds(200));
                if (show)
                    show({done_, done_ + queue_.size() + running_.size(), running_.empty() ? "" : *running_.begin()});
            }
        }
        for (std::thread& thread : threads) thread.join();
        if (error_) std::rethrow_exception(error_);
    }

    Proofs result(const Selection& selection) const;

  private:
    struct Item {
        double cost = 0;
        std::uint64_t number = 0; ///< in the order in which they were added
        std::string name;
        std::function<void()> run;
        bool operator<(const Item& other) const {
            return cost != other.cost ? cost > other.cost : number < other.number;
        }
    };

    bool stopping() const { return interrupted_ || error_; }
    bool finished() const { return running_.empty() && (queue_.empty() || stopping()); }

    /// What is not known yet goes first: it may be the longest.
    double cost_of(const Job& job) const {
        const double seconds = settings_.cache != nullptr ? settings_.cache->seconds_of(job) : 0;
        return seconds > 0 ? seconds : std::numeric_limits<double>::max();
    }
    void add(std::string name, double cost, std::function<void()> run) {
        queue_.insert({cost, added_++, std::move(name), std::move(run)});
        changed_.notify_all();
    }

    void work();
    JobOutcome outcome_of(const Job& job);
    void prove_variant(Part& part, const Job& job);
    void add_faults(Part& part);
    void try_fault(Part& part, Part::Fault& fault);

    const ProofSettings& settings_;
    const std::atomic<bool>& interrupted_;
    std::vector<Part> parts_;

    mutable std::mutex lock_; // of what follows, and of Part::to_prove and faults while jobs run
    std::condition_variable changed_;
    std::set<Item> queue_;
    std::multiset<std::string> running_;
    std::uint64_t added_ = 0;
    std::uint64_t done_ = 0;
    std::atomic<std::uint64_t> jobs_ = 0;
    std::atomic<std::uint64_t> cached_ = 0;
    std::exception_ptr error_;
};

void Runner::work() {
    std::unique_lock<std::mutex> locked(lock_);
    for (;;) {
        changed_.wait(locked, [&] { return finished() || stopping() || !queue_.empty(); });
        if (queue_.empty() || stopping()) {
            changed_.notify_all();
            return;
        }
        const Item item = *queue_.begin();
        queue_.erase(queue_.begin());
        const auto mine = running_.insert(item.name);
        locked.unlock();
        std::exception_ptr error;
        try {
            item.run();
        } catch (...) {
            error = std::current_exception();
        }
        locked.lock();
        running_.erase(mine);
        ++done_;
        if (error && !error_) error_ = error;
        changed_.notify_all();
    }
}

JobOutcome Runner::outcome_of(const Job& job) {
    ++jobs_;
    if (settings_.cache != nullptr && !settings_.on_query) {
        if (std::optional<JobOutcome> known = settings_.cache->find(job)) {
            ++cached_;
            return std::move(*known);
        }
    }
    const auto limit = Clock::now() + std::chrono::duration<double>(settings_.timeout);
    const auto stop = [&] { return interrupted_ || (settings_.timeout > 0 && Clock::now() > limit); };
    JobOutcome outcome = run_job(job, stop, settings_.on_query);
    if (settings_.cache != nullptr) settings_.cache->store(job, outcome);
    return outcome;
}

void Runner::prove_variant(Part& part, const Job& job) {
    part.proofs[job.variant] = outcome_of(job);
    const std::lock_guard<std::mutex> locked(lock_);
    if (--part.to_prove == 0 && settings_.faults != Faults::none && !stopping()) add_faults(part);
}

void Runner::add_faults(Part& part) {
    const Scenario& scenario = *part.selected.scenario;
    model::MutationSet consulted;
    for (const JobOutcome& proof : part.proofs) consulted |= proof.consulted;
    for (const auto& mutation : spec::mutations()) {
        Part::Fault fault;
        fault.mutation = mutation.value;
        bool any = false;
        for (std::size_t i = 0; i < scenario.statements.size(); ++i) {
            const auto& dies_under = scenario.statements[i].dies_under;
            const bool expected = part.selected.statements[i] &&
                                  std::find(dies_under.begin(), dies_under.end(), mutation.value) != dies_under.end();
            const bool tried = expected || (settings_.faults == Faults::all && part.selected.statements[i] &&
                                            consulted.has(mutation.value));
            fault.expected.push_back(expected);
            fault.statements.push_back(tried);
            fault.trials.push_back({.mutation = mutation.value, .expected = expected, .counterexample = {}});
            any = any || tried;
        }
        if (any) part.faults.push_back(std::move(fault));
    }
    for (Part::Fault& fault : part.faults) {
        double cost = 0;
        for (unsigned variant = 0; variant < part.proofs.size(); ++variant) {
            cost = std::max(cost, cost_of({&scenario, variant, fault.mutation, fault.statements}));
        }
        add(std::string(scenario.name) + " with " + std::string(spec::info(fault.mutation).id), cost,
            [this, &part, &fault] { try_fault(part, fault); });
    }
}

void Runner::try_fault(Part& part, Part::Fault& fault) {
    const Scenario& scenario = *part.selected.scenario;
    std::vector<bool> left = fault.statements;
    std::vector<bool> open(left.size()); // about which some variant gave no answer
    for (unsigned variant = 0; variant < part.proofs.size(); ++variant) {
        if (std::find(left.begin(), left.end(), true) == left.end()) break;
        const JobOutcome& proof = part.proofs[variant];
        if (scenario.method != Method::enumeration && proof.complete && !proof.consulted.has(fault.mutation)) continue;
        const JobOutcome outcome = outcome_of({&scenario, variant, fault.mutation, left});
        fault.seconds += outcome.seconds;
        if (interrupted_) return;
        for (std::size_t i = 0; i < left.size(); ++i) {
            if (!left[i]) continue;
            const Verdict verdict = outcome.verdict(i);
            if (verdict == Verdict::unknown) open[i] = true;
            if (verdict != Verdict::refuted) continue;
            const ProvedPart& found = outcome.statements[i];
            fault.trials[i].result = found.confirmation == Confirmation::confirmed ? FaultTrial::Result::killed
                                                                                   : FaultTrial::Result::not_shown;
            fault.trials[i].variant = variant;
            fault.trials[i].counterexample = found.counterexample;
            left[i] = false;
        }
    }
    for (std::size_t i = 0; i < left.size(); ++i) {
        if (left[i]) fault.trials[i].result = open[i] ? FaultTrial::Result::unknown : FaultTrial::Result::survived;
    }
}

InvariantRow row_of(const Part& part, std::size_t number) {
    InvariantRow row;
    row.scenario = part.selected.scenario;
    row.number = number;
    row.verdict = Verdict::proved;
    for (unsigned variant = 0; variant < part.proofs.size(); ++variant) {
        const JobOutcome& proof = part.proofs[variant];
        if (proof.statements.empty()) { // it was not run
            if (row.verdict == Verdict::proved) row.verdict = Verdict::unknown;
            continue;
        }
        const ProvedPart& found = proof.statements[number];
        row.claims += found.claims;
        if (!row.witness && found.witness) {
            row.witness = found.witness;
            row.witness_variant = variant;
        }
        const Verdict verdict = proof.verdict(number);
        if (verdict == Verdict::refuted && row.verdict != Verdict::refuted) {
            row.verdict = Verdict::refuted;
            row.counterexample = found.counterexample;
            row.counterexample_variant = variant;
            row.confirmed = found.confirmation == Confirmation::confirmed;
        } else if (verdict == Verdict::unknown && row.verdict == Verdict::proved) {
            row.verdict = Verdict::unknown;
        }
    }
    for (const Part::Fault& fault : part.faults) {
        if (fault.statements[number]) row.trials.push_back(fault.trials[number]);
    }
    return row;
}

Proofs Runner::result(const Selection& selection) const {
    Proofs proofs;
    proofs.everything = selection.everything;
    proofs.mutations = settings_.faults != Faults::none;
    proofs.interrupted = interrupted_;
    proofs.jobs = jobs_;
    proofs.cached_jobs = cached_;
    for (const Part& part : parts_) {
        ScenarioRow& row = proofs.scenarios.emplace_back();
        row.scenario = part.selected.scenario;
        for (const JobOutcome& proof : part.proofs) {
            row.timed_out += proof.stopped && !interrupted_ ? 1U : 0U;
            row.variants += proof.statements.empty() ? 0U : 1U;
            row.paths += proof.paths;
            row.queries += proof.queries;
            row.seconds += proof.seconds;
        }
        for (const Part::Fault& fault : part.faults) proofs.mutation_seconds += fault.seconds;
        for (std::size_t i = 0; i < part.selected.statements.size(); ++i) {
            if (part.selected.statements[i]) row.invariants.push_back(row_of(part, i));
        }
    }
    return proofs;
}

} // namespace

Proofs run_proofs(const Selection& selection, const ProofSettings& settings, const std::atomic<bool>& interrupted,
                  const std::function<void(const ProofProgress&)>& show) {
    Runner runner(selection, settings, interrupted);
    runner.run(show);
    if (settings.cache != nullptr) settings.cache->write_times();
    return runner.result(selection);
}

} // namespace mtecheck::difftest
