// SPDX-License-Identifier: Apache-2.0
#include "difftest/statistics/random_tags.h"

#include <algorithm>
#include <bit>
#include <boost/math/distributions/chi_squared.hpp>
#include <nlohmann/json.hpp>

#include "difftest/core/layout.h"
#include "difftest/generate/configuration.h"
#include "difftest/generate/random.h"
#include "spec/encode.h"
#include "spec/gen/registers.h"

namespace mtecheck::difftest {
namespace {

namespace field = spec::field;

constexpr std::size_t kDraws = 4096; // of each set
constexpr unsigned kTagShift = 56;
constexpr unsigned kDestination = 0;
constexpr unsigned kSource = 1;

// 16, 8, 8, 4, 2 and 1 allowed; then 15, as Linux has it in user mode, 3 and none.
constexpr std::array<std::uint16_t, 9> kSets{0x0000, 0x00ff, 0xaaaa, 0xeeee, 0xbffe, 0x7fff, 0x0001, 0xf8fa, 0xffff};

std::uint16_t allowed_of(std::uint16_t exclude) {
    // AArch64.ChooseNonExcludedTag and IRG: tag 0 where every tag is excluded.
    return exclude == 0xffff ? std::uint16_t{1} : static_cast<std::uint16_t>(~exclude);
}

/// IRG at EL1, from as many seeds as there are draws. Half of the states have no seed: then there is nothing but the
/// implementation's own randomness.
Test draws_of(const Profile& profile, std::uint16_t exclude) {
    Test test;
    test.sequence.configuration = base_configuration(profile, 1);
    test.sequence.pc = ARENA_CODE_VA;
    const std::array<spec::FieldValue, 3> operands{{{"Xd", kDestination}, {"Xn", kSource}, {"Xm", 31}}};
    test.sequence.code.push_back(spec::encode(spec::Encoding::IRG, operands));
    Random random(0, 0, exclude);
    for (std::size_t i = 0; i < kDraws; ++i) {
        State& state = test.states.emplace_back();
        const std::uint64_t drawn = random.next();
        state.x[kSource] = ARENA_VA;
        state.gcr_el1 = field::GCR_EL1::RRND.place(1) | field::GCR_EL1::Exclude.place(exclude);
        unsigned start = random.below(16);
        while ((allowed_of(exclude) >> start & 1U) == 0) start = (start + 1) % 16;
        state.rgsr_el1 = field::RGSR_EL1::TAG.place(start);
        if (i % 2 == 0) state.rgsr_el1 |= field::RGSR_EL1::SEED.place(drawn >> 8U | 1U);
    }
    return test;
}

void judge(TagDraws& draws, std::size_t tests) {
    const unsigned tags = draws.allowed();
    draws.uniform_expected = tags > 1 && 16 % tags == 0;
    if (!draws.uniform_expected) return;
    const double expected = static_cast<double>(draws.draws) / tags;
    for (unsigned tag = 0; tag < 16; ++tag) {
        if ((allowed_of(draws.exclude) >> tag & 1U) == 0) continue;
        const double off = static_cast<double>(draws.counts[tag]) - expected;
        draws.chi_square += off * off / expected;
    }
    const boost::math::chi_squared distribution(tags - 1);
    draws.critical =
        boost::math::quantile(boost::math::complement(distribution, kSignificance / static_cast<double>(tests)));
}

} // namespace

unsigned TagDraws::allowed() const { return static_cast<unsigned>(std::popcount(allowed_of(exclude))); }

std::uint64_t TagDraws::excluded_drawn() const {
    std::uint64_t sum = 0;
    for (unsigned tag = 0; tag < 16; ++tag) sum += (allowed_of(exclude) >> tag & 1U) == 0 ? counts[tag] : 0;
    return sum;
}

bool RandomTagStatistics::passed() const {
    return std::all_of(draws.begin(), draws.end(), [](const TagDraws& set) { return set.passed(); });
}

RandomTagStatistics measure_random_tags(Target& target) {
    RandomTagStatistics statistics;
    const Profile& profile = target.probe();
    if (profile.mte < 2) statistics.why = "the target has no IRG";
    if (!profile.chooses_tags) statistics.why = "the target answers as the pseudocode does, and chooses no tags itself";
    if (!statistics.applicable()) return statistics;
    std::vector<std::vector<Outcome>> outcomes;
    for (const std::uint16_t exclude : kSets) {
        const Test test = draws_of(profile, exclude);
        target.run(std::span(&test, 1), outcomes);
        TagDraws& draws = statistics.draws.emplace_back();
        draws.exclude = exclude;
        for (const Outcome& outcome : outcomes[0]) {
            if (outcome.status != Status::completed) {
                statistics.draws.clear();
                statistics.why = "the target did not complete an IRG";
                return statistics;
            }
            ++draws.draws;
            ++draws.counts[outcome.x[kDestination] >> kTagShift & 15U];
        }
        judge(draws, kSets.size());
    }
    return statistics;
}

OrderedJson to_json(const RandomTagStatistics& statistics) {
    OrderedJson out{{"requirement", kRandomTagRequirement}};
    if (!statistics.applicable()) {
        out["why_not"] = statistics.why;
        return out;
    }
    out["significance"] = kSignificance;
    out["passed"] = statistics.passed();
    OrderedJson sets = OrderedJson::array();
    for (const TagDraws& set : statistics.draws) {
        OrderedJson item{{"exclude", hex_text(set.exclude)}, {"draws", set.draws}, {"passed", set.passed()}};
        item["tested"] = set.uniform_expected ? "exclusion and distribution" : "exclusion";
        sets.push_back(std::move(item));
    }
    out["sets"] = std::move(sets);
    return out;
}

OrderedJson measured_json(const RandomTagStatistics& statistics) {
    OrderedJson out = OrderedJson::array();
    for (const TagDraws& set : statistics.draws) {
        OrderedJson item{{"exclude", hex_text(set.exclude)}, {"excluded_drawn", set.excluded_drawn()}};
        item["counts"] = set.counts;
        if (set.uniform_expected) {
            item["chi_square"] = set.chi_square;
            item["critical"] = set.critical;
        }
        out.push_back(std::move(item));
    }
    return out;
}

RandomTagStatistics random_tags_from_json(const JsonPlace& place) {
    place.only({"why_not", "sets"});
    RandomTagStatistics statistics;
    if (const auto why = place.find("why_not")) {
        statistics.why = why->text();
        return statistics;
    }
    const JsonPlace sets = place.member("sets");
    if (sets.array_size(kSets.size()) != kSets.size()) sets.fail("must have " + std::to_string(kSets.size()) + " sets");
    for (std::size_t i = 0; i < kSets.size(); ++i) {
        const JsonPlace item = sets.element(i);
        item.only({"exclude", "excluded_drawn", "counts", "chi_square", "critical"}); // all but the counts follows
        TagDraws& draws = statistics.draws.emplace_back();
        draws.exclude = static_cast<std::uint16_t>(item.member("exclude").hex(0xffff));
        const JsonPlace counts = item.member("counts");
        if (counts.array_size(draws.counts.size()) != draws.counts.size()) counts.fail("must have 16 numbers");
        for (std::size_t tag = 0; tag < draws.counts.size(); ++tag) {
            draws.counts[tag] = counts.element(tag).number(kDraws);
            draws.draws += draws.counts[tag];
        }
        if (draws.draws != kDraws) counts.fail("must add up to " + std::to_string(kDraws));
        judge(draws, kSets.size());
    }
    return statistics;
}

} // namespace mtecheck::difftest
