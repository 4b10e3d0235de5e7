// SPDX-License-Identifier: Apache-2.0
#include "difftest/prove/render.h"

#include <algorithm>
#include <cstdio>
#include <map>

#include "difftest/prove/counterexample.h"
#include "difftest/prove/job_json.h"

namespace mtecheck::difftest {
namespace {

constexpr std::size_t kIdColumn = 50;
constexpr std::size_t kWidth = 120;

std::string padded(std::string text, std::size_t width) {
    text.resize(std::max(text.size() + 1, width), ' ');
    return text;
}

std::string counted(std::uint64_t number, const char* what) {
    std::string text = std::to_string(number) + " " + what;
    if (number != 1) text += text.ends_with("y") ? "" : "s";
    if (number != 1 && text.ends_with("query")) text.replace(text.size() - 1, 1, "ies");
    return text;
}

std::string seconds_text(double seconds) {
    char text[32];
    std::snprintf(text, sizeof text, "%.1f s", seconds);
    return text;
}

std::string verdict_text(const InvariantRow& row) {
    if (row.counterexample && !row.confirmed) return "UNCONFIRMED";
    if (row.verdict == model::proofs::Verdict::refuted) return "REFUTED";
    if (row.verdict == model::proofs::Verdict::unknown) return "UNKNOWN";
    return row.witness ? "proved" : "VACUOUS";
}

/// Words one after the other, folded to the width, every line indented.
std::string folded(const std::vector<std::string>& words, std::size_t indent) {
    std::string text;
    std::string line(indent, ' ');
    for (const std::string& word : words) {
        if (line.size() > indent && line.size() + 1 + word.size() > kWidth) {
            text += line + "\n";
            line.assign(indent, ' ');
        }
        if (line.size() > indent) line += ' ';
        line += word;
    }
    return text + line + "\n";
}

std::string killers_text(const InvariantRow& row) {
    std::string text;
    for (const FaultTrial& trial : row.trials) {
        if (trial.result != FaultTrial::Result::killed) continue;
        text += (text.empty() ? "" : " ") + std::string(spec::info(trial.mutation).id);
    }
    return text;
}

std::string scenario_text(const ScenarioRow& row, bool mutations) {
    const auto& scenario = *row.scenario;
    std::string text = std::string(scenario.name) + ": " + std::string(scenario.about) + "\n  " +
                       std::string(to_string(scenario.method)) + ", " + counted(scenario.variants.size(), "variant") +
                       ", " + counted(row.paths, "path") + ", " + counted(row.queries, "query") + ", " +
                       seconds_text(row.seconds) + "\n";
    for (const InvariantRow& invariant : row.invariants) {
        std::string line =
            "  " + padded(verdict_text(invariant), 9) + padded(std::string(invariant.statement().id), kIdColumn);
        if (mutations) line += invariant.killed() ? "killed by " + killers_text(invariant) : "NOT KILLED";
        text += line + "\n";
    }
    return text;
}

/// Each deliberate fault and the invariants that it breaks.
std::string faults_text(const Proofs& proofs) {
    std::map<spec::Mutation, std::vector<std::string>> killers;
    for (const ScenarioRow& scenario : proofs.scenarios) {
        for (const InvariantRow& row : scenario.invariants) {
            for (const FaultTrial& trial : row.trials) {
                if (trial.result == FaultTrial::Result::killed)
                    killers[trial.mutation].emplace_back(row.statement().id);
            }
        }
    }
    std::string text = "deliberate faults, and the invariants that each of them breaks:\n";
    for (const auto& mutation : spec::mutations()) {
        const auto found = killers.find(mutation.value);
        const std::string_view beyond = mutation.beyond_invariants;
        if (found != killers.end()) {
            text += "  " + std::string(mutation.id) + "\n" + folded(found->second, 6);
        } else if (proofs.everything) {
            text += "  " + std::string(mutation.id) + "\n      " +
                    (beyond.empty() ? "NONE" : "beyond invariants: " + std::string(beyond)) + "\n";
        }
    }
    return text;
}

std::string totals_text(const Proofs& proofs) {
    std::uint64_t invariants = 0;
    std::uint64_t proved = 0;
    std::uint64_t trials = 0;
    std::uint64_t kills = 0;
    model::MutationSet killed;
    double seconds = proofs.mutation_seconds;
    for (const ScenarioRow& scenario : proofs.scenarios) {
        seconds += scenario.seconds;
        for (const InvariantRow& row : scenario.invariants) {
            ++invariants;
            proved += verdict_text(row) == "proved" ? 1U : 0U;
            for (const FaultTrial& trial : row.trials) {
                ++trials;
                if (trial.result != FaultTrial::Result::killed) continue;
                ++kills;
                killed.add(trial.mutation);
            }
        }
    }
    std::uint64_t faults = 0;
    std::uint64_t beyond = 0;
    for (const auto& mutation : spec::mutations()) {
        faults += killed.has(mutation.value) ? 1U : 0U;
        beyond += mutation.beyond_invariants.empty() ? 0U : 1U;
    }
    std::string text = counted(proved, "invariant") + " of " + std::to_string(invariants) + " proved";
    if (proofs.mutations) {
        text += "; " + std::to_string(faults) + " of " + counted(spec::mutation_count, "deliberate fault") +
                " killed, " + std::to_string(beyond) + " beyond invariants; " + std::to_string(kills) + " of " +
                counted(trials, "trial") + " killed and confirmed";
    }
    return text + "\n" + counted(proofs.jobs, "job") + ", " + std::to_string(proofs.cached_jobs) + " known before; " +
           seconds_text(seconds) + " of processor time in all\n";
}

} // namespace

std::string list_invariants(const Selection& selection) {
    std::string text;
    for (const SelectedScenario& selected : selection.scenarios) {
        const auto& scenario = *selected.scenario;
        text += std::string(scenario.name) + ": " + std::string(scenario.about) + " (" +
                std::string(to_string(scenario.method)) + ", " + counted(scenario.variants.size(), "variant") + ")\n";
        for (std::size_t i = 0; i < scenario.statements.size(); ++i) {
            if (!selected.statements[i]) continue;
            const auto& statement = scenario.statements[i];
            std::string requirements;
            for (const auto id : statement.requirements) requirements += " " + std::string(id);
            text += "  " + std::string(statement.id) + "\n";
            std::vector<std::string> words;
            std::string word;
            for (const char c : std::string(statement.sentence) + requirements + " ") {
                if (c == ' ') {
                    if (!word.empty()) words.push_back(std::move(word));
                    word.clear();
                } else {
                    word += c;
                }
            }
            text += folded(words, 6);
        }
    }
    return text;
}

std::string render_proofs(const Proofs& proofs, bool counterexamples) {
    std::string text;
    for (const ScenarioRow& scenario : proofs.scenarios) text += scenario_text(scenario, proofs.mutations) + "\n";
    if (proofs.mutations) text += faults_text(proofs) + "\n";
    for (const ScenarioRow& scenario : proofs.scenarios) {
        for (const InvariantRow& row : scenario.invariants) {
            if (row.counterexample) {
                text += counterexample_text(*row.scenario, row.counterexample_variant, row.number, std::nullopt,
                                            *row.counterexample) +
                        "\n";
            }
            for (const FaultTrial& trial : row.trials) {
                if (!trial.counterexample || (!counterexamples && trial.result == FaultTrial::Result::killed)) continue;
                text += counterexample_text(*row.scenario, trial.variant, row.number, trial.mutation,
                                            *trial.counterexample) +
                        "\n";
            }
        }
    }
    text += totals_text(proofs);
    if (const auto& check = proofs.cross_check) {
        text += check->solver + ": " + counted(check->agreed, "answer") + " as Z3's, " +
                std::to_string(check->disagreed.size()) + " others, " + std::to_string(check->timeouts) +
                " not in time, " + std::to_string(check->unknown) + " unknown\n";
    }
    for (const std::string& failure : proofs.failures()) text += "FAILS: " + failure + "\n";
    if (proofs.interrupted) text += "interrupted: what is proved is kept, the rest is unknown\n";
    return text;
}

} // namespace mtecheck::difftest
