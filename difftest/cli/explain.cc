// SPDX-License-Identifier: Apache-2.0
//
// mtecheck explain: one case, step by step, in the model.
#include <iostream>
#include <nlohmann/json.hpp>

#include "difftest/cli/verbs.h"
#include "difftest/core/json.h"
#include "difftest/findings/finding.h"
#include "difftest/judge/explain.h"
#include "difftest/judge/judge.h"

namespace mtecheck::difftest {
namespace {

Case read_any_case(const std::string& file) {
    const nlohmann::json document = parse_json(read_file(file), file);
    const JsonPlace place(document, file);
    if (is_finding(place.member("schema").text())) return finding_from_json(place).shown();
    return case_from_json(place);
}

} // namespace

int run_explain(std::span<char* const> arguments) {
    Options options(
        "explain", "FILE [OPTION...]",
        "Runs a case, or the shortest case of a finding, in the model and says for each instruction which\n"
        "decisions of Arm's pseudocode it met, with which outcome, and what it did to registers, memory and\n"
        "allocation tags.\n");
    options.value("target", "TARGET", "whose features the model is to have; without it, all that the model knows");
    options.flag("json", "print JSON (mtecheck-explanation/1)");
    options.positional(1, 1);
    if (!options.parse(arguments)) return kAgree;
    const Case input = read_any_case(options.arguments().front());
    const Profile profile = options.given("target") ? make_target(options.get("target"))->probe() : model_profile();
    const Walkthrough explanation = explain(input, profile);
    std::cout << (options.given("json") ? dump(to_json(explanation)) : to_text(explanation));
    return kAgree;
}

} // namespace mtecheck::difftest
