// SPDX-License-Identifier: Apache-2.0
#include "difftest/shrink/shrinker.h"

#include <algorithm>
#include <array>
#include <utility>

#include "difftest/shrink/plain.h"

namespace mtecheck::difftest {
namespace {

constexpr std::uint64_t kMaxCycles = 12;
constexpr std::size_t kExchange = 512;     // cases at a time, so that an interrupt is noticed
constexpr std::uint64_t kRunsOfEnds = 100; // when each try costs the start of a target
constexpr std::size_t kPhases = 9;

} // namespace

Shrinker::Shrinker(Examiner& examiner, Target& target, ShrinkSetup setup)
    : examiner_(examiner), target_(target), profile_(target.probe()), setup_(std::move(setup)),
      trial_(examiner, target) {}

Shrinker::Stop Shrinker::stop() const {
    if (setup_.interrupt != nullptr && *setup_.interrupt) return Stop::interrupt;
    const bool ends = progress_.cause.explained_by.empty() && progress_.cause.signature.fields.empty();
    const std::uint64_t limit = ends ? std::min(setup_.runs, kRunsOfEnds) : setup_.runs;
    return progress_.runs + (trial_.runs() - runs_before_) >= limit ? Stop::runs : Stop::no;
}

/// Which of the cases are divergences of the cause; none once it is time to stop.
std::vector<bool> Shrinker::keep_cause(const std::vector<Case>& cases) {
    std::vector<bool> kept(cases.size());
    for (std::size_t first = 0; first < cases.size() && stop() == Stop::no; first += kExchange) {
        const auto part = std::span(cases).subspan(first, std::min(kExchange, cases.size() - first));
        const auto groups = trial_.groups(part);
        for (std::size_t i = 0; i < groups.size(); ++i)
            kept[first + i] = groups[i] && same_cause(*groups[i], progress_.cause);
    }
    return kept;
}

/// Tries each edit alone, then as many of those that keep the cause as go together. Whether there was one.
bool Shrinker::sweep(const std::vector<Edit>& edits) {
    // First each alone: what fails alone is not tried with others.
    std::vector<Case> candidates;
    std::vector<const Edit*> of;
    const std::uint64_t before = cost(current_, profile_);
    for (const Edit& edit : edits) {
        Case candidate = current_;
        edit(candidate);
        if (cost(candidate, profile_) >= before) continue;
        candidates.push_back(std::move(candidate));
        of.push_back(&edit);
    }
    std::vector<const Edit*> good;
    const std::vector<bool> alone = keep_cause(candidates);
    for (std::size_t i = 0; i < alone.size(); ++i) {
        if (alone[i]) good.push_back(of[i]);
    }
    // Then the first, the first two, the first three...; the most that keep it are taken, the next one is left out.
    bool simpler = false;
    while (!good.empty()) {
        candidates.clear();
        std::vector<std::size_t> last; // edit of each candidate
        Case together = current_;
        std::uint64_t best = cost(together, profile_);
        for (std::size_t i = 0; i < good.size(); ++i) {
            Case candidate = together;
            (*good[i])(candidate);
            const std::uint64_t now = cost(candidate, profile_);
            if (now >= best) continue;
            best = now;
            together = candidate;
            candidates.push_back(std::move(candidate));
            last.push_back(i);
        }
        if (candidates.empty()) break;
        const std::vector<bool> kept = keep_cause(candidates);
        const auto longest = std::find(kept.rbegin(), kept.rend(), true);
        const auto taken = static_cast<std::size_t>(kept.rend() - longest); // so many candidates from the first on
        if (taken != 0) {
            current_ = candidates[taken - 1];
            simpler = true;
        }
        if (taken == last.size()) break;
        good.erase(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(last[taken]) + 1);
    }
    return simpler;
}

bool Shrinker::drop_instructions() {
    bool simpler = sweep(earlier_ends(current_));
    simpler = sweep(later_starts(current_, profile_)) || simpler;
    for (std::size_t length = current_.sequence.code.size() / 2; length > 0; length /= 2) {
        simpler = sweep(drops(current_, length)) || simpler;
        length = std::min(length, current_.sequence.code.size());
    }
    return simpler;
}

bool Shrinker::run_phase(std::size_t phase) {
    switch (phase) {
    case 0: return drop_instructions();
    case 1: return sweep(configuration_edits(current_, profile_));
    case 2: return sweep(memory_edits(current_));
    case 3: return sweep(register_edits(current_));
    case 4: return sweep(address_edits(current_));
    case 5: return sweep(tag_edits(current_));
    case 6: return sweep(operand_edits(current_));
    case 7: return sweep(bit_edits(current_));
    default: return sweep(byte_edits(current_));
    }
}

/// The case to begin with: the shortest prefix that shows the cause of the finding. The finding may know it by another
/// name, when other defects are known by now or the target is another one.
bool Shrinker::begin(const Finding& finding) {
    std::vector<Case> cases;
    // Each try with what ends the target costs a start of it, or a time limit.
    const auto add_prefixes = [&](const Case& from) {
        const std::size_t whole = from.sequence.code.size();
        for (std::size_t length = has_ended(finding.got) ? whole : 1; length <= whole; ++length) {
            cases.push_back(from);
            cases.back().sequence.code.resize(length);
        }
    };
    if (finding.shortest) add_prefixes(*finding.shortest);
    add_prefixes(finding.original);
    const auto groups = trial_.groups(cases);
    progress_.cause = finding.group();
    if (has_ended(finding.got))
        progress_.cause = GroupKey{{}, false, make_signature("(any)", finding.got, finding.got, {})};
    const auto shows = [&](const auto& group) { return group && same_cause(*group, progress_.cause); };
    auto found = std::find_if(groups.begin(), groups.end(), shows);
    if (found == groups.end()) {
        if (!groups.back()) return false;
        progress_.cause = *groups.back();
        found = std::find_if(groups.begin(), groups.end(), shows);
    }
    progress_.steps = {finding.original, cases[static_cast<std::size_t>(found - groups.begin())]};
    return true;
}

Shrinker::Stop Shrinker::run_phases() {
    while (progress_.cycle < kMaxCycles) {
        for (; progress_.phase < kPhases; ++progress_.phase) {
            current_ = best();
            const bool simpler = run_phase(progress_.phase);
            if (simpler) progress_.steps.push_back(current_);
            // What was tried in vain for want of time is tried again when this goes on: the phase is not over.
            if (const Stop reason = stop(); reason != Stop::no) return reason;
            progress_.simpler = progress_.simpler || simpler;
            progress_.runs += trial_.runs() - runs_before_;
            runs_before_ = trial_.runs();
            ShrinkProgress next = progress_;
            ++next.phase;
            if (setup_.checkpoint) setup_.checkpoint(next);
        }
        progress_.phase = 0;
        ++progress_.cycle;
        if (!std::exchange(progress_.simpler, false)) return Stop::no;
    }
    return Stop::runs;
}

/// Runs the last step alone on a fresh target, and describes it; if it does not show the cause there, an earlier one.
bool Shrinker::settle(Finding& finding) {
    while (progress_.steps.size() > 1) {
        target_.reset();
        const Case last = best();
        const auto group = trial_.groups({&last, 1}).front();
        if (group && same_cause(*group, progress_.cause)) {
            Finding described = finding;
            described.explained_by = group->explained_by;
            described.led_astray = group->led_astray;
            if (!has_ended(finding.got)) described.signature = group->signature;
            const Verdict::Kind kind = examiner_.show(last, described, target_);
            if (kind == Verdict::Kind::diverged || kind == Verdict::Kind::tool_trouble) {
                described.shortest = last;
                finding = std::move(described);
                return true;
            }
        }
        progress_.steps.pop_back();
    }
    return false;
}

ShrinkEnd Shrinker::shrink(Finding& finding, ShrinkProgress progress) {
    progress_ = std::move(progress);
    runs_before_ = trial_.runs();
    if (progress_.steps.empty()) {
        target_.reset();
        if (!begin(finding)) return ShrinkEnd::not_reproduced;
        progress_.runs = trial_.runs() - runs_before_;
        runs_before_ = trial_.runs();
        if (setup_.checkpoint) setup_.checkpoint(progress_);
    }
    const Stop reason = run_phases();
    if (!settle(finding)) return ShrinkEnd::not_reproduced;
    finding.shrunk = Shrunk{progress_.runs + trial_.runs() - runs_before_, reason == Stop::no};
    switch (reason) {
    case Stop::no: return ShrinkEnd::minimal;
    case Stop::runs: return ShrinkEnd::out_of_runs;
    case Stop::interrupt: return ShrinkEnd::interrupted;
    }
    return ShrinkEnd::minimal;
}

} // namespace mtecheck::difftest
