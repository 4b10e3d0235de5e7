// SPDX-License-Identifier: Apache-2.0
#include "difftest/prove/job_json.h"

#include <array>
#include <nlohmann/json.hpp>

#include "difftest/core/json_reader.h"
#include "spec/gen/dont_cares.h"

namespace mtecheck::difftest {
namespace {

using namespace model::proofs;
using model::Uint128;

constexpr std::array<std::string_view, 4> kMemoryKinds = {"device", "noncacheable", "write-back", "tagged"};
constexpr std::array<std::string_view, 3> kConfirmations = {"confirmed", "holds", "irrelevant"};
constexpr std::array<std::string_view, 3> kMethods = {"paths", "lemma", "enumeration"};
constexpr std::array<std::string_view, 3> kVerdicts = {"proved", "refuted", "unknown"};
constexpr std::size_t kMany = 1'000'000;

Uint128 wide_from(const JsonPlace& place) {
    const std::string& text = place.text();
    if (!text.starts_with("0x") || text.size() < 3 || text.size() > 34) place.fail("give 0x and hexadecimal digits");
    Uint128 value = 0;
    for (const char c : std::string_view(text).substr(2)) {
        if (hex_digit(c) < 0) place.fail("give 0x and hexadecimal digits");
        value = value << 4U | static_cast<unsigned>(hex_digit(c));
    }
    return value;
}

/// The members of an object whose keys are data.
std::vector<std::string> keys_of(const JsonPlace& place) {
    if (!place.value().is_object()) place.fail("give an object");
    std::vector<std::string> keys;
    for (const auto& item : place.value().items()) keys.push_back(item.key());
    return keys;
}

Uint128 wide_key(const JsonPlace& place, const std::string& key) {
    const nlohmann::json text = key;
    return wide_from(JsonPlace(text, place.file()));
}

OrderedJson page_json(const Claimed::MetPage& page) {
    OrderedJson json = {{"upper", page.upper}, {"address", hex_text(page.number << 12U)}};
    if (page.mapped) {
        json["pa"] = hex_text(page.frame << 12U);
        json["memory"] = kMemoryKinds[static_cast<std::size_t>(page.memory)];
        json["ap"] = page.ap;
    }
    json["level"] = page.level;
    return json;
}

Claimed::MetPage page_from(const JsonPlace& place) {
    Claimed::MetPage page;
    page.upper = place.member("upper").boolean();
    page.number = place.member("address").hex() >> 12U;
    page.level = static_cast<std::uint8_t>(place.member("level").number(3));
    page.mapped = place.find("pa").has_value();
    if (page.mapped) {
        page.frame = place.member("pa").hex() >> 12U;
        page.memory = static_cast<model::MemoryKind>(place.member("memory").one_of(kMemoryKinds));
        page.ap = static_cast<std::uint8_t>(place.member("ap").number(3));
    }
    return page;
}

Claimed claimed_from(const JsonPlace& place) {
    Claimed claimed;
    claimed.text = place.member("claim").text();
    const JsonPlace variables = place.member("values");
    for (const std::string& name : keys_of(variables)) {
        claimed.values.variables[name] = wide_from(variables.member(name));
    }
    const JsonPlace arrays = place.member("arrays");
    for (const std::string& name : keys_of(arrays)) {
        const JsonPlace elements = arrays.member(name);
        for (const std::string& index : keys_of(elements)) {
            claimed.values.arrays[name][wide_key(elements, index)] = wide_from(elements.member(index));
        }
    }
    const JsonPlace ways = place.member("ways");
    for (std::size_t i = 0; i < ways.array_size(kMany); ++i) {
        claimed.ways.push_back(static_cast<unsigned>(ways.element(i).number(kMany)));
    }
    const JsonPlace choices = place.member("choices");
    for (std::size_t i = 0; i < choices.array_size(kMany); ++i) {
        const JsonPlace reason = choices.element(i).member("reason");
        const auto found = std::find_if(spec::dont_cares().begin(), spec::dont_cares().end(),
                                        [&](const auto& row) { return row.name == reason.text(); });
        if (found == spec::dont_cares().end()) reason.fail("give the name of a rule of spec/dont_cares.json");
        claimed.choices.push_back(
            {found->value, static_cast<unsigned>(choices.element(i).member("answer").number(kMany))});
    }
    const JsonPlace pages = place.member("pages");
    for (std::size_t i = 0; i < pages.array_size(kMany); ++i) claimed.pages.push_back(page_from(pages.element(i)));
    const JsonPlace opcodes = place.member("opcodes");
    for (std::size_t i = 0; i < opcodes.array_size(kMany); ++i) {
        claimed.opcodes.push_back(static_cast<std::uint32_t>(opcodes.element(i).hex(32)));
    }
    return claimed;
}

} // namespace

std::string_view to_string(Verdict verdict) { return kVerdicts[static_cast<std::size_t>(verdict)]; }
std::string_view to_string(Method method) { return kMethods[static_cast<std::size_t>(method)]; }
std::string_view to_string(Confirmation confirmation) { return kConfirmations[static_cast<std::size_t>(confirmation)]; }

std::string wide_hex(Uint128 value) {
    const auto high = static_cast<std::uint64_t>(value >> 64U);
    const auto low = static_cast<std::uint64_t>(value);
    return high == 0 ? hex_text(low) : hex_text(high) + hex_text(low, 16).substr(2);
}

OrderedJson to_json(const Claimed& claimed) {
    OrderedJson values = OrderedJson::object();
    for (const auto& [name, value] : claimed.values.variables) values[name] = wide_hex(value);
    OrderedJson arrays = OrderedJson::object();
    for (const auto& [name, elements] : claimed.values.arrays) {
        OrderedJson& array = arrays[name] = OrderedJson::object();
        for (const auto& [index, value] : elements) array[wide_hex(index)] = wide_hex(value);
    }
    OrderedJson choices = OrderedJson::array();
    for (const auto& choice : claimed.choices) {
        choices.push_back({{"reason", spec::info(choice.reason).name}, {"answer", choice.answer}});
    }
    OrderedJson pages = OrderedJson::array();
    for (const auto& page : claimed.pages) pages.push_back(page_json(page));
    OrderedJson opcodes = OrderedJson::array();
    for (const std::uint32_t opcode : claimed.opcodes) opcodes.push_back(hex_text(opcode, 8));
    return {{"claim", claimed.text},        {"values", std::move(values)},   {"arrays", std::move(arrays)},
            {"ways", claimed.ways},         {"choices", std::move(choices)}, {"pages", std::move(pages)},
            {"opcodes", std::move(opcodes)}};
}

OrderedJson to_json(const JobOutcome& outcome) {
    OrderedJson consulted = OrderedJson::array();
    for (const auto& mutation : spec::mutations()) {
        if (outcome.consulted.has(mutation.value)) consulted.push_back(mutation.id);
    }
    OrderedJson statements = OrderedJson::array();
    for (const ProvedPart& part : outcome.statements) {
        OrderedJson json = {{"claims", part.claims}, {"unknown", part.unknown}};
        if (part.witness) json["witness"] = to_json(*part.witness);
        if (part.counterexample) {
            json["counterexample"] = to_json(*part.counterexample);
            json["confirmation"] = to_string(part.confirmation);
        }
        statements.push_back(std::move(json));
    }
    return {{"paths", outcome.paths},
            {"abandoned", outcome.abandoned},
            {"queries", outcome.queries},
            {"milliseconds", static_cast<std::uint64_t>(outcome.seconds * 1000)},
            {"complete", outcome.complete},
            {"consulted", std::move(consulted)},
            {"statements", std::move(statements)}};
}

JobOutcome job_outcome_from_json(const JsonPlace& place) {
    constexpr std::uint64_t kMost = std::uint64_t{1} << 53U;
    JobOutcome outcome;
    outcome.paths = place.member("paths").number(kMost);
    outcome.abandoned = place.member("abandoned").number(kMost);
    outcome.queries = place.member("queries").number(kMost);
    outcome.seconds = static_cast<double>(place.member("milliseconds").number(kMost)) / 1000;
    outcome.complete = place.member("complete").boolean();
    const JsonPlace consulted = place.member("consulted");
    for (std::size_t i = 0; i < consulted.array_size(kMany); ++i) {
        const auto mutation = spec::find_mutation(consulted.element(i).text());
        if (!mutation) consulted.element(i).fail("give the name of a mutation");
        outcome.consulted.add(*mutation);
    }
    const JsonPlace statements = place.member("statements");
    for (std::size_t i = 0; i < statements.array_size(kMany); ++i) {
        const JsonPlace part = statements.element(i);
        ProvedPart& to = outcome.statements.emplace_back();
        to.claims = part.member("claims").number(kMost);
        to.unknown = part.member("unknown").number(kMost);
        if (const auto witness = part.find("witness")) to.witness = claimed_from(*witness);
        if (const auto counterexample = part.find("counterexample")) {
            to.counterexample = claimed_from(*counterexample);
            to.confirmation = static_cast<Confirmation>(part.member("confirmation").one_of(kConfirmations));
        }
    }
    return outcome;
}

} // namespace mtecheck::difftest
