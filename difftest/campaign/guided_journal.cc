// SPDX-License-Identifier: Apache-2.0
#include "difftest/campaign/guided_journal.h"

#include <limits>
#include <nlohmann/json.hpp>
#include <sstream>

#include "difftest/campaign/unit.h"
#include "difftest/core/json.h"

namespace mtecheck::difftest {
namespace {

constexpr std::uint64_t kMaxFile = std::uint64_t{1} << 30U;
constexpr std::uint64_t kMaxNumber = std::uint64_t{1} << 53U;

OrderedJson to_json(const Origin& origin) {
    OrderedJson out{origin.index, origin.state};
    if (origin.parents) {
        out.push_back(origin.parents->first);
        out.push_back(origin.parents->donor);
    }
    return out;
}

Origin origin_from_json(const JsonPlace& place) {
    const auto number = [&](std::size_t i, std::uint64_t most) { return place.element(i).number(most); };
    constexpr std::uint64_t kMaxWord = std::numeric_limits<std::uint32_t>::max();
    const std::size_t size = place.array_size(4);
    if (size != 2 && size != 4) place.fail("must have 2 or 4 elements");
    Origin origin{number(0, kMaxNumber), static_cast<std::uint32_t>(number(1, kMaxWord)), {}};
    if (size == 4) {
        origin.parents =
            Parents{static_cast<std::uint32_t>(number(2, kMaxWord)), static_cast<std::uint32_t>(number(3, kMaxWord))};
    }
    return origin;
}

} // namespace

OrderedJson to_json(const JournalEntry& entry) {
    OrderedJson kept = OrderedJson::array();
    for (const Origin& origin : entry.kept) kept.push_back(to_json(origin));
    return {{"unit", entry.unit}, {"shard", entry.shard}, {"kept", std::move(kept)}};
}

JournalEntry journal_entry_from_json(const JsonPlace& place) {
    place.only({"unit", "shard", "kept"});
    JournalEntry entry;
    entry.unit = place.member("unit").number(kMaxNumber);
    entry.shard = static_cast<std::uint32_t>(place.member("shard").number(kShards - 1));
    const JsonPlace kept = place.member("kept");
    const std::size_t size = kept.array_size(FeatureMap::kPairs + FeatureMap::kCombinations);
    for (std::size_t i = 0; i < size; ++i) entry.kept.push_back(origin_from_json(kept.element(i)));
    return entry;
}

void read_journal(
    const std::filesystem::path& file,
    const std::function<bool(const JournalEntry& entry, const std::string& line, const std::string& place)>& f) {
    if (!std::filesystem::exists(file)) return;
    std::istringstream text(read_file(file.string(), kMaxFile));
    std::size_t number = 0;
    for (std::string line; std::getline(text, line);) {
        const std::string place = file.string() + ":" + std::to_string(++number);
        const nlohmann::json document = parse_json(line, place);
        if (!f(journal_entry_from_json(JsonPlace(document, place)), line + "\n", place)) return;
    }
}

} // namespace mtecheck::difftest
