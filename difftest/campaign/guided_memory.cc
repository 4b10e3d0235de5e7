// SPDX-License-Identifier: Apache-2.0
#include "difftest/campaign/guided_memory.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "difftest/core/error.h"
#include "difftest/findings/files.h"
#include "difftest/guided/distil.h"

namespace mtecheck::difftest {

GuidedMemory::GuidedMemory(const std::filesystem::path& directory, const Profile& profile, std::uint64_t seed,
                           std::shared_ptr<const CaseCorpus> corpus)
    : file_(directory / kGuidedFile), profile_(profile), seed_(seed), case_corpus_(std::move(corpus)) {}

/// Campaigns that run the path corpus only, or end before, do without it.
const std::shared_ptr<const GuidedCorpus>& GuidedMemory::empty() const {
    if (!empty_) {
        auto begun = std::make_shared<GuidedCorpus>(common_features(profile_));
        for (std::size_t i = 0; case_corpus_ && i < case_corpus_->tests().size(); ++i) {
            const Test& test = case_corpus_->tests()[i];
            begun->add(case_corpus_->traits(i), test.sequence, test.states.front());
        }
        empty_ = std::move(begun);
    }
    return empty_;
}

std::shared_ptr<const GuidedCorpus> GuidedMemory::corpus(std::uint32_t shard) const {
    const std::lock_guard lock(mutex_);
    const auto found = corpora_.find(shard);
    return found == corpora_.end() ? empty() : found->second;
}

void GuidedMemory::merge(std::uint64_t unit, const UnitResult& result) {
    if (result.guided.origins.empty()) return;
    kept_ += result.guided.origins.size();
    pending_ += to_json(JournalEntry{unit, result.guided.shard, result.guided.origins}).dump() + "\n";
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
    if (kept != 0) {
        read_journal(file_, [&](const JournalEntry& entry, const std::string& line, const std::string& place) {
            if (entry.unit >= units) return false;
            GuidedCorpus& corpus = corpora.try_emplace(entry.shard, *empty()).first->second;
            for (const Origin& origin : entry.kept) {
                if (!generator.restore(origin, seed_, entry.shard, corpus))
                    throw InputError(place, "", "is not what this campaign kept: was the file changed?");
            }
            kept_ += entry.kept.size();
            merged += line;
            return kept_ < kept;
        });
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

std::optional<std::vector<Case>> GuidedMemory::distil(const std::atomic<bool>& interrupt) const {
    std::map<std::uint32_t, std::vector<Origin>> origins; // by shard
    read_journal(file_, [&](const JournalEntry& entry, const std::string&, const std::string&) {
        auto& all = origins[entry.shard];
        all.insert(all.end(), entry.kept.begin(), entry.kept.end());
        return true;
    });
    std::vector<CaseTraits> traits;
    std::vector<Case> cases;
    for (std::size_t i = 0; case_corpus_ && i < case_corpus_->tests().size(); ++i) {
        const Test& test = case_corpus_->tests()[i];
        traits.push_back(case_corpus_->traits(i));
        cases.push_back({case_corpus_->id(i), test.sequence, test.states.front()});
    }
    const FeatureMap common = common_features(profile_);
    GuidedGenerator generator(profile_);
    for (const auto& [shard, list] : origins) {
        if (interrupt) return std::nullopt;
        // Of each shard what is enough for it: all that a campaign keeps would take a lot of memory.
        GuidedCorpus corpus = *empty();
        std::vector<CaseTraits> of_shard;
        std::vector<Case> all;
        for (const Origin& origin : list) {
            const auto met = generator.restore(origin, seed_, shard, corpus);
            if (!met) throw InputError(file_.string(), "", "is not what this campaign kept: was the file changed?");
            of_shard.push_back(*met);
            const GuidedSeed& seed = corpus.seed(corpus.kept() - 1);
            all.push_back({std::string(kGuidedGenerator) + "/" + std::to_string(seed_) + "/" + std::to_string(shard) +
                               "/" + std::to_string(origin.index) + "/" + std::to_string(origin.state),
                           seed.sequence, seed.state});
        }
        for (const std::size_t number : difftest::distil(of_shard, common)) {
            traits.push_back(of_shard[number]);
            cases.push_back(std::move(all[number]));
        }
    }
    std::vector<Case> enough;
    for (const std::size_t number : difftest::distil(traits, common)) enough.push_back(std::move(cases[number]));
    return enough;
}

} // namespace mtecheck::difftest
