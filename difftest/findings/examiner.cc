// SPDX-License-Identifier: Apache-2.0
#include "difftest/findings/examiner.h"

#include <algorithm>
#include <set>

#include "spec/disassemble.h"
#include "spec/encode.h"
#include "spec/gen/decisions.h"
#include "spec/gen/dont_cares.h"
#include "spec/gen/isa.h"
#include "spec/gen/requirements.h"

namespace mtecheck::difftest {
namespace {

std::uint32_t nop() {
    static const std::uint32_t word = spec::encode(*spec::find_encoding("NOP"), {});
    return word;
}

std::vector<std::string> choices_of(const Verdict& verdict) {
    std::vector<std::string> texts;
    for (const ChoiceTaken& choice : verdict.choices) {
        const auto& info = spec::info(choice.reason);
        texts.push_back(std::string(info.id) + " " + std::string(info.name) + ": option " +
                        std::to_string(choice.taken) + " of " + std::to_string(choice.options));
    }
    return texts;
}

/// The four condition flags are one kind of field: which of them differ is chance.
std::string without_flag(const std::string& kind) {
    for (const char* name : {"pstate.", "spsr."}) {
        if (!kind.starts_with(name)) continue;
        const std::string_view flag = std::string_view(kind).substr(std::string_view(name).size());
        if (flag == "N" || flag == "Z" || flag == "C" || flag == "V") return std::string(name) + "NZCV";
    }
    return kind;
}

std::vector<std::string> decisions_of(const Expectation& expectation) {
    std::vector<std::string> texts;
    for (const auto& decision : spec::decisions()) {
        const bool no = expectation.coverage.decisions.contains(decision.value, false);
        const bool yes = expectation.coverage.decisions.contains(decision.value, true);
        if (!no && !yes) continue;
        texts.push_back(std::string(decision.function) + ": " + std::string(decision.condition) + " is " +
                        (no && yes ? "both true and false"
                         : yes     ? "true"
                                   : "false"));
    }
    return texts;
}

} // namespace

Examiner::Examiner(const Profile& profile, const std::vector<Defect>& defects)
    : defects_(defects), judge_(profile), explainer_(profile, defects),
      with_defects_(profile, explainer_.all_mutations()), tracer_(profile), one_test_(1) {}

void Examiner::load(const Sequence& sequence) {
    sequence_ = sequence;
    judge_.load(sequence_);
    explainer_.load(sequence_);
}

Verdict Examiner::rule(const State& state, const Outcome& got, const Expectation& first) {
    if (!has_state(got.status)) {
        Verdict verdict = judge_.judge(state, got, first);
        // A known defect may be one that ends the implementation.
        if (got.status == Status::crashed && !explain(state, got).defects.empty())
            verdict.kind = Verdict::Kind::diverged;
        return verdict;
    }
    Verdict verdict;
    verdict.kind = Verdict::Kind::diverged;
    explainer_.ask_about(state, got);
    if (first.choices.empty()) return verdict;
    switch (explainer_.without_defects()) {
    case Match::none: break;
    case Match::astray: verdict.kind = Verdict::Kind::open; break;
    case Match::full:
        verdict.kind = Verdict::Kind::agreed;
        verdict.choices = explainer_.choices_without_defects();
        break;
    }
    return verdict;
}

Explanation Examiner::explain(const State& state, const Outcome& got) {
    explainer_.ask_about(state, got);
    return explainer_.explain();
}

std::vector<std::string> Examiner::ids(const Explanation& explanation) const {
    std::vector<std::string> ids;
    for (const std::size_t i : explanation.defects) ids.push_back(defects_[i].id);
    return ids;
}

Signature Examiner::signature_of(const std::string& instruction, const State& state, const Outcome& got) {
    with_defects_.load(sequence_);
    const Verdict verdict = with_defects_.judge(state, got);
    return make_signature(instruction, with_defects_.expectation().outcome, got, verdict);
}

/// Runs one case and judges it; `one_outcome_` holds what was got. The loaded sequence changes to this one.
/// An end of the target is believed the second time only: it may have been killed from outside, like any process.
Verdict Examiner::run_one(Target& target, const Sequence& sequence, const State& state) {
    load(sequence);
    one_test_[0].sequence = sequence;
    one_test_[0].states.assign(1, state);
    target.run(one_test_, one_outcome_);
    if (has_ended(one_outcome_[0][0])) target.run(one_test_, one_outcome_);
    return judge_.judge(state, one_outcome_[0][0]);
}

void Examiner::describe_into(Finding& finding, const Verdict& verdict, const Outcome& got) {
    const Expectation& expectation = judge_.expectation();
    finding.expected = expectation.outcome;
    finding.got = got;
    finding.differences = differences_of(verdict);
    finding.choices = choices_of(verdict);
    finding.decisions = decisions_of(expectation);
    finding.note = verdict.note;
}

Verdict::Kind Examiner::replay(Finding& finding, Target& target) { return show(finding.original, finding, target); }

Verdict::Kind Examiner::show(const Case& shown, Finding& finding, Target& target) {
    const Verdict verdict = run_one(target, shown.sequence, shown.state);
    describe_into(finding, verdict, one_outcome_[0][0]);
    return verdict.kind;
}

Verdict::Kind Examiner::judge_again(Finding& finding, const Outcome& got) {
    load(finding.original.sequence);
    const Verdict verdict = judge_.judge(finding.original.state, got);
    describe_into(finding, verdict, got);
    return verdict.kind;
}

bool Examiner::confirm(Finding& finding, Target& target) {
    const Verdict::Kind kind = replay(finding, target);
    if (kind == Verdict::Kind::tool_trouble) return true;
    return kind == Verdict::Kind::diverged && explained_as(finding, finding.original.state, finding.got);
}

bool Examiner::explained_as(const Finding& finding, const State& state, const Outcome& got) {
    const Explanation explanation = explain(state, got);
    return explanation.led_astray == finding.led_astray && ids(explanation) == finding.explained_by;
}

void Examiner::complete(Finding& finding) {
    // What is explained behaves like every mutation that does not matter in its case.
    if (!has_state(finding.got.status) || !finding.explained_by.empty()) return;
    load(finding.original.sequence);
    explainer_.ask_about(finding.original.state, finding.got);
    finding.behaves_like = explainer_.behaves_like();
}

std::optional<Signature> Examiner::signature_at(const Sequence& prefix, std::size_t length, const State& state,
                                                const Outcome& got) {
    load(prefix);
    const Verdict verdict = judge_.judge(state, got);
    if (verdict.kind != Verdict::Kind::diverged || judge_.expectation().escaped) return std::nullopt;
    // Known defects may have shown before: what is looked for is the first that they do not explain.
    if (!explain(state, got).defects.empty()) return std::nullopt;
    Signature signature = signature_of(instruction_name(prefix.code[length - 1]), state, got);
    Sequence until = prefix;
    until.code.resize(length);
    signature.path = tracer_.decisive(until, state);
    return signature;
}

bool has_ended(const Outcome& outcome) { return !has_state(outcome.status) && outcome.status != Status::unsupported; }

Sequence prefix(const Sequence& sequence, std::size_t length) {
    Sequence result = sequence;
    for (std::size_t i = length; i < result.code.size(); ++i) result.code[i] = nop();
    return result;
}

std::string instruction_name(std::uint32_t opcode) {
    const auto encoding = spec::decode(opcode);
    return encoding ? std::string(spec::info(*encoding).mnemonic) : "UNALLOCATED";
}

Signature make_signature(const std::string& instruction, const Outcome& expected, const Outcome& got,
                         const Verdict& verdict) {
    std::set<std::string> kinds;
    for (const FieldDifference& difference : verdict.differences) kinds.insert(without_flag(difference.kind));
    std::string fields;
    for (const std::string& kind : kinds) fields += (fields.empty() ? "" : ",") + kind;
    return {instruction, event_name(expected), event_name(got), fields, {}};
}

std::vector<Difference> differences_of(const Verdict& verdict) {
    std::vector<Difference> result;
    for (const FieldDifference& difference : verdict.differences) {
        result.push_back(
            {difference.field, difference.expected, difference.got,
             difference.requirement ? std::string(spec::info(*difference.requirement).id) : std::string()});
    }
    return result;
}

} // namespace mtecheck::difftest
