// SPDX-License-Identifier: Apache-2.0
//
// What a campaign leaves in its directory, for whoever goes on with it or joins it with others: names of files, and the
// rules by which units, groups and findings belong together.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "difftest/campaign/settings.h"
#include "difftest/campaign/stored_tests.h"
#include "difftest/campaign/tally.h"

namespace mtecheck::difftest {

inline constexpr std::string_view kCheckpointSchema = "mtecheck-checkpoint/1";
inline constexpr const char* kSettingsFile = "campaign.json";
inline constexpr const char* kProfileFile = "profile.json";
inline constexpr const char* kCheckpointFile = "checkpoint.json";
inline constexpr const char* kFindingsDirectory = "findings";
inline constexpr const char* kCorpusDirectory = "corpus";
inline constexpr const char* kAsFoundDirectory = "as-found"; // of some shards: findings before they were reduced

/// InputError if there is no campaign in the directory.
CampaignFile read_campaign_file(const std::filesystem::path& directory);

/// The sum of the units that were merged; nothing if there is none yet.
std::optional<Tally> read_checkpoint(const std::filesystem::path& directory, const TableSizes& sizes);
void write_checkpoint(const std::filesystem::path& directory, const Tally& tally);

/// `paths`: the path corpus, if the campaign runs it.
TableSizes table_sizes(const Settings& settings, const PathCorpus* paths);

/// The unit that a case of a campaign belongs to, from its id: generator/seed/shard/sequence/state.
std::optional<Unit> unit_of(const std::string& case_id, const StoredTests& stored);

/// How many units a campaign runs that ends after so many cases, on all shards.
std::uint64_t planned_units(std::uint64_t cases, const StoredTests& stored);

} // namespace mtecheck::difftest
