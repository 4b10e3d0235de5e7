// SPDX-License-Identifier: Apache-2.0
#include "difftest/campaign/tally.h"

#include <algorithm>
#include <iterator>
#include <limits>
#include <nlohmann/json.hpp>

namespace mtecheck::difftest {
namespace {

constexpr std::uint64_t kMaxCount = std::numeric_limits<std::int64_t>::max();
constexpr std::size_t kMaxReasons = 1000;
constexpr const char* kOtherReasons = "(other reasons)";
constexpr std::size_t kMaxPaths = std::size_t{1} << 24U;

void add_all(std::vector<std::uint64_t>& to, const std::vector<std::uint64_t>& from) {
    to.resize(std::max(to.size(), from.size()));
    for (std::size_t i = 0; i < from.size(); ++i) to[i] += from[i];
}

void add_all(std::map<std::string, std::uint64_t>& to, const std::map<std::string, std::uint64_t>& from) {
    for (const auto& [reason, count] : from) {
        // Reasons are words of ours; the bound is against a target that puts numbers into its notes. The first by
        // alphabet are kept, so that it does not matter in which order they come.
        to[reason] += count;
        const auto others = to.find(kOtherReasons);
        if (to.size() <= kMaxReasons + (others == to.end() ? 0 : 1)) continue;
        auto last = std::prev(to.end());
        if (last == others) --last;
        const std::uint64_t beyond = last->second;
        to.erase(last);
        to[kOtherReasons] += beyond;
    }
}

std::vector<std::uint64_t> counts_from_json(const JsonPlace& place, std::size_t size) {
    if (place.array_size(size) != size) {
        place.fail("must have " + std::to_string(size) + " elements: was it written by another version of mtecheck?");
    }
    std::vector<std::uint64_t> result;
    for (std::size_t i = 0; i < size; ++i) result.push_back(place.element(i).number(kMaxCount));
    return result;
}

std::map<std::string, std::uint64_t> reasons_from_json(const JsonPlace& place) {
    if (!place.value().is_object() || place.value().size() > kMaxReasons + 1)
        place.fail("must be an object of numbers");
    std::map<std::string, std::uint64_t> result;
    for (const auto& [reason, count] : place.value().items()) result[reason] = place.member(reason).number(kMaxCount);
    return result;
}

double seconds_from_json(const JsonPlace& place) {
    if (!place.value().is_number() || place.value().get<double>() < 0) place.fail("must be a number of seconds");
    return place.value().get<double>();
}

OrderedJson to_json(const Times& times) {
    return {{"elapsed_seconds", times.elapsed_seconds},
            {"generate_seconds", times.generate_seconds},
            {"target_seconds", times.target_seconds},
            {"judge_seconds", times.judge_seconds},
            {"target_cpu_seconds", times.target_cpu_seconds},
            {"target_restarts", times.target_restarts},
            {"interruptions", times.interruptions}};
}

Times times_from_json(const JsonPlace& place) {
    place.only({"elapsed_seconds", "generate_seconds", "target_seconds", "judge_seconds", "target_cpu_seconds",
                "target_restarts", "interruptions"});
    Times times;
    times.elapsed_seconds = seconds_from_json(place.member("elapsed_seconds"));
    times.generate_seconds = seconds_from_json(place.member("generate_seconds"));
    times.target_seconds = seconds_from_json(place.member("target_seconds"));
    times.judge_seconds = seconds_from_json(place.member("judge_seconds"));
    times.target_cpu_seconds = seconds_from_json(place.member("target_cpu_seconds"));
    times.target_restarts = place.member("target_restarts").number(kMaxCount);
    times.interruptions = place.member("interruptions").number(kMaxCount);
    return times;
}

} // namespace

void Counts::add(const Counts& other) {
    std::vector<std::uint64_t> values;
    each(other, [&](const char*, std::uint64_t value) { values.push_back(value); });
    std::size_t i = 0;
    each(*this, [&](const char*, std::uint64_t& value) { value += values[i++]; });
}

Tally::Tally(const TableSizes& sizes)
    : requirements(sizes.requirements), encodings(sizes.encodings), coverage(sizes.coverage), paths(sizes.paths),
      groups(sizes.groups) {
    for (SourceTally& source : sources) source.coverage.resize(sizes.coverage);
}

void Tally::add(const UnitResult& result) {
    ++units;
    counts.add(result.counts);
    requirements.resize(std::max(requirements.size(), result.requirements.size()));
    for (std::size_t i = 0; i < result.requirements.size(); ++i) {
        requirements[i].exercised += result.requirements[i].exercised;
        requirements[i].diverged += result.requirements[i].diverged;
    }
    add_all(encodings, result.encodings);
    add_all(coverage, result.coverage);
    for (const std::uint32_t path : result.paths_agreed) paths.at(path) |= kPathExercised;
    for (const std::uint32_t path : result.paths_diverged) paths.at(path) |= kPathExercised | kPathDiverged;
    add_all(choices, result.choices);
    store_exclusives.add(result.store_exclusives);
    add_all(unsupported, result.unsupported);
    const auto number = static_cast<std::size_t>(result.source);
    SourceTally& source = sources[number];
    source.cases += result.counts.cases;
    source.diverged += result.counts.explained + result.counts.led_astray + result.counts.unexplained;
    source.coverage.resize(std::max(source.coverage.size(), result.coverage.size()));
    for (std::size_t i = 0; i < result.coverage.size(); ++i) {
        if (result.coverage[i] != 0) source.coverage[i] = 1;
    }
    guided_kept += result.guided.origins.size();
    for (const auto& [key, unit_group] : result.groups) {
        TallyGroup& group = groups.counted(key);
        group.cases += unit_group.cases;
        group.by_source[number] += unit_group.cases;
    }
    times.generate_seconds += result.generate_seconds;
    times.target_seconds += result.target_seconds;
    times.judge_seconds += result.judge_seconds;
    times.target_cpu_seconds += result.target_cpu_seconds;
    times.target_restarts += result.target_restarts;
}

void Tally::add(const Tally& part) {
    units += part.units;
    counts.add(part.counts);
    for (std::size_t i = 0; i < part.requirements.size(); ++i) {
        requirements.at(i).exercised += part.requirements[i].exercised;
        requirements.at(i).diverged += part.requirements[i].diverged;
    }
    add_all(encodings, part.encodings);
    add_all(coverage, part.coverage);
    for (std::size_t i = 0; i < part.paths.size(); ++i) paths.at(i) |= part.paths[i];
    add_all(choices, part.choices);
    store_exclusives.add(part.store_exclusives);
    add_all(unsupported, part.unsupported);
    for (std::size_t source = 0; source < sources.size(); ++source) {
        const SourceTally& from = part.sources[source];
        SourceTally& to = sources[source];
        to.cases += from.cases;
        to.diverged += from.diverged;
        for (std::size_t i = 0; i < from.coverage.size(); ++i) to.coverage.at(i) |= from.coverage[i];
    }
    guided_kept += part.guided_kept;
    // Every part measured them; one that failed counts.
    if (part.random_tags && (!random_tags || random_tags->passed())) random_tags = part.random_tags;
    for (const auto& [key, part_group] : part.groups) groups.counted(key).add_cases(part_group);
    times.elapsed_seconds = std::max(times.elapsed_seconds, part.times.elapsed_seconds);
    times.generate_seconds += part.times.generate_seconds;
    times.target_seconds += part.times.target_seconds;
    times.judge_seconds += part.times.judge_seconds;
    times.target_cpu_seconds += part.times.target_cpu_seconds;
    times.target_restarts += part.times.target_restarts;
    times.interruptions += part.times.interruptions;
}

std::size_t Tally::covered() const {
    return static_cast<std::size_t>(
        std::count_if(coverage.begin(), coverage.end(), [](std::uint64_t count) { return count != 0; }));
}

OverAllCases Tally::over_all_cases() const {
    return {.random_tags = !random_tags || random_tags->passed(), .store_exclusives = store_exclusives.make_progress()};
}

OrderedJson to_json(const Tally& tally) {
    OrderedJson out;
    out["units"] = tally.units;
    OrderedJson counts;
    Counts::each(tally.counts, [&](const char* name, std::uint64_t value) { counts[name] = value; });
    out["counts"] = std::move(counts);
    OrderedJson exercised = OrderedJson::array();
    OrderedJson diverged = OrderedJson::array();
    for (const RequirementCount& count : tally.requirements) {
        exercised.push_back(count.exercised);
        diverged.push_back(count.diverged);
    }
    out["requirements_exercised"] = std::move(exercised);
    out["requirements_diverged"] = std::move(diverged);
    out["encodings"] = tally.encodings;
    out["coverage"] = tally.coverage;
    std::string paths;
    for (const std::uint8_t path : tally.paths) paths += static_cast<char>('0' + path);
    if (!paths.empty()) out["paths"] = paths;
    out["choices"] = tally.choices;
    if (tally.store_exclusives.any()) out["store_exclusives"] = counts_json(tally.store_exclusives);
    out["unsupported"] = tally.unsupported;
    OrderedJson sources = OrderedJson::array();
    for (const SourceTally& source : tally.sources) {
        std::string coverage;
        for (const std::uint8_t met : source.coverage) coverage += static_cast<char>('0' + met);
        sources.push_back({{"cases", source.cases}, {"diverged", source.diverged}, {"coverage", std::move(coverage)}});
    }
    out["sources"] = std::move(sources);
    out["guided_kept"] = tally.guided_kept;
    if (tally.random_tags) {
        out["random_tags"] = tally.random_tags->applicable() ? OrderedJson{{"sets", measured_json(*tally.random_tags)}}
                                                             : OrderedJson{{"why_not", tally.random_tags->why}};
    }
    OrderedJson groups = OrderedJson::array();
    for (const auto& [key, group] : tally.groups) {
        OrderedJson item = {{"explained_by", key.explained_by}};
        if (key.led_astray) item["led_astray"] = true;
        item["signature"] = to_json(key.signature);
        item["cases"] = group.cases;
        item["by_source"] = group.by_source;
        item["examples"] = group.examples;
        item["suspects"] = group.suspects;
        item["not_reproduced"] = group.not_reproduced;
        groups.push_back(std::move(item));
    }
    out["groups"] = std::move(groups);
    out["times"] = to_json(tally.times);
    return out;
}

Tally tally_from_json(const JsonPlace& place, const TableSizes& sizes) {
    place.only({"units", "counts", "requirements_exercised", "requirements_diverged", "encodings", "coverage", "paths",
                "choices", "store_exclusives", "unsupported", "sources", "guided_kept", "random_tags", "groups",
                "times"});
    Tally tally(sizes);
    tally.units = place.member("units").number(kMaxCount);
    const JsonPlace counts = place.member("counts");
    Counts::each(tally.counts,
                 [&](const char* name, std::uint64_t& value) { value = counts.member(name).number(kMaxCount); });
    const auto exercised = counts_from_json(place.member("requirements_exercised"), sizes.requirements);
    const auto diverged = counts_from_json(place.member("requirements_diverged"), sizes.requirements);
    for (std::size_t i = 0; i < sizes.requirements; ++i) tally.requirements[i] = {exercised[i], diverged[i]};
    tally.encodings = counts_from_json(place.member("encodings"), sizes.encodings);
    tally.coverage = counts_from_json(place.member("coverage"), sizes.coverage);
    if (const auto paths = place.find("paths"); paths || sizes.paths != 0) {
        const std::string& marks = place.member("paths").text(kMaxPaths);
        if (marks.size() != sizes.paths || marks.find_first_not_of("0123") != std::string::npos)
            paths->fail("must have a digit from 0 to 3 for each of " + std::to_string(sizes.paths) + " paths");
        for (std::size_t i = 0; i < marks.size(); ++i) tally.paths[i] = static_cast<std::uint8_t>(marks[i] - '0');
    }
    tally.choices = reasons_from_json(place.member("choices"));
    if (const auto counted = place.find("store_exclusives"))
        tally.store_exclusives = store_exclusives_from_json(*counted);
    tally.unsupported = reasons_from_json(place.member("unsupported"));
    const JsonPlace sources = place.member("sources");
    if (sources.array_size(kSourceNames.size()) != kSourceNames.size())
        sources.fail("must have an element for each source");
    for (std::size_t i = 0; i < kSourceNames.size(); ++i) {
        const JsonPlace item = sources.element(i);
        item.only({"cases", "diverged", "coverage"});
        tally.sources[i].cases = item.member("cases").number(kMaxCount);
        tally.sources[i].diverged = item.member("diverged").number(kMaxCount);
        const std::string& marks = item.member("coverage").text();
        if (marks.size() != sizes.coverage || marks.find_first_not_of("01") != std::string::npos)
            item.member("coverage")
                .fail("must have 0 or 1 for each of " + std::to_string(sizes.coverage) + " outcomes");
        for (std::size_t k = 0; k < marks.size(); ++k)
            tally.sources[i].coverage[k] = static_cast<std::uint8_t>(marks[k] - '0');
    }
    tally.guided_kept = place.member("guided_kept").number(kMaxCount);
    if (const auto random_tags = place.find("random_tags")) tally.random_tags = random_tags_from_json(*random_tags);
    const JsonPlace groups = place.member("groups");
    const std::size_t size = groups.array_size(2 * sizes.groups + 2);
    for (std::size_t i = 0; i < size; ++i) {
        const JsonPlace item = groups.element(i);
        item.only({"explained_by", "led_astray", "signature", "cases", "by_source", "examples", "suspects",
                   "not_reproduced"});
        const auto led_astray = item.find("led_astray");
        const GroupKey key{item.member("explained_by").texts(kMaxReasons), led_astray && led_astray->boolean(),
                           signature_from_json(item.member("signature"))};
        TallyGroup group;
        group.cases = item.member("cases").number(kMaxCount);
        const auto by_source = counts_from_json(item.member("by_source"), group.by_source.size());
        std::copy(by_source.begin(), by_source.end(), group.by_source.begin());
        group.examples = item.member("examples").texts(kMaxReasons);
        group.suspects = item.member("suspects").texts(kMaxReasons);
        group.not_reproduced = item.member("not_reproduced").number(kMaxCount);
        if (!tally.groups.restore(key, std::move(group))) item.fail("is there twice, or one too many");
    }
    tally.times = times_from_json(place.member("times"));
    return tally;
}

} // namespace mtecheck::difftest
