// SPDX-License-Identifier: Apache-2.0
#include "difftest/shrink/trial.h"

#include <utility>

#include "difftest/shrink/edits.h"

namespace mtecheck::difftest {
namespace {

constexpr const char* kNoInstruction = "(any)";

bool names_instruction(const Signature& signature) { return !signature.instruction.starts_with('('); }

} // namespace

bool same_cause(const GroupKey& a, const GroupKey& b) {
    if (a.explained_by != b.explained_by || a.led_astray != b.led_astray) return false;
    if (!a.explained_by.empty()) return true;
    if (names_instruction(a.signature) && names_instruction(b.signature)) return a.signature == b.signature;
    return a.signature.expected == b.signature.expected && a.signature.got == b.signature.got &&
           a.signature.fields == b.signature.fields;
}

bool Trial::runnable(const Case& value) {
    if (value.sequence.code.empty() || !branches_lead_forward(value.sequence)) return false;
    examiner_.load(value.sequence);
    return examiner_.runnable(value.state);
}

void Trial::run(const std::vector<Test>& tests, std::vector<std::vector<Outcome>>& outcomes) {
    outcomes.clear();
    if (tests.empty()) return;
    target_.run(tests, outcomes);
    runs_ += tests.size();
}

std::vector<std::optional<GroupKey>> Trial::groups(std::span<const Case> cases) {
    std::vector<std::optional<GroupKey>> groups(cases.size());
    std::vector<std::size_t> ran;
    std::vector<Test> tests;
    for (std::size_t i = 0; i < cases.size(); ++i) {
        if (!runnable(cases[i])) continue;
        ran.push_back(i);
        tests.push_back({cases[i].sequence, {cases[i].state}});
    }
    std::vector<std::vector<Outcome>> outcomes;
    run(tests, outcomes);
    std::vector<std::size_t> unexplained;
    std::vector<std::size_t> ended;
    for (std::size_t k = 0; k < ran.size(); ++k) {
        const std::size_t i = ran[k];
        const Outcome& got = outcomes[k][0];
        examiner_.load(cases[i].sequence);
        const Verdict verdict = examiner_.judge(cases[i].state, got);
        if (verdict.kind == Verdict::Kind::tool_trouble) ended.push_back(k);
        if (verdict.kind != Verdict::Kind::diverged) continue;
        const Explanation explanation = examiner_.explain(cases[i].state, got);
        groups[i] = GroupKey{examiner_.ids(explanation), explanation.led_astray, {}};
        if (explanation.defects.empty()) unexplained.push_back(i);
    }
    // An end of the target is believed the second time only: it may have been killed from outside, like any process.
    for (const std::size_t k : ended) {
        std::vector<std::vector<Outcome>> again;
        run({tests[k]}, again);
        if (!has_ended(again[0][0])) continue;
        const Case& value = cases[ran[k]];
        examiner_.load(value.sequence);
        const Verdict verdict = examiner_.judge(value.state, again[0][0]);
        // What would have come is no part of it: the target did not get there.
        groups[ran[k]] = GroupKey{{}, false, make_signature(kNoInstruction, again[0][0], again[0][0], verdict)};
    }
    localise(cases, unexplained, groups);
    return groups;
}

/// Names what no defect explains after the first prefix of the code with which it diverges.
void Trial::localise(std::span<const Case> cases, const std::vector<std::size_t>& unexplained,
                     std::vector<std::optional<GroupKey>>& groups) {
    struct Probe {
        std::size_t number = 0;
        std::size_t length = 0;
    };
    std::vector<Probe> probes;
    std::vector<Test> tests;
    for (const std::size_t i : unexplained) {
        for (std::size_t length = 1; length <= cases[i].sequence.code.size(); ++length) {
            probes.push_back({i, length});
            tests.push_back({prefix(cases[i].sequence, length), {cases[i].state}});
        }
    }
    std::vector<std::vector<Outcome>> outcomes;
    run(tests, outcomes);
    std::vector<bool> done(cases.size());
    for (std::size_t k = 0; k < probes.size(); ++k) {
        const std::size_t i = probes[k].number;
        if (done[i]) continue;
        const auto found =
            examiner_.signature_at(tests[k].sequence, probes[k].length, tests[k].states[0], outcomes[k][0]);
        if (!found) continue;
        groups[i]->signature = *found;
        done[i] = true;
    }
    for (const std::size_t i : unexplained) {
        if (!done[i]) groups[i].reset(); // not seen again
    }
}

} // namespace mtecheck::difftest
