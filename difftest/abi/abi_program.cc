// SPDX-License-Identifier: Apache-2.0
#include "difftest/abi/abi_program.h"

#include <algorithm>
#include <array>
#include <limits>
#include <nlohmann/json.hpp>
#include <span>

namespace mtecheck::difftest {

namespace {

struct StepForm {
    std::string_view name;
    std::array<std::string_view, ABI_ARGS> arguments; // "none": there is no such argument
};

constexpr std::array<StepForm, ABI_OP_COUNT> kForms{{
#define FORM(name, a, b, c, d) StepForm{#name, {#a, #b, #c, #d}},
    ABI_STEPS(FORM)
#undef FORM
}};

struct ArgumentForm {
    std::string_view name;
    std::uint64_t most;
    bool hexadecimal;
};

constexpr std::array<ArgumentForm, 21> kArguments{{
    {"flags", std::numeric_limits<std::uint64_t>::max(), true},
    {"arg2", std::numeric_limits<std::uint64_t>::max(), true},
    {"arg3", std::numeric_limits<std::uint64_t>::max(), true},
    {"arg4", std::numeric_limits<std::uint64_t>::max(), true},
    {"arg5", std::numeric_limits<std::uint64_t>::max(), true},
    {"exclude", 0xffff, true},
    {"page", ABI_PAGES - 1, false},
    {"to", ABI_PAGES - 1, false},
    {"count", 512, false},
    {"prot", 0xff, true},
    {"kind", ABI_KINDS - 1, false},
    {"advice", 255, false},
    {"granule", ABI_GRANULES - 1, false},
    {"top", 0xff, true},
    {"value", std::numeric_limits<std::uint64_t>::max(), true},
    {"tags", std::numeric_limits<std::uint64_t>::max(), true},
    {"bit", 1, false},
    {"action", ABI_ACTIONS - 1, false},
    {"behaviour", ABI_BEHAVIOURS - 1, false},
    {"blocked", 1, false},
    {"mode", ABI_PREFERENCES - 1, false},
}};

const ArgumentForm& form_of(std::string_view argument) {
    std::size_t n = 0;
    while (kArguments[n].name != argument) ++n;
    return kArguments[n];
}

bool is_mapping(std::uint32_t op) {
    return op == ABI_mmap || op == ABI_mprotect || op == ABI_munmap || op == ABI_madvise;
}

/// The arguments are in range each; what they must be together.
void require_well_formed(const AbiStep& step, const JsonPlace& place) {
    const auto& a = step.args;
    if (is_mapping(step.op)) {
        if (a[1] == 0 || a[0] + a[1] > ABI_PAGES) place.fail("page and count must name pages 0 to 7");
        if (step.op == ABI_mmap && a[3] >= ABI_MEMFD_SHARED && a[3] <= ABI_MEMFD_PRIVATE && a[1] > ABI_FILE_PAGES)
            place.fail("the file has 4 pages");
    }
    if (step.op == ABI_st2g && a[0] == ABI_PAGES - 1 && a[1] == ABI_GRANULES - 1)
        place.fail("the second granule is outside of the playground");
    if ((step.op == ABI_peek || step.op == ABI_poke) && a[2] == 0) place.fail("count must not be 0");
    if (step.op == ABI_poke && a[2] > ABI_MAX_TAGS) place.fail("count must be at most 16");
}

} // namespace

AbiStep abi_step_of(std::uint32_t op, const std::array<std::uint64_t, ABI_ARGS>& arguments) {
    AbiStep step{};
    step.op = op;
    std::copy(arguments.begin(), arguments.end(), step.args);
    return step;
}

std::string_view abi_step_name(const AbiStep& step) { return kForms[step.op].name; }

std::string to_text(const AbiStep& step) {
    const StepForm& form = kForms[step.op];
    std::string text(form.name);
    for (std::size_t n = 0; n < ABI_ARGS; ++n) {
        if (form.arguments[n] == "none") continue;
        const bool hexadecimal = form_of(form.arguments[n]).hexadecimal;
        text += " " + std::string(form.arguments[n]) + "=" +
                (hexadecimal ? hex_text(step.args[n]) : std::to_string(step.args[n]));
    }
    return text;
}

OrderedJson to_json(const AbiProgram& program) {
    OrderedJson steps = OrderedJson::array();
    for (const AbiStep& step : program) {
        const StepForm& form = kForms[step.op];
        OrderedJson one;
        one["step"] = form.name;
        for (std::size_t n = 0; n < ABI_ARGS; ++n) {
            if (form.arguments[n] == "none") continue;
            if (form_of(form.arguments[n]).hexadecimal) {
                one[std::string(form.arguments[n])] = hex_text(step.args[n]);
            } else {
                one[std::string(form.arguments[n])] = step.args[n];
            }
        }
        steps.push_back(std::move(one));
    }
    OrderedJson document;
    document["schema"] = kAbiProgramSchema;
    document["steps"] = std::move(steps);
    return document;
}

AbiProgram abi_program_from_json(const JsonPlace& place) {
    place.only({"schema", "steps"});
    place.schema(kAbiProgramSchema);
    std::vector<std::string_view> names;
    for (const StepForm& form : kForms) names.push_back(form.name);
    const JsonPlace steps = place.member("steps");
    AbiProgram program;
    unsigned forks = 0;
    const std::size_t count = steps.array_size(ABI_MAX_STEPS);
    for (std::size_t i = 0; i < count; ++i) {
        const JsonPlace one = steps.element(i);
        AbiStep step{};
        const std::size_t op = one.member("step").one_of(names);
        step.op = static_cast<std::uint32_t>(op);
        std::vector<std::string> known;
        for (const std::string_view name : kForms[op].arguments) {
            if (name != "none") known.emplace_back(name);
        }
        one.only({"step"}, known);
        for (std::size_t n = 0; n < ABI_ARGS; ++n) {
            const std::string_view name = kForms[op].arguments[n];
            if (name == "none") continue;
            const ArgumentForm& form = form_of(name);
            const JsonPlace argument = one.member(name);
            step.args[n] = form.hexadecimal ? argument.hex() : argument.number(form.most);
            if (step.args[n] > form.most) argument.fail("must be at most " + hex_text(form.most));
        }
        require_well_formed(step, one);
        forks += op == ABI_fork || op == ABI_thread || op == ABI_exec ? 1U : 0U;
        if (forks > 1) one.fail("a program has at most one of fork, thread and exec");
        program.push_back(step);
    }
    return program;
}

AbiProgram read_abi_program(const std::string& file) {
    const nlohmann::json document = parse_json(read_file(file, 1U << 20U), file);
    return abi_program_from_json(JsonPlace(document, file));
}

} // namespace mtecheck::difftest
