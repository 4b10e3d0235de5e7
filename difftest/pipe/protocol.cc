// SPDX-License-Identifier: Apache-2.0
#include "difftest/pipe/protocol.h"

#include <limits>
#include <nlohmann/json.hpp>

#include "difftest/campaign/profile_file.h"
#include "difftest/core/error.h"
#include "difftest/core/json.h"

namespace mtecheck::difftest {
namespace {

const std::string kFile = "answer of the adapter"; // its name in complaints
constexpr std::uint64_t kMaxNumber = std::numeric_limits<std::int64_t>::max();

std::string line_of(std::uint64_t number, std::string_view request, const OrderedJson* test = nullptr) {
    OrderedJson out{{"schema", kPipeSchema}, {"number", number}, {"request", request}};
    if (test != nullptr) out["test"] = *test;
    return out.dump(-1, ' ', false, OrderedJson::error_handler_t::replace);
}

/// Checks the envelope. An error that the adapter reports is an InputError with its text.
JsonPlace answer(const JsonPlace& place, std::uint64_t number) {
    place.schema(kPipeSchema);
    const JsonPlace of = place.member("number");
    if (of.number(kMaxNumber) != number) of.fail("must be " + std::to_string(number) + ", that of the request");
    return place;
}

JsonPlace good_answer(const JsonPlace& place, std::uint64_t number, std::string_view part) {
    answer(place, number);
    if (const auto error = place.find("error")) throw InputError(kFile, "", "it says: " + error->text());
    return place.member(part);
}

void require_same_shape(const Outcome& outcome, const State& state, const JsonPlace& place) {
    if (!has_state(outcome.status)) return;
    bool same = outcome.windows.size() == state.windows.size();
    for (std::size_t i = 0; same && i < outcome.windows.size(); ++i)
        same = outcome.windows[i].pa == state.windows[i].pa;
    if (!same) place.fail("windows must be those of the state, with what they hold at the end");
    if (outcome.v.size() != state.v.size()) place.fail("v must be there if and only if the state has it");
}

} // namespace

std::string probe_request(std::uint64_t number) { return line_of(number, "probe"); }

std::string run_request(std::uint64_t number, const Test& test) {
    const OrderedJson json = to_json(test);
    return line_of(number, "run", &json);
}

std::string strange_request(std::uint64_t number, std::string_view kind) {
    std::string line = line_of(number, kind);
    line.insert(line.size() - 1, ",\"a member of a later version\":{\"nested\":[1,2,3]}");
    return line;
}

Profile read_profile_answer(std::string_view line, std::uint64_t number) {
    const nlohmann::json document = parse_json(line, kFile);
    const JsonPlace place(document, kFile);
    Profile profile = profile_from_json(good_answer(place, number, "profile"));
    if (const auto chooses = place.find("chooses_tags")) profile.chooses_tags = chooses->boolean();
    return profile;
}

std::vector<Outcome> read_run_answer(std::string_view line, std::uint64_t number, const std::vector<State>& states) {
    const nlohmann::json document = parse_json(line, kFile);
    const JsonPlace list = good_answer(JsonPlace(document, kFile), number, "outcomes");
    if (list.array_size(states.size()) != states.size())
        list.fail("must have an element for each of the " + std::to_string(states.size()) + " states");
    std::vector<Outcome> outcomes;
    for (std::size_t i = 0; i < states.size(); ++i) {
        outcomes.push_back(outcome_from_json(list.element(i)));
        require_same_shape(outcomes.back(), states[i], list.element(i));
    }
    return outcomes;
}

std::string read_error_answer(std::string_view line, std::uint64_t number) {
    const nlohmann::json document = parse_json(line, kFile);
    return answer(JsonPlace(document, kFile), number).member("error").text();
}

} // namespace mtecheck::difftest
