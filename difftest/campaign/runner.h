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
#include "difftest/core/target.h"
#include "difftest/findings/examiner.h"
#include "difftest/generate/generator.h"

namespace mtecheck::difftest {

inline constexpr std::size_t kExamples = 3; // findings kept for each group

struct RunnerSetup {
    Settings settings;
    std::vector<Defect> defects;    // that apply to the target
    std::filesystem::path findings; // the directory into which what is seen is saved at once
    /// Whether candidates for this group are still wanted. Only saves work: what it says may be out of date.
    std::function<bool(const GroupKey&)> wanted;
    std::set<std::string> left; // files of findings that a process before this one saved and did not account for
};

class Runner final : public UnitWorker, private OutcomeSink {
  public:
    Runner(RunnerSetup setup, std::unique_ptr<Target> target);
    UnitResult run(const Unit& unit) override;

  private:
    struct Place { // of a case in the unit
        std::size_t test = 0;
        std::size_t state = 0;
        auto operator<=>(const Place&) const = default;
    };
    /// Agreeing cases of one sequence that met the same.
    struct Agreed {
        const Coverage* coverage = nullptr;
        std::uint64_t cases = 0;
    };
    /// Divergences of one sequence that look alike.
    struct Suspect {
        Place first;
        Signature signature; // refined when it is localised
        std::uint64_t cases = 0;
        Explanation explanation;
        bool explained() const { return !explanation.defects.empty(); }
    };

    void generate(const Unit& unit, UnitResult& result);
    void take(std::size_t test, std::size_t state, const Outcome& got) override;
    void judge(UnitResult& result);
    void judge_difference(const Place& place, std::size_t first_of_test, UnitResult& result);
    void count(const Coverage& coverage, std::uint64_t cases, const RequirementSet& diverged, UnitResult& result);
    void note_agreed(const Coverage& coverage);
    void count_divergence(const Coverage& coverage, const Explanation& explanation, UnitResult& result);
    GroupKey key_of(const Suspect& suspect) const;
    std::string case_id(const Unit& unit, const Place& place) const;
    void save_seen(const Unit& unit, UnitResult& result);
    void localise(const Unit& unit, UnitResult& result);
    void enter(const Unit& unit, const Suspect& suspect, UnitResult& result);
    Finding seen(const Unit& unit, const Suspect& suspect) const;

    RunnerSetup setup_;
    std::unique_ptr<Target> target_;
    Profile profile_;
    Examiner examiner_;
    std::unique_ptr<Generator> generator_;
    RequirementCounter requirements_;
    std::vector<RequirementSet> contradicted_; // by each defect
    std::vector<Test> tests_;
    std::vector<std::vector<Expectation>> expectations_; // of the states of each test
    std::vector<Place> different_;                       // cases that are not what the model expects at first
    std::vector<std::vector<Outcome>> outcomes_;         // of these, by test and state
    std::vector<Agreed> agreed_;
    std::vector<Suspect> suspects_;
    TargetStatistics counted_;                 // of the target, up to the last unit
    std::map<Signature, std::uint64_t> saved_; // how often this worker saved one that looks so
};

} // namespace mtecheck::difftest
