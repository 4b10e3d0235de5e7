// SPDX-License-Identifier: Apache-2.0
//
// One case, step by step, on the model: what each instruction is, which decisions of the pseudocode it met with which
// outcome, what it did to registers, memory and tags, and the exception that ended the run.
// JSON format: mtecheck-explanation/1 (difftest/schema/mtecheck-explanation.schema.json).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "difftest/core/expectation.h"
#include "difftest/core/json_reader.h"
#include "difftest/core/target.h"

namespace mtecheck::difftest {

inline constexpr std::string_view kExplanationSchema = "mtecheck-explanation/1";

/// Something that happened within an instruction, in order.
struct ExplainedEvent {
    enum class Kind : std::uint8_t { decision, choice, read, write, tag_read, tag_write };
    Kind kind{};
    std::string function; // of the pseudocode, for decisions; the rule's name, for choices
    std::string what;     // the condition; what is left open
    std::string value;    // "true" or "false"; the answer; the data or tag
    std::uint64_t pa = 0; // of memory and tag accesses
    unsigned bytes = 0;   // of memory accesses
};

/// A register before and after an instruction.
struct ExplainedChange {
    std::string name;
    std::string before;
    std::string after;
};

struct ExplainedStep {
    std::uint64_t pc = 0;
    std::uint32_t opcode = 0;
    std::string disassembly;
    std::string pseudocode; // function of the instruction
    std::vector<ExplainedEvent> events;
    std::vector<ExplainedChange> changes;
    bool exception = false; // taken by this instruction
};

struct Walkthrough {
    std::string id;
    std::vector<ExplainedStep> steps;
    Expectation end;  // coverage is not filled in
    std::string note; // for people: why the run ended early, if it did
};

/// The run with the pseudocode's own answer to every question that is left open, or with `answers` to the first ones.
Walkthrough explain(const Case& input, const Profile& profile, const std::vector<ChoiceTaken>& answers = {});

std::string to_text(const Walkthrough& explanation);
OrderedJson to_json(const Walkthrough& explanation);

} // namespace mtecheck::difftest
