// SPDX-License-Identifier: Apache-2.0
#include "difftest/campaign/guided_memory.h"

#include <limits>
#include <sstream>

#include "difftest/core/error.h"
#include "difftest/core/json.h"
#include "difftest/findings/files.h"

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

GuidedMemory::GuidedMemory(const std::filesystem::path& directory, const Profile& profile, std::uint64_t seed)
    : file_(directory / kGuidedFile), profile_(profile), seed_(seed) {}

/// Campaigns that run the path corpus only, or end before, do without it.
const std::shared_ptr<const GuidedCorpus>& GuidedMemory::empty() const {
    if (!empty_) empty_ = std::make_shared<const GuidedCorpus>(common_features(profile_));
    return empty_;
}

std::shared_ptr<const GuidedCorpus> GuidedMemory::corpus(std::uint32_t shard) const {
    const std::lock_guard lock(mutex_);
    const auto found = corpora_.find(shard);
    return found == corpora_.end() ? empty() : found->second;
}

void GuidedMemory::merge(std::uint64_t unit, const UnitResult& result) {
    if (result.guided.origins.empty()) return;
    OrderedJson kept = OrderedJson::array();
    for (const Origin& origin : result.guided.origins) kept.push_back(to_json(origin));
    kept_ += result.guided.origins.size();
    pending_ += OrderedJson{{"unit", unit}, {"shard", result.guided.shard}, {"kept", std::move(kept)}}.dump() + "\n";
    const std::lock_guard lock(mutex_);
    corpora_[result.guided.shard] = result.guided.corpus;
}

void GuidedMemory::flush() {
    if (pending_.empty()) return;
    append_durably(file_, pending_);
    pending_.clear();
}

void GuidedMemory::restore(std::uint64_t units, std::uint64_t kept) {
    GuidedGenerator generator(profile_);
    std::map<std::uint32_t, GuidedCorpus> corpora;
    std::string merged;
    if (std::filesystem::exists(file_)) {
        std::istringstream text(read_file(file_.string(), kMaxFile));
        std::string line;
        for (std::size_t number = 1; kept_ < kept && std::getline(text, line); ++number) {
            const std::string place_name = file_.string() + ":" + std::to_string(number);
            const nlohmann::json document = parse_json(line, place_name);
            const JsonPlace place(document, place_name);
            place.only({"unit", "shard", "kept"});
            if (place.member("unit").number(kMaxNumber) >= units) break;
            const auto shard = static_cast<std::uint32_t>(place.member("shard").number(kShards - 1));
            const JsonPlace list = place.member("kept");
            const std::size_t size = list.array_size(FeatureMap::kPairs + FeatureMap::kCombinations);
            GuidedCorpus& corpus = corpora.try_emplace(shard, *empty()).first->second;
            for (std::size_t i = 0; i < size; ++i) {
                if (!generator.restore(origin_from_json(list.element(i)), seed_, shard, corpus))
                    list.element(i).fail("is not what this campaign kept: was the file changed?");
            }
            kept_ += size;
            merged += line + "\n";
        }
    }
    if (kept_ != kept) {
        throw InputError(file_.string(), "",
                         "holds " + std::to_string(kept_) + " of the " + std::to_string(kept) +
                             " cases that the campaign has kept: begin a new campaign");
    }
    if (!merged.empty() || std::filesystem::exists(file_)) write_durably(file_, merged);
    const std::lock_guard lock(mutex_);
    for (auto& [shard, corpus] : corpora) corpora_[shard] = std::make_shared<const GuidedCorpus>(std::move(corpus));
}

} // namespace mtecheck::difftest
