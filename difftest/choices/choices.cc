// SPDX-License-Identifier: Apache-2.0
#include "difftest/choices/choices.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <tuple>

#include "difftest/choices/probes.h"
#include "difftest/core/compare.h"
#include "difftest/core/json.h"
#include "difftest/findings/signature.h"
#include "difftest/judge/reading.h"
#include "spec/disassemble.h"
#include "spec/gen/registers.h"

namespace mtecheck::difftest {
namespace {

/// What the model says of one outcome.
struct Answer {
    bool arises = false;              // the rule has a part in this case
    std::set<unsigned> took;          // the allowed outcomes that are nearest, by the number of the answer
    unsigned options = 0;             // that the rule has here
    bool same_event = false;          // these end as the target did
    std::vector<std::string> differs; // fields in which even these differ
};

Answer answer_of(Reading& reading, const Case& input, spec::DontCare rule, const Outcome& got) {
    reading.load(input.sequence);
    reading.run(input.state, {}, reading.first);
    Answer answer;
    std::set<unsigned> anything; // answers after which the model says no more
    // An outcome that allows less says more.
    using Rank = std::tuple<bool, std::size_t, std::size_t>;
    std::optional<Rank> best;
    const auto consider = [&](const Expectation& expectation) {
        const bool open = std::any_of(expectation.allowances.begin(), expectation.allowances.end(),
                                      [&](const Allowance& item) { return item.reason == rule; });
        const auto choice = std::find_if(expectation.choices.begin(), expectation.choices.end(),
                                         [&](const ChoiceTaken& item) { return item.reason == rule; });
        const bool asked = choice != expectation.choices.end();
        answer.arises = answer.arises || asked || open;
        if (asked) answer.options = choice->options;
        if (leads_astray(expectation)) {
            if (asked) anything.insert(choice->taken);
            return false;
        }
        const auto fields = differences(expectation, got);
        const Rank rank(!ends_alike(expectation.outcome, got), fields.size(), expectation.allowances.size());
        if (best && *best < rank) return false;
        if (!best || rank < *best) {
            best = rank;
            answer.took.clear();
            answer.differs.clear();
            for (const FieldDifference& field : fields) answer.differs.push_back(field.field);
        }
        if (asked) answer.took.insert(choice->taken);
        return false; // all of them
    };
    consider(reading.first);
    try_others(reading, input.state, reading.first, consider);
    answer.same_event = best && !std::get<0>(*best);
    // Values that may be anything: the instruction completed, and nothing more can be said of it.
    if (!answer.differs.empty() && !anything.empty() && got.status == Status::completed) {
        answer.took = std::move(anything);
        answer.differs.clear();
        answer.same_event = true;
    }
    return answer;
}

std::string code_of(const Sequence& sequence) {
    std::string text;
    for (const std::uint32_t word : sequence.code) text += (text.empty() ? "" : "; ") + spec::disassemble(word);
    return text;
}

std::string joined(const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
    return text;
}

/// The names of answers, if the rule has one for each; not every instruction can have all of them.
std::string names_of(const spec::DontCareInfo& rule, const std::set<unsigned>& took, unsigned options) {
    if (rule.allowed.size() < options) return {};
    std::string text;
    for (const unsigned number : took) text += (text.empty() ? "" : " or ") + std::string(rule.allowed[number]);
    return text;
}

ChoiceSeen seen_of(const ChoiceProbe& probe, Reading& reading, const std::vector<std::vector<Outcome>>& outcomes,
                   std::size_t first) {
    ChoiceSeen seen;
    seen.rule = probe.rule;
    seen.probe = code_of(probe.cases.front().sequence) + (probe.where.empty() ? "" : " (" + probe.where + ")");
    std::optional<std::set<unsigned>> took;
    unsigned options = 0;
    bool arises = false;
    std::vector<std::string> differs;
    for (std::size_t i = 0; i < probe.cases.size(); ++i) {
        const Outcome& got = outcomes[first + i].front();
        if (got.status != Status::completed && got.status != Status::exception) {
            seen.remark = std::string(to_string(got.status)) + (got.note.empty() ? "" : ": " + got.note);
            return seen;
        }
        const Answer answer = answer_of(reading, probe.cases[i], probe.asked, got);
        arises = arises || answer.arises;
        if (answer.arises && !answer.same_event) {
            seen.remark = "it does none of what is allowed: " + event_name(got);
            return seen;
        }
        differs.insert(differs.end(), answer.differs.begin(), answer.differs.end());
        if (answer.took.empty()) continue;
        options = answer.options;
        if (!took) {
            took = answer.took;
        } else {
            std::erase_if(*took, [&](unsigned number) { return !answer.took.contains(number); });
        }
    }
    if (!arises) {
        seen.remark = "nothing is left open here for an implementation of these features";
        return seen;
    }
    if (took) seen.seen = names_of(spec::info(probe.rule), *took, options);
    if (probe.detail != nullptr) {
        const std::string detail = probe.detail(probe.cases.front(), outcomes[first].front());
        const bool unknown = seen.seen.find("UNKNOWN") != std::string::npos;
        if (!detail.empty()) seen.seen = (unknown ? seen.seen + ": " : std::string()) + detail;
    }
    if (!differs.empty()) seen.remark = "but not as is allowed: " + joined(differs);
    if (seen.seen.empty() && seen.remark.empty()) seen.remark = "the outcome does not show it";
    return seen;
}

/// Whether tags repeat from one state says whether there is randomness beyond RGSR_EL1.
void measure_random_tag(Target& target, std::vector<ChoiceSeen>& seen) {
    const Profile& profile = target.probe();
    const Test test = random_tag_probe(profile);
    ChoiceSeen tag;
    tag.rule = spec::DontCare::RandomTag;
    tag.probe = code_of(test.sequence) + " (GCR_EL1.RRND is 1, " + std::to_string(test.states.size()) +
                " times from one state, RGSR_EL1 is 0)";
    ChoiceSeen seed = tag;
    seed.rule = spec::DontCare::RandomSeedLayout;
    std::vector<std::vector<Outcome>> outcomes;
    target.run(std::span(&test, 1), outcomes);
    std::set<std::uint64_t> tags;
    std::set<std::uint64_t> seeds;
    for (const Outcome& outcome : outcomes.front()) {
        if (outcome.status != Status::completed) {
            tag.remark = seed.remark = std::string(to_string(outcome.status)) + ": " + outcome.note;
            seen.push_back(tag);
            seen.push_back(seed);
            return;
        }
        tags.insert(spec::field::RGSR_EL1::TAG.extract(outcome.x[0] >> 56U));
        seeds.insert(outcome.rgsr_el1);
    }
    tag.seen = tags.size() == 1 ? "the same tag each time" : "tags differ: randomness of its own";
    seed.seen = seeds.size() > 1      ? "RGSR_EL1 is left with values that differ"
                : *seeds.begin() == 0 ? "RGSR_EL1 is left as it was"
                                      : "RGSR_EL1 is left as " + hex_text(*seeds.begin());
    seen.push_back(tag);
    seen.push_back(seed);
}

void add_block_sizes(const Profile& profile, std::vector<ChoiceSeen>& seen) {
    constexpr std::uint64_t kBlock = 0xf;
    const auto bytes = [](std::uint64_t bs) { return std::to_string(std::uint64_t{4} << (bs & kBlock)) + " bytes"; };
    ChoiceSeen sizes;
    sizes.rule = spec::DontCare::BlockSizes;
    sizes.probe = "GMID_EL1, DCZID_EL0";
    sizes.seen = (profile.mte >= 2 ? "LDGM block " + bytes(profile.gmid_el1) + ", " : std::string()) + "DC ZVA block " +
                 bytes(profile.dczid_el0);
    seen.push_back(std::move(sizes));
}

} // namespace

std::vector<ChoiceSeen> measure_choices(Target& target) {
    const Profile& profile = target.probe();
    const std::vector<ChoiceProbe> probes = choice_probes(profile);
    std::vector<Test> tests;
    for (const ChoiceProbe& probe : probes) {
        for (const Case& input : probe.cases) tests.push_back({input.sequence, {input.state}});
    }
    std::vector<std::vector<Outcome>> outcomes;
    target.run(tests, outcomes);
    const auto reading = make_reading(profile);
    std::vector<ChoiceSeen> seen;
    std::size_t first = 0;
    for (const ChoiceProbe& probe : probes) {
        seen.push_back(seen_of(probe, *reading, outcomes, first));
        first += probe.cases.size();
    }
    if (profile.mte >= 2) measure_random_tag(target, seen);
    add_block_sizes(profile, seen);
    std::stable_sort(seen.begin(), seen.end(),
                     [](const ChoiceSeen& a, const ChoiceSeen& b) { return a.rule < b.rule; });
    return seen;
}

OrderedJson to_json(const ChoiceSeen& choice) {
    const spec::DontCareInfo& rule = spec::info(choice.rule);
    OrderedJson out{{"id", rule.id},
                    {"name", rule.name},
                    {"source", rule.source},
                    {"condition", rule.condition},
                    {"probe", choice.probe}};
    if (!choice.seen.empty()) out["seen"] = choice.seen;
    if (!choice.remark.empty()) out["remark"] = choice.remark;
    return out;
}

} // namespace mtecheck::difftest
