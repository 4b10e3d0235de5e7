// SPDX-License-Identifier: Apache-2.0
#include "difftest/campaign/runner.h"

#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <utility>

#include "difftest/campaign/examples.h"
#include "difftest/campaign/identity.h"
#include "difftest/core/fetch_ahead.h"
#include "difftest/paths/path_generator.h"
#include "spec/gen/dont_cares.h"

namespace mtecheck::difftest {
namespace {

constexpr std::size_t kMaxLocalised = 128; // suspects of a unit that are run again in prefixes
constexpr const char* kAnyInstruction = "(any)";
constexpr const char* kNotReproduced = "(not reproduced)";
constexpr const char* kNotLocalised = "(not localised)";
constexpr std::uint64_t kSavedEarly = 4 * kExamples; // for one look, by one worker

constexpr auto kInterrupted = spec::DontCare::InterruptedExclusive;

/// Whether the run met a store-exclusive that fits, and may fail all the same.
bool asks_about_exclusives(const Expectation& expectation) {
    return std::any_of(expectation.choices.begin(), expectation.choices.end(),
                       [](const ChoiceTaken& choice) { return choice.reason == kInterrupted; });
}

class Stopwatch {
  public:
    explicit Stopwatch(double& seconds) : seconds_(seconds), start_(Clock::now()) {}
    ~Stopwatch() { seconds_ += std::chrono::duration<double>(Clock::now() - start_).count(); }
    Stopwatch(const Stopwatch&) = delete;
    Stopwatch& operator=(const Stopwatch&) = delete;

  private:
    using Clock = std::chrono::steady_clock;
    double& seconds_;
    Clock::time_point start_;
};

} // namespace

Runner::Runner(RunnerSetup setup, std::unique_ptr<Target> target)
    : setup_(std::move(setup)), target_(std::move(target)), profile_(target_->probe()),
      examiner_(profile_, setup_.defects), generator_(make_random_generator(profile_)) {
    if (setup_.stored.paths) path_generator_ = make_path_generator(setup_.stored.paths, profile_);
    if (setup_.stored.corpus) corpus_generator_ = make_corpus_generator(setup_.stored.corpus, profile_);
    if (setup_.guided) guided_generator_ = std::make_unique<GuidedGenerator>(profile_);
    for (const Defect& defect : setup_.defects) {
        RequirementSet& set = contradicted_.emplace_back();
        for (const std::string& id : defect.requirements) {
            if (const auto requirement = spec::find_requirement(id)) set.set(static_cast<std::size_t>(*requirement));
        }
    }
}

Runner::Stretch Runner::stretch_of(const Unit& unit) const {
    const std::uint64_t before = setup_.stored.units();
    if (unit.number < before) {
        const std::uint64_t path_units = setup_.stored.path_units();
        const bool paths = unit.number < path_units;
        const std::uint64_t first = (unit.number - (paths ? 0 : path_units)) * kSequencesPerUnit;
        const std::vector<Test>& tests = paths ? setup_.stored.paths->tests() : setup_.stored.corpus->tests();
        return {.source = paths ? Source::paths : Source::guided, // which is what it was kept by
                .generator = paths ? path_generator_.get() : corpus_generator_.get(),
                .first = first,
                .tests = std::min(tests.size() - first, kSequencesPerUnit)};
    }
    const Unit drawn(unit.number - before);
    const bool guided = guided_generator_ && drawn.guided();
    return {.source = guided ? Source::guided : Source::random,
            .generator = guided ? guided_generator_.get() : generator_.get(),
            .seed = setup_.settings.seed,
            .shard = drawn.shard(),
            .first = drawn.first_index(),
            .tests = kSequencesPerUnit};
}

UnitResult Runner::run(const Unit& unit) {
    stretch_ = stretch_of(unit);
    UnitResult result;
    result.source = stretch_.source;
    const bool guided = stretch_.generator == guided_generator_.get() && guided_generator_;
    if (guided) guided_generator_->begin(*setup_.guided(stretch_.shard));
    result.requirements.resize(spec::requirement_count);
    result.encodings.resize(spec::encoding_count);
    result.coverage.resize(2 * spec::decision_count);
    result.counts.sequences = stretch_.tests;
    suspects_.clear();
    result_ = &result;
    generated_ = judged_ = 0;
    {
        const Stopwatch watch(result.target_seconds);
        TestSource& source = *this;
        OutcomeSink& sink = *this;
        target_->stream(source, sink);
    }
    check_all_taken();
    result.target_seconds -= result.generate_seconds + result.judge_seconds; // in next()
    if (guided && !guided_generator_->origins().empty()) {
        result.guided = {stretch_.shard, guided_generator_->origins(),
                         std::make_shared<const GuidedCorpus>(guided_generator_->corpus())};
    }
    const Stopwatch watch(result.judge_seconds);
    while (judged_ < generated_) judge(judged_++, result);
    save_seen(result);
    localise(result);
    const TargetStatistics now = target_->statistics();
    result.target_cpu_seconds = now.cpu_seconds - counted_.cpu_seconds;
    result.target_restarts = now.restarts - counted_.restarts;
    counted_ = now;
    return result;
}

/// What has no outcome must not go by as one that agreed.
void Runner::check_all_taken() {
    bool all = generated_ * kPartSequences >= stretch_.tests;
    for (std::size_t number = judged_; number < generated_; ++number) all = all && part(number).untaken == 0;
    if (!all) throw std::logic_error("a target did not hand over the outcome of each case");
}

/// The next part, in the place of one of which all outcomes have been taken. What has been taken since the last time is
/// judged while it is in the caches.
std::span<const Test> Runner::next() {
    {
        const Stopwatch watch(result_->judge_seconds);
        while (judged_ < generated_ && part(judged_).untaken == 0) judge(judged_++, *result_);
    }
    if (generated_ * kPartSequences >= stretch_.tests) return {};
    if (generated_ - judged_ == kKept) throw std::logic_error("a target asks for tests before it ran those it has");
    const Stopwatch watch(result_->generate_seconds);
    Part& next = part(generated_);
    generate(next);
    ++generated_;
    return next.tests;
}

void Runner::generate(Part& part) {
    part.different.clear();
    const std::size_t done = generated_ * kPartSequences;
    const std::size_t count = std::min(kPartSequences, stretch_.tests - done);
    part.tests.resize(count);
    part.expectations.resize(count);
    stretch_.generator->generate(stretch_.seed, stretch_.shard, stretch_.first + done, part.tests, part.expectations);
    part.untaken = 0;
    for (const Test& test : part.tests) part.untaken += test.states.size();
}

void Runner::count(const Coverage& coverage, std::uint64_t cases, const RequirementSet& diverged, UnitResult& result) {
    coverage.decisions.each([&](std::size_t i) { result.coverage[i] += cases; });
    each_bit(coverage.encodings, [&](std::size_t i) { result.encodings[i] += cases; });
    each_bit(requirements_.exercised(coverage) | diverged,
             [&](std::size_t i) { result.requirements[i].exercised += cases; });
    each_bit(diverged, [&](std::size_t i) { result.requirements[i].diverged += cases; });
}

/// Cases of a sequence that met the same are counted together: to find out that they did costs less than to count.
void Runner::note_agreed(const Coverage& coverage) {
    const auto same = std::find_if(agreed_.rbegin(), agreed_.rend(),
                                   [&](const Agreed& agreed) { return *agreed.coverage == coverage; });
    if (same != agreed_.rend()) {
        ++same->cases;
    } else {
        agreed_.push_back({&coverage, 1});
    }
}

/// The paths of a case of the path corpus count as exercised, whatever came of it.
void Runner::note_paths(const Place& place, bool agreed, UnitResult& result) const {
    if (stretch_.source != Source::paths) return;
    const auto& numbers = setup_.stored.paths->paths_of(stretch_.first + place.test, place.state);
    auto& to = agreed ? result.paths_agreed : result.paths_diverged;
    to.insert(to.end(), numbers.begin(), numbers.end());
}

/// A divergence speaks against the requirements of the defects that explain it. As long as none does, it may be any
/// that the case exercises. Of a run that was led astray nothing else is known: it counts for no other requirement.
void Runner::count_divergence(const Coverage& coverage, const Explanation& explanation, UnitResult& result) {
    RequirementSet diverged;
    for (const std::size_t defect : explanation.defects) diverged |= contradicted_[defect];
    if (explanation.defects.empty()) diverged = requirements_.exercised(coverage);
    if (explanation.led_astray) {
        each_bit(diverged, [&](std::size_t i) {
            ++result.requirements[i].exercised;
            ++result.requirements[i].diverged;
        });
    } else {
        count(coverage, 1, diverged, result);
    }
}

/// Only what differs is kept: most cases are compared where the target has just put them, and forgotten.
void Runner::take(std::size_t test, std::size_t state, const OutcomeView& got) {
    Part& part = part_of(test);
    --part.untaken;
    const std::vector<Expectation>& expectations = part.expectations[test % kPartSequences];
    if (state + 2 < expectations.size()) fetch_ahead<Use::read>(expectations[state + 2]);
    if (!agrees(expectations[state], got)) part.different.push_back({{test, state}, got.copy()});
}

void Runner::judge(std::size_t number, UnitResult& result) {
    Part& part = this->part(number);
    const auto in_order = [](const Difference& a, const Difference& b) { return a.place < b.place; };
    std::sort(part.different.begin(), part.different.end(), in_order);
    auto next = part.different.begin();
    for (std::size_t i = 0; i < part.tests.size(); ++i) {
        const std::size_t test = number * kPartSequences + i;
        const std::size_t first_of_test = suspects_.size();
        bool loaded = next != part.different.end() && next->place.test == test;
        if (loaded) examiner_.load(part.tests[i].sequence);
        for (std::size_t k = 0; k < part.tests[i].states.size(); ++k) {
            ++result.counts.cases;
            if (next != part.different.end() && next->place == Place{test, k}) {
                judge_difference(*next++, first_of_test, result);
                continue;
            }
            const Expectation& expectation = part.expectations[i][k];
            ++result.counts.agreed;
            result.counts.instructions += expectation.steps;
            note_agreed(expectation.coverage);
            note_paths({test, k}, true, result);
            if (!asks_about_exclusives(expectation)) continue;
            if (!std::exchange(loaded, true)) examiner_.load(part.tests[i].sequence);
            const bool told = examiner_.depends_on(part.tests[i].states[k], expectation, kInterrupted);
            result.store_exclusives.passed += told ? 1 : 0;
        }
        for (const Agreed& agreed : agreed_) count(*agreed.coverage, agreed.cases, {}, result);
        agreed_.clear();
    }
}

/// A case that is not what the model expects at first.
void Runner::judge_difference(const Difference& difference, std::size_t first_of_test, UnitResult& result) {
    const auto [test, state_index] = difference.place;
    const Part& part = part_of(test);
    const State& state = part.tests[test % kPartSequences].states[state_index];
    const Outcome& got = difference.got;
    const Expectation& expectation = part.expectations[test % kPartSequences][state_index];
    const Verdict verdict = examiner_.rule(state, got, expectation);
    if (verdict.kind == Verdict::Kind::not_applicable) {
        ++result.counts.unsupported;
        ++result.unsupported[verdict.note];
        return;
    }
    if (!expectation.predicted || expectation.escaped || verdict.kind == Verdict::Kind::open) {
        ++result.counts.untestable;
        return;
    }
    result.counts.instructions += expectation.steps;
    note_paths(difference.place, verdict.agreed(), result);
    if (verdict.agreed()) {
        count(expectation.coverage, 1, {}, result);
        ++result.counts.agreed;
        ++result.counts.agreed_by_choice;
        bool failed = false;
        for (const ChoiceTaken& choice : verdict.choices) {
            if (choice.taken != 0) ++result.choices[std::string(spec::info(choice.reason).name)];
            failed = failed || (choice.taken != 0 && choice.reason == kInterrupted);
        }
        result.store_exclusives.failed += failed ? 1 : 0;
        return;
    }
    Suspect suspect;
    suspect.first = difference.place;
    suspect.cases = 1;
    if (verdict.kind == Verdict::Kind::diverged) suspect.explanation = examiner_.explain_ruled();
    count_divergence(expectation.coverage, suspect.explanation, result);
    if (!suspect.explained()) {
        ++result.counts.unexplained;
        suspect.signature = verdict.kind == Verdict::Kind::diverged
                                ? examiner_.signature_of(kAnyInstruction, state, got)
                                : make_signature(kAnyInstruction, expectation.outcome, got, verdict);
    } else if (suspect.explanation.led_astray) {
        ++result.counts.led_astray;
    } else {
        ++result.counts.explained;
    }
    const auto same = std::find_if(
        suspects_.begin() + static_cast<std::ptrdiff_t>(first_of_test), suspects_.end(), [&](const Suspect& other) {
            return other.explanation == suspect.explanation && other.signature == suspect.signature;
        });
    if (same == suspects_.end()) {
        suspect.sequence = part.tests[test % kPartSequences].sequence;
        suspect.state = state;
        suspect.got = got;
        suspects_.push_back(std::move(suspect));
    } else {
        ++same->cases;
    }
}

std::string Runner::case_id(const Place& place) const {
    return std::string(stretch_.generator->name()) + "/" + std::to_string(stretch_.seed) + "/" +
           std::to_string(stretch_.shard) + "/" + std::to_string(stretch_.first + place.test) + "/" +
           std::to_string(place.state);
}

Finding Runner::seen(const Suspect& suspect) const {
    const auto [test, state] = suspect.first;
    Finding finding;
    finding.original.id = case_id(suspect.first);
    finding.original.sequence = suspect.sequence;
    finding.original.state = suspect.state;
    finding.batch = Batch{.generator = std::string(stretch_.generator->name()),
                          .stream = stream_version(),
                          .seed = stretch_.seed,
                          .shard = stretch_.shard,
                          .first = stretch_.first,
                          .sequences = stretch_.tests,
                          .sequence = test,
                          .state = state};
    finding.target = setup_.settings.target;
    finding.version = profile_.version;
    finding.got = suspect.got;
    finding.note = finding.got.note;
    finding.signature = suspect.signature;
    finding.explained_by = examiner_.ids(suspect.explanation);
    finding.led_astray = suspect.explanation.led_astray;
    return finding;
}

GroupKey Runner::key_of(const Suspect& suspect) const {
    return {examiner_.ids(suspect.explanation), suspect.explanation.led_astray, suspect.signature};
}

/// Writes down what may become an example, before anything else is done with it.
void Runner::save_seen(UnitResult& result) {
    std::map<GroupKey, std::size_t> explained; // how often in this unit
    for (const Suspect& suspect : suspects_) {
        if (!setup_.left.empty()) {
            // Before it was killed, the campaign may have wanted what it does not want now; it is no stray.
            std::string id = case_id(suspect.first);
            if (setup_.left.contains(file_name(id))) {
                result.saved.push_back(std::move(id));
                continue;
            }
        }
        if (suspect.explained()) {
            const GroupKey key = key_of(suspect);
            if (explained[key]++ >= kExamples || !setup_.wanted(key)) continue;
        } else if (saved_[suspect.signature]++ >= kSavedEarly) {
            continue;
        }
        const Finding finding = seen(suspect);
        save(finding, setup_.findings);
        result.saved.push_back(finding.original.id);
    }
}

/// Names each unexplained suspect after the first prefix of its code that diverges, and enters all in groups.
void Runner::localise(UnitResult& result) {
    struct Probe {
        std::size_t suspect = 0;
        std::size_t length = 0;
    };
    std::vector<Probe> probes;
    std::vector<Test> tests;
    std::size_t localised = 0;
    for (std::size_t i = 0; i < suspects_.size(); ++i) {
        if (suspects_[i].explained() || !has_state(suspects_[i].got.status)) continue;
        if (++localised > kMaxLocalised) {
            suspects_[i].signature.instruction = kNotLocalised;
            continue;
        }
        suspects_[i].signature.instruction = kNotReproduced; // until a prefix shows it again
        const Sequence& sequence = suspects_[i].sequence;
        for (std::size_t length = 1; length <= sequence.code.size(); ++length) {
            probes.push_back({i, length});
            tests.push_back({prefix(sequence, length), {suspects_[i].state}});
        }
    }
    if (!tests.empty()) {
        std::vector<std::vector<Outcome>> outcomes;
        target_->run(tests, outcomes);
        for (std::size_t i = 0; i < probes.size(); ++i) {
            Suspect& suspect = suspects_[probes[i].suspect];
            if (suspect.signature.instruction != kNotReproduced) continue;
            const auto found =
                examiner_.signature_at(tests[i].sequence, probes[i].length, tests[i].states[0], outcomes[i][0]);
            if (found) suspect.signature = *found;
        }
    }
    for (const Suspect& suspect : suspects_) enter(suspect, result);
}

void Runner::enter(const Suspect& suspect, UnitResult& result) {
    const GroupKey key = key_of(suspect);
    UnitGroup& group = result.groups[key];
    group.cases += suspect.cases;
    if (group.candidates.size() >= kExamples || !setup_.wanted(key)) return;
    Finding finding = seen(suspect);
    if (std::find(result.saved.begin(), result.saved.end(), finding.original.id) == result.saved.end()) {
        save(finding, setup_.findings);
        result.saved.push_back(finding.original.id);
    }
    group.candidates.push_back(std::move(finding));
}

} // namespace mtecheck::difftest
