// SPDX-License-Identifier: Apache-2.0
//
// What a campaign is: everything that determines its report, apart from the target's own behaviour. Written once,
// when the campaign starts; resuming reads it back. File format: mtecheck-campaign/1.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "difftest/core/json_reader.h"
#include "difftest/core/target.h"

namespace mtecheck::difftest {

inline constexpr std::string_view kCampaignSchema = "mtecheck-campaign/1";
inline constexpr std::uint64_t kDefaultSeed = 1;
inline constexpr std::uint64_t kMaxGroups = 1000; // of either kind, by default
inline constexpr std::uint64_t kMostGroups = 100000;

struct Settings {
    std::string target; // as given to --target
    std::string generator = "random";
    std::uint64_t seed = kDefaultSeed;
    std::uint64_t cases = 0;   // end after the unit that reaches this many; 0: no limit
    std::uint64_t seconds = 0; // end after the unit in which this time is over; 0: no limit
    std::string paths;         // directory of the path corpus, which is run first; empty: it is left out
    std::string corpus;        // directory of the corpus of an earlier campaign, which is run next; empty: none is
    bool guided = true;        // some units make their tests from what those before met
    bool shrink = true;        // reduce the first example of each cause, at the end
    bool distil = false;       // write a corpus at the end
    std::string shards;        // which of the logical shards to run, as ShardSet reads it; empty: all
    std::uint64_t max_groups = kMaxGroups; // so many groups of divergences are kept apart, see GroupTable
    bool stop_at_first = false;            // end after the first unit with a confirmed, unexplained divergence
    bool operator==(const Settings&) const = default;
};

/// Settings plus what must not change under a campaign that is resumed.
struct CampaignFile {
    Settings settings;
    std::string mtecheck_version;
    std::string tables; // fingerprint of the tables of spec
    std::string stream; // of tests: stream_version(); empty in files of before that
    std::string target_version;
    std::string target_cpu;
    std::string path_corpus; // its fingerprint, if it is run
    std::string corpus;      // the fingerprint of that, if there is one
    std::string path_cases;  // that of its cases alone, which is the same for every target
    bool operator==(const CampaignFile&) const = default;
};

OrderedJson to_json(const CampaignFile& file);
CampaignFile campaign_from_json(const JsonPlace& place);

} // namespace mtecheck::difftest
