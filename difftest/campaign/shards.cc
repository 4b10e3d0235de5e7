// SPDX-License-Identifier: Apache-2.0
#include "difftest/campaign/shards.h"

#include <algorithm>
#include <charconv>

#include "difftest/campaign/settings.h"

namespace mtecheck::difftest {
namespace {

std::optional<std::uint64_t> to_number(std::string_view text) {
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return number;
}

} // namespace

std::optional<ShardSet> ShardSet::parse(std::string_view text) {
    const std::size_t slash = text.find('/');
    if (slash == std::string_view::npos || to_number(text.substr(slash + 1)) != kShards) return std::nullopt;
    std::string_view rest = text.substr(0, slash);
    ShardSet set;
    set.shards_.reset();
    for (;;) {
        const std::size_t comma = std::min(rest.find(','), rest.size());
        const std::string_view part = rest.substr(0, comma);
        const std::size_t dash = std::min(part.find('-'), part.size());
        const auto first = to_number(part.substr(0, dash));
        const auto last = dash == part.size() ? first : to_number(part.substr(dash + 1));
        if (!first || !last || *first > *last || *last >= kShards) return std::nullopt;
        for (std::uint64_t shard = *first; shard <= *last; ++shard) set.shards_.set(shard);
        if (comma == rest.size()) return set;
        rest.remove_prefix(comma + 1);
    }
}

ShardSet ShardSet::operator|(const ShardSet& other) const {
    ShardSet result = *this;
    result.shards_ |= other.shards_;
    return result;
}

std::optional<ShardSet> ShardSet::others() const {
    ShardSet result = *this;
    result.shards_.flip();
    if (result.shards_.none()) return std::nullopt;
    return result;
}

std::string ShardSet::text() const {
    std::string text;
    for (std::uint64_t first = 0; first < kShards; ++first) {
        if (!contains(first)) continue;
        std::uint64_t last = first;
        while (last + 1 < kShards && contains(last + 1)) ++last;
        text += (text.empty() ? "" : ",") + std::to_string(first);
        if (last != first) text += "-" + std::to_string(last);
        first = last;
    }
    return text + "/" + std::to_string(kShards);
}

ShardSet shards_of(const Settings& settings) {
    return settings.shards.empty() ? ShardSet() : ShardSet::parse(settings.shards).value();
}

UnitPlan::UnitPlan(const ShardSet& shards, std::uint64_t stored_units)
    : stored_units_(stored_units), stored_places_(0) {
    for (std::uint64_t shard = 0; shard < kShards; ++shard) {
        if (shards.contains(shard)) shards_.push_back(shard);
    }
    stored_places_ = row_places_below(stored_units);
}

/// Units are in rows of one for each shard: how many of the first `units` in rows are of our shards.
std::uint64_t UnitPlan::row_places_below(std::uint64_t units) const {
    const auto in_last =
        std::count_if(shards_.begin(), shards_.end(), [&](std::uint64_t shard) { return shard < units % kShards; });
    return units / kShards * shards_.size() + static_cast<std::uint64_t>(in_last);
}

std::uint64_t UnitPlan::unit_at(std::uint64_t place) const {
    const bool stored = place < stored_places_;
    const std::uint64_t in_rows = stored ? place : place - stored_places_;
    const std::uint64_t number = in_rows / shards_.size() * kShards + shards_[in_rows % shards_.size()];
    return stored ? number : stored_units_ + number;
}

std::uint64_t UnitPlan::places_below(std::uint64_t units) const {
    if (units <= stored_units_) return row_places_below(units);
    return stored_places_ + row_places_below(units - stored_units_);
}

} // namespace mtecheck::difftest
