// SPDX-License-Identifier: Apache-2.0
//
// The tracing machine, one step at a time.
#include "difftest/judge/explain.h"

#include <array>
#include <nlohmann/json.hpp>

#include "difftest/core/fields.h"
#include "difftest/core/json.h"
#include "difftest/judge/oracle.h"
#include "model/machine/tracing_machine.h"
#include "spec/disassemble.h"

namespace mtecheck::difftest {

namespace {

using Machine = model::TracingMachine;
using EventKind = ExplainedEvent::Kind;

constexpr std::array<std::string_view, 6> kKindNames{"decision", "choice", "read", "write", "tag read", "tag write"};

std::string_view name(EventKind kind) { return kKindNames.at(static_cast<std::size_t>(kind)); }

std::string wide_text(model::Uint128 value, unsigned bytes) {
    const auto low = static_cast<std::uint64_t>(value);
    if (bytes <= 8) return hex_text(low, 2 * bytes);
    return hex_text(static_cast<std::uint64_t>(value >> 64U), 2 * bytes - 16) + hex_text(low, 16).substr(2);
}

ExplainedEvent explained(const model::Event& event) {
    ExplainedEvent result;
    result.kind = static_cast<EventKind>(event.kind);
    result.pa = event.pa;
    result.bytes = event.size;
    switch (result.kind) {
    case EventKind::decision: {
        const auto& info = spec::info(static_cast<spec::Decision>(event.what));
        result.function = info.function;
        result.what = info.condition;
        result.value = event.value != 0 ? "true" : "false";
        break;
    }
    case EventKind::choice: {
        const auto& info = spec::info(static_cast<spec::DontCare>(event.what));
        const auto answer = static_cast<std::size_t>(event.value);
        result.function = info.name;
        result.what = std::string(info.id) + ": " + std::string(info.condition);
        result.value = std::to_string(answer);
        break;
    }
    case EventKind::read:
    case EventKind::write: result.value = wide_text(event.value, event.size); break;
    case EventKind::tag_read:
    case EventKind::tag_write: result.value = hex_text(static_cast<std::uint64_t>(event.value)); break;
    }
    return result;
}

/// The registers of an outcome by name. The exception is told apart.
std::vector<std::pair<std::string, std::string>> registers(const Outcome& outcome) {
    std::vector<std::pair<std::string, std::string>> result;
    for (std::size_t n = 0; n < outcome.x.size(); ++n)
        result.emplace_back("x" + std::to_string(n), hex_text(outcome.x[n]));
    each_system_register(outcome,
                         [&](const char* reg, std::uint64_t value) { result.emplace_back(reg, hex_text(value)); });
    result.emplace_back("pstate", hex_text(outcome.pstate));
    for (std::size_t n = 0; n < outcome.v.size(); ++n) {
        result.emplace_back("v" + std::to_string(n),
                            hex_text(outcome.v[n].high, 16) + hex_text(outcome.v[n].low, 16).substr(2));
    }
    return result;
}

class Explainer {
  public:
    Explainer(const Case& input, const Profile& profile, const std::vector<ChoiceTaken>& answers)
        : input_(input), oracle_(profile) {
        // Vectors are read back even if the case does not give any.
        if (input_.state.v.empty()) input_.state.v.resize(32);
        machine().observer.keep_events = true;
        oracle_.load(input_.sequence);
        oracle_.install(input_.state, result_.end);
        std::vector<std::uint8_t> script;
        for (const auto& answer : answers) script.push_back(static_cast<std::uint8_t>(answer.taken));
        machine().choices.start(std::move(script));
        result_.id = input.id;
    }

    Walkthrough run() {
        model::RunResult result;
        read(result);
        auto before = registers(result_.end.outcome);
        while (step(result)) {
            read(result);
            auto after = registers(result_.end.outcome);
            auto& changes = result_.steps.back().changes;
            for (std::size_t i = 0; i < after.size(); ++i) {
                if (after[i] != before[i]) changes.push_back({after[i].first, before[i].second, after[i].second});
            }
            before = std::move(after);
            if (result.status == model::RunStatus::exception || !result_.note.empty()) break;
        }
        return std::move(result_);
    }

  private:
    Machine& machine() { return oracle_.machine(); }

    void read(const model::RunResult& result) { oracle_.read(input_.state, result, result_.end); }

    /// One instruction; false if there is none to run.
    bool step(model::RunResult& result) {
        const model::Program& program = oracle_.program();
        const std::uint64_t pc = machine().state.pc.raw();
        const std::uint64_t offset = pc - program.start;
        result.status = model::RunStatus::completed;
        if (offset >= 4 * program.code.size()) {
            if (offset != 4 * program.code.size()) result_.note = "a branch left the code, to " + hex_text(pc);
            return false;
        }
        if (result.steps == kStepLimit) {
            result_.note = "stopped after " + std::to_string(kStepLimit) + " instructions";
            return false;
        }
        ++result.steps;
        const std::size_t index = offset / 4;
        const auto& instruction = program.code[index];
        ExplainedStep& step = result_.steps.emplace_back();
        step.pc = pc;
        step.opcode = instruction.opcode;
        step.disassembly = spec::disassemble(instruction.opcode);
        if (const auto encoding = spec::decode(instruction.opcode)) step.pseudocode = spec::info(*encoding).pseudocode;
        machine().observer.events.clear();
        try {
            step.exception = model::until_exception(machine(), [&] { model::Step(machine(), program, index); });
        } catch (const model::NotPredicted& unpredicted) {
            result_.note = "the architecture leaves open what follows: " + std::string(unpredicted.why);
        }
        if (step.exception) result.status = model::RunStatus::exception;
        for (const auto& event : machine().observer.events) step.events.push_back(explained(event));
        return true;
    }

    Case input_;
    Oracle<Machine> oracle_;
    Walkthrough result_;
};

std::string event_text(const ExplainedEvent& event) {
    switch (event.kind) {
    case EventKind::decision: return event.function + ": " + event.what + "? " + event.value;
    case EventKind::choice: return "left open (" + event.function + "), answer " + event.value + ": " + event.what;
    case EventKind::read:
    case EventKind::write:
        return std::string(name(event.kind)) + " " + std::to_string(event.bytes) + " bytes at PA " +
               hex_text(event.pa) + ": " + event.value;
    case EventKind::tag_read:
    case EventKind::tag_write:
        return std::string(name(event.kind)) + " at PA " + hex_text(event.pa) + ": " + event.value;
    }
    return {};
}

std::string exception_text(const Expectation& end) {
    const ExceptionRecord& e = end.outcome.exception;
    std::string text = "exception to EL" + std::to_string(e.to_el) + ", vector " + hex_text(e.vector, 3) + ": ESR " +
                       hex_text(e.esr) + ", ELR " + hex_text(e.elr) + ", SPSR " + hex_text(e.spsr);
    if (end.far_valid) text += ", FAR " + hex_text(e.far);
    return text;
}

} // namespace

Walkthrough explain(const Case& input, const Profile& profile, const std::vector<ChoiceTaken>& answers) {
    return Explainer(input, profile, answers).run();
}

std::string to_text(const Walkthrough& explanation) {
    std::string text = explanation.id + "\n";
    for (const auto& step : explanation.steps) {
        text += "\n" + hex_text(step.pc) + "  " + hex_text(step.opcode, 8).substr(2) + "  " + step.disassembly + "\n";
        for (const auto& event : step.events) text += "    " + event_text(event) + "\n";
        for (const auto& change : step.changes)
            text += "    " + change.name + ": " + change.before + " -> " + change.after + "\n";
        if (step.exception) text += "    " + exception_text(explanation.end) + "\n";
    }
    if (!explanation.end.allowances.empty()) text += "\n";
    for (const auto& allowance : explanation.end.allowances) {
        const auto& info = spec::info(allowance.reason);
        text += "left open at the end: " + std::string(info.id) + ", " + std::string(info.condition) + "\n";
    }
    if (!explanation.note.empty()) text += "\n" + explanation.note + "\n";
    return text;
}

OrderedJson to_json(const Walkthrough& explanation) {
    OrderedJson out;
    out["schema"] = kExplanationSchema;
    out["id"] = explanation.id;
    out["steps"] = OrderedJson::array();
    for (const auto& step : explanation.steps) {
        OrderedJson item;
        item["pc"] = hex_text(step.pc);
        item["word"] = hex_text(step.opcode, 8);
        item["asm"] = step.disassembly;
        if (!step.pseudocode.empty()) item["pseudocode"] = step.pseudocode;
        item["events"] = OrderedJson::array();
        for (const auto& event : step.events) {
            OrderedJson entry;
            entry["kind"] = name(event.kind);
            if (!event.function.empty()) entry["function"] = event.function;
            if (!event.what.empty()) entry["what"] = event.what;
            if (event.kind != EventKind::decision && event.kind != EventKind::choice) entry["pa"] = hex_text(event.pa);
            entry["value"] = event.value;
            item["events"].push_back(std::move(entry));
        }
        item["changes"] = OrderedJson::array();
        for (const auto& change : step.changes) {
            item["changes"].push_back(
                OrderedJson{{"register", change.name}, {"before", change.before}, {"after", change.after}});
        }
        if (step.exception) item["exception"] = true;
        out["steps"].push_back(std::move(item));
    }
    out["outcome"] = to_json(explanation.end.outcome);
    if (!explanation.note.empty()) out["note"] = explanation.note;
    return out;
}

} // namespace mtecheck::difftest
