// SPDX-License-Identifier: Apache-2.0
#include "difftest/campaign/groups.h"

#include <iterator>
#include <utility>

namespace mtecheck::difftest {
namespace {

constexpr const char* kOthers = "(others: too many groups)";

GroupKey others(bool explained) {
    if (explained) return {{kOthers}, false, {}};
    return {{}, false, {kOthers, "(any)", "(any)", ""}};
}

} // namespace

void TallyGroup::add_cases(const TallyGroup& other) {
    cases += other.cases;
    for (std::size_t i = 0; i < by_source.size(); ++i) by_source[i] += other.by_source[i];
}

GroupRank::GroupRank(const GroupKey& group) : defects(group.explained_by.size()), id(group.id()), key(group) {}

bool GroupBounds::admit(const GroupKey& key) const {
    const auto& bound = key.explained_by.empty() ? unexplained : explained;
    return !bound || GroupRank(key) <= *bound;
}

bool GroupTable::counts_others(const GroupKey& key) {
    return key.explained_by.empty() ? key.signature.instruction == kOthers : key.explained_by.front() == kOthers;
}

TallyGroup* GroupTable::keep(const GroupKey& key) {
    if (const auto found = groups_.find(key); found != groups_.end()) return &found->second;
    GroupRank rank(key);
    std::set<GroupRank>& kept = ranks(rank.explained());
    if (kept.size() >= most_) {
        const auto last = std::prev(kept.end());
        if (*last < rank) return nullptr;
        auto gone = groups_.extract(last->key);
        kept.erase(last);
        groups_[others(rank.explained())].add_cases(gone.mapped());
        for (const auto* ids : {&gone.mapped().examples, &gone.mapped().suspects})
            dropped_.insert(dropped_.end(), ids->begin(), ids->end());
    }
    kept.insert(std::move(rank));
    return &groups_[key];
}

TallyGroup& GroupTable::counted(const GroupKey& key) {
    if (counts_others(key)) return groups_[key];
    TallyGroup* const group = keep(key);
    return group == nullptr ? groups_[others(!key.explained_by.empty())] : *group;
}

GroupBounds GroupTable::bounds() const {
    const auto bound = [&](const std::set<GroupRank>& kept) {
        return kept.size() < most_ ? std::nullopt : std::optional(*kept.rbegin());
    };
    return {bound(unexplained_), bound(explained_)};
}

bool GroupTable::restore(const GroupKey& key, TallyGroup&& group) {
    if (groups_.contains(key)) return false;
    if (!counts_others(key)) {
        GroupRank rank(key);
        std::set<GroupRank>& kept = ranks(rank.explained());
        if (kept.size() >= most_) return false;
        kept.insert(std::move(rank));
    }
    groups_.emplace(key, std::move(group));
    return true;
}

} // namespace mtecheck::difftest
