// SPDX-License-Identifier: Apache-2.0
//
// One worker of a campaign: generates the sequences of a unit, runs them on its own target, judges the outcomes, and
// groups what diverges.
//
// What one bug is, is decided here, cheaply for the many cases and carefully for the few: known defects explain a
// divergence by the model's mutations alone; what none explains is run again on the target in prefixes of growing
// length, and named after the first instruction with which it diverges.
#pragma once

#include <compare>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "difftest/campaign/engine.h"
#include "difftest/campaign/requirement_counter.h"
#include "difftest/campaign/settings.h"
#include "difftest/campaign/stored_tests.h"
#include "difftest/core/fetch_ahead.h"
#include "difftest/core/target.h"
#include "difftest/findings/examiner.h"
#include "difftest/generate/generator.h"
#include "difftest/guided/guided_generator.h"

namespace mtecheck::difftest {

struct RunnerSetup {
    Settings settings;
    std::vector<Defect> defects;    // that apply to the target
    std::filesystem::path findings; // the directory into which what is seen is saved at once
    /// Whether candidates for this group are still wanted. Only saves work: what it says may be out of date.
    std::function<bool(const GroupKey&)> wanted;
    StoredTests stored; // what the first units run
    /// What guided units of a shard begin with; none: no unit is guided.
    std::function<std::shared_ptr<const GuidedCorpus>(std::uint32_t)> guided;
    std::set<std::string> left; // files of findings that a process before this one saved and did not account for
};

class Runner final : public UnitWorker, private TestSource, private OutcomeSink {
  public:
    Runner(RunnerSetup setup, std::unique_ptr<Target> target);
    UnitResult run(const Unit& unit) override;

  private:
    static_assert(kSequencesPerUnit % kPartSequences == 0);

    /// What a unit runs: consecutive tests of a generator.
    struct Stretch {
        Source source = Source::random;
        Generator* generator = nullptr;
        std::uint64_t seed = 0;
        std::uint32_t shard = 0;
        std::uint64_t first = 0;
        std::size_t tests = 0;
    };
    struct Place { // of a case in the unit
        std::size_t test = 0;
        std::size_t state = 0;
        auto operator<=>(const Place&) const = default;
    };
    struct Difference {
        Place place;
        Outcome got;
    };
    struct Part {
        std::vector<Test> tests{kPartSequences};
        std::vector<std::vector<Expectation>> expectations{kPartSequences}; // of the states of each test
        std::vector<Difference> different;                                  // from what the model expects at first
        std::size_t untaken = 0;                                            // cases whose outcomes are to come
    };
    /// Agreeing cases of one sequence that met the same.
    struct Agreed {
        const Coverage* coverage = nullptr;
        std::uint64_t cases = 0;
    };
    /// Divergences of one sequence that look alike.
    struct Suspect {
        Place first;
        Sequence sequence;
        State state;
        Outcome got;
        Signature signature; // refined when it is localised
        std::uint64_t cases = 0;
        Explanation explanation;
        bool explained() const { return !explanation.defects.empty(); }
    };

    Stretch stretch_of(const Unit& unit) const;
    void note_paths(const Place& place, bool agreed, UnitResult& result) const;
    void check_all_taken();
    std::span<const Test> next() override;
    void generate(Part& part);
    Part& part(std::size_t number) { return parts_[number % kKept]; }
    Part& part_of(std::size_t test) { return part(test / kPartSequences); }
    void take(std::size_t test, std::size_t state, const OutcomeView& got) override;
    void judge(std::size_t number, UnitResult& result);
    void judge_difference(const Difference& difference, std::size_t first_of_test, UnitResult& result);
    void count(const Coverage& coverage, std::uint64_t cases, const RequirementSet& diverged, UnitResult& result);
    void note_agreed(const Coverage& coverage);
    void count_divergence(const Coverage& coverage, const Explanation& explanation, UnitResult& result);
    GroupKey key_of(const Suspect& suspect) const;
    std::string case_id(const Place& place) const;
    void save_seen(UnitResult& result);
    void localise(UnitResult& result);
    void enter(const Suspect& suspect, UnitResult& result);
    Finding seen(const Suspect& suspect) const;

    RunnerSetup setup_;
    std::unique_ptr<Target> target_;
    Profile profile_;
    Examiner examiner_;
    std::unique_ptr<Generator> generator_;
    std::unique_ptr<Generator> path_generator_;         // if there is a path corpus
    std::unique_ptr<Generator> corpus_generator_;       // if there is a corpus
    std::unique_ptr<GuidedGenerator> guided_generator_; // if units are guided
    RequirementCounter requirements_;
    std::vector<RequirementSet> contradicted_; // by each defect
    Part parts_[kKept];                        // the last ones, by turns
    std::size_t generated_ = 0;                // parts of the unit
    std::size_t judged_ = 0;
    Stretch stretch_; // that runs, and its result
    UnitResult* result_ = nullptr;
    std::vector<Agreed> agreed_;
    std::vector<Suspect> suspects_;
    TargetStatistics counted_;                 // of the target, up to the last unit
    std::map<Signature, std::uint64_t> saved_; // how often this worker saved one that looks so
};

} // namespace mtecheck::difftest
