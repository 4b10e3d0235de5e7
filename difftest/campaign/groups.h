// SPDX-License-Identifier: Apache-2.0
//
// The groups of divergences of a campaign, kept apart up to a bound; what is beyond it is counted together.
//
// Which groups are kept is a matter of their keys alone: of those that no known defect explains the ones with the least
// hashes, and of those that defects explain the ones with the fewest defects, and then with the least hashes; so many
// of either kind. So they depend neither on the order in which groups are met nor on who meets them, and the table of
// several parts is that of the whole: a group that the whole keeps is kept by every part that meets it, from its first
// case on.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "difftest/campaign/settings.h"
#include "difftest/campaign/unit.h"
#include "difftest/findings/signature.h"

namespace mtecheck::difftest {

struct TallyGroup {
    std::uint64_t cases = 0;
    std::array<std::uint64_t, kSourceNames.size()> by_source{}; // of cases
    std::vector<std::string> examples;                          // ids of confirmed findings, lowest first
    std::vector<std::string> suspects;                          // ids of findings that agreed when run alone
    std::uint64_t not_reproduced = 0;                           // how often that was tried and agreed

    void add_cases(const TallyGroup& other);
};

/// What says which of two groups of a kind is kept: the lesser one.
struct GroupRank {
    explicit GroupRank(const GroupKey& group);
    bool explained() const { return defects != 0; }
    std::strong_ordering operator<=>(const GroupRank&) const = default;

    std::size_t defects;
    std::string id;
    GroupKey key; // ids may be the same
};

/// The greatest ranks that are kept; none: there is room yet.
struct GroupBounds {
    std::optional<GroupRank> unexplained;
    std::optional<GroupRank> explained;
    bool admit(const GroupKey& key) const;
};

class GroupTable {
  public:
    explicit GroupTable(std::size_t most = kMaxGroups) : most_(most) {}

    /// The group of a key, which is made if it is not there; none if it is beyond the bound. Another may make room.
    TallyGroup* keep(const GroupKey& key);
    /// That, or what counts the others of its kind.
    TallyGroup& counted(const GroupKey& key);
    bool contains(const GroupKey& key) const { return groups_.contains(key); }
    GroupBounds bounds() const;
    bool has_dropped() const { return !dropped_.empty(); }
    /// Ids of the findings of groups that made room since this was asked last.
    std::vector<std::string> take_dropped() { return std::exchange(dropped_, {}); }

    /// Puts in a group that is stored. False if it is there, or there is no room for it.
    bool restore(const GroupKey& key, TallyGroup&& group);

    /// Whether the key is not of a group, but of what counts the others.
    static bool counts_others(const GroupKey& key);

    auto begin() const { return groups_.begin(); }
    auto end() const { return groups_.end(); }
    std::size_t size() const { return groups_.size(); }

  private:
    std::set<GroupRank>& ranks(bool explained) { return explained ? explained_ : unexplained_; }

    std::size_t most_;
    std::map<GroupKey, TallyGroup> groups_;
    std::set<GroupRank> unexplained_; // of groups_
    std::set<GroupRank> explained_;
    std::vector<std::string> dropped_;
};

} // namespace mtecheck::difftest
