// SPDX-License-Identifier: Apache-2.0
#include "difftest/prove/counterexample.h"

#include <algorithm>
#include <array>
#include <set>

#include "difftest/prove/job_json.h"
#include "spec/disassemble.h"
#include "spec/gen/decisions.h"
#include "spec/gen/dont_cares.h"
#include "spec/gen/registers.h"

namespace mtecheck::difftest {
namespace {

using namespace model::proofs;
using model::Uint128;

/// "0x5 (ATA=1 TCF=2)"; bits without a field are in the number only.
std::string value_text(const std::string& name, Uint128 value, bool host) {
    std::string text = wide_hex(value);
    // With HCR_EL2.E2H at 1 TCR_EL2 has the fields of TCR_EL1.
    const auto reg = spec::find_register(host && name == "TCR_EL2" ? "TCR_EL1" : name);
    if (!reg) return text;
    std::string fields;
    for (const spec::RegisterField& field : spec::info(*reg).fields) {
        const std::uint64_t bits = field.bits.extract(static_cast<std::uint64_t>(value));
        if (bits == 0 || field.bits.width() == 64) continue;
        fields += (fields.empty() ? "" : " ") + std::string(field.name) + "=" +
                  (field.bits.width() > 8 ? hex_text(bits) : std::to_string(bits));
    }
    return fields.empty() ? text : text + "  (" + fields + ")";
}

std::string pages_text(const Claimed& claimed) {
    constexpr std::array<std::string_view, 4> kinds = {"Device", "Normal Non-cacheable", "Normal Write-Back, Untagged",
                                                       "Normal Write-Back, Tagged"};
    constexpr std::array<std::string_view, 4> permissions = {"EL0 none, EL1 read-write", "read-write",
                                                             "EL0 none, EL1 read-only", "read-only"};
    std::string text;
    for (const auto& page : claimed.pages) {
        text += std::string("    page ") + (page.upper ? "upper half + " : "") + hex_text(page.number << 12U) + ": ";
        if (!page.mapped) {
            text += "not mapped, Translation fault at level " + std::to_string(page.level) + "\n";
            continue;
        }
        text += "PA " + hex_text(page.frame << 12U) + ", " + std::string(kinds[static_cast<std::size_t>(page.memory)]) +
                ", " + std::string(permissions[page.ap & 3U]) + "\n";
    }
    return text;
}

std::string state_text(const Claimed& claimed) {
    const auto hcr = claimed.values.variables.find("HCR_EL2");
    const bool host = hcr != claimed.values.variables.end() &&
                      spec::field::HCR_EL2::E2H.extract(static_cast<std::uint64_t>(hcr->second)) != 0;
    std::string text;
    for (const auto& [name, value] : claimed.values.variables) {
        text += "    " + name + " = " + value_text(name, value, host) + "\n";
    }
    for (const auto& [array, elements] : claimed.values.arrays) {
        if (array == "frame") continue; // pages say so
        for (const auto& [index, value] : elements) {
            text += "    " + array + "[" + wide_hex(array.starts_with("tag") ? index << 4U : index) +
                    "] = " + wide_hex(value) + "\n";
        }
    }
    text += pages_text(claimed);
    if (text.empty()) text = "    everything is 0\n";
    for (const auto& choice : claimed.choices) {
        if (choice.answer == 0) continue;
        const auto& rule = spec::info(choice.reason);
        text += "    left open: " + std::string(rule.name) + ", option " + std::to_string(choice.answer) + "\n";
    }
    return text;
}

std::string execution_text(const Execution& execution) {
    std::string text =
        "    " + hex_text(execution.opcode, 8).substr(2) + "  " + spec::disassemble(execution.opcode) + "\n";
    std::set<std::string> said; // the same function may be asked again and again
    for (const auto& [decision, outcome] : execution.decisions) {
        const auto& info = spec::info(decision);
        const std::string line = "      " + std::string(info.function) + ": " + std::string(info.condition) + "  " +
                                 (outcome ? "TRUE" : "FALSE") + "\n";
        if (said.insert(line).second) text += line;
    }
    switch (execution.status) {
    case model::RunStatus::exception:
        text += "      takes an exception to EL" + std::to_string(execution.exception.to_el) + "\n";
        break;
    case model::RunStatus::not_predicted: text += "      leaves too much open to go on\n"; break;
    default: break;
    }
    for (const auto& change : execution.changes) {
        text += "      " + change.name + ": " + wide_hex(change.before) + " -> " +
                value_text(change.name, change.after, false) + "\n";
    }
    return text;
}

} // namespace

std::string counterexample_text(const Scenario& scenario, unsigned variant, std::size_t statement,
                                std::optional<spec::Mutation> mutation, const Claimed& claimed) {
    model::MutationSet mutations;
    if (mutation) mutations.add(*mutation);
    std::string text = "counterexample to " + std::string(scenario.statements[statement].id) + " (" +
                       std::string(scenario.name) + ", " + scenario.variants[variant] + ")";
    if (mutation) {
        text += " with " + std::string(spec::info(*mutation).id) + ":\n    " + std::string(spec::info(*mutation).wrong);
    }
    text += "\n  it says: " + std::string(scenario.statements[statement].sentence) +
            "\n  this claim does not hold: " + claimed.text + "\n  in this state, with 0 wherever nothing is named:\n" +
            state_text(claimed);
    if (scenario.method == Method::enumeration) return text;
    std::vector<Execution> executions;
    run_concretely(scenario, variant, mutations, std::make_shared<ClaimedWorld>(claimed), &executions);
    if (!executions.empty()) text += "  what the model did, with plain values:\n";
    for (const Execution& execution : executions) text += execution_text(execution);
    return text;
}

} // namespace mtecheck::difftest
