// SPDX-License-Identifier: Apache-2.0
//
// Which of a campaign's logical shards are run, and so which of its units: the rest is for other machines.
//
// A unit belongs to one shard: a unit of the path corpus to that of its number modulo the number of shards, the others
// to the one that they draw from. The units of a set of shards keep the order that they have in the whole campaign.
#pragma once

#include <bitset>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "difftest/campaign/unit.h"

namespace mtecheck::difftest {

class ShardSet {
  public:
    /// All of them.
    ShardSet() { shards_.set(); }
    /// "0-15/64", "3/64", "0-3,8,60-63/64". Nothing if the text is no such set.
    static std::optional<ShardSet> parse(std::string_view text);

    bool all() const { return shards_.all(); }
    bool contains(std::uint64_t shard) const { return shards_.test(shard); }
    bool overlaps(const ShardSet& other) const { return (shards_ & other.shards_).any(); }
    bool operator==(const ShardSet&) const = default;
    ShardSet operator|(const ShardSet& other) const;
    /// Those that are not in the set, or nothing.
    std::optional<ShardSet> others() const;
    std::size_t count() const { return shards_.count(); }
    /// As parse() reads it.
    std::string text() const;

  private:
    std::bitset<kShards> shards_;
};

struct Settings;

/// Those that a campaign of these settings runs, which are valid.
ShardSet shards_of(const Settings& settings);

/// The units of some shards, in order.
class UnitPlan {
  public:
    /// `stored_units`: how many units of the whole campaign run stored tests; they are its first.
    UnitPlan(const ShardSet& shards, std::uint64_t stored_units);

    /// How many there are.
    std::uint64_t shards() const { return shards_.size(); }
    /// The number, in the whole campaign, of the unit at `place` in this order.
    std::uint64_t unit_at(std::uint64_t place) const;
    /// How many of the first `units` of the whole campaign are of these shards.
    std::uint64_t places_below(std::uint64_t units) const;

  private:
    std::uint64_t row_places_below(std::uint64_t units) const;

    std::vector<std::uint64_t> shards_;
    std::uint64_t stored_units_;
    std::uint64_t stored_places_;
};

} // namespace mtecheck::difftest
