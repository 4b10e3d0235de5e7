// SPDX-License-Identifier: Apache-2.0
//
// Joins the results of campaigns that ran some shards each, into the result that one campaign over all of them has.
//
// Invariants: the order of the results does not matter; of results of the same shards the one that got further counts;
// what is merged from complete results is, but for times, what a single campaign leaves behind, byte for byte. That
// holds for the reduced examples, too: parts reduce all that the whole may choose, and keep them as they were found.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "difftest/campaign/campaign.h"
#include "difftest/campaign/shards.h"

namespace mtecheck::difftest {

struct MergedCampaign {
    CampaignFile file;
    Profile profile;
    Tally tally;
    StoredTests stored; // that the campaigns ran
    std::vector<Finding> findings;
    ShardSet shards;                  // that there are results of
    std::uint64_t missing_units = 0;  // that a single campaign would have run; not known if time was its limit
    bool ended_apart = false;         // of several results that time ended: no single campaign runs just these units
    std::vector<std::string> remarks; // for people: what is missing, what was left out
};

/// Reads the directories of campaigns, and writes the joined one into `output`, which must hold none: its settings, its
/// findings and, if every result of its shards is complete, a checkpoint and the corpus. `paths` and `corpus` are the
/// directories of the path corpus and of that of an earlier campaign.
/// InputError if the results are not of one campaign, or overlap.
MergedCampaign merge_campaigns(const std::vector<std::filesystem::path>& results, const std::filesystem::path& output,
                               const std::string& paths, const std::string& corpus = {});

} // namespace mtecheck::difftest
