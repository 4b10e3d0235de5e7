// SPDX-License-Identifier: Apache-2.0
//
// A campaign in its directory: campaign.json (settings), profile.json, checkpoint.json (the tally), guided.jsonl,
// findings/, report.json; as-found/, if it ran some shards only; corpus/, if it was asked for.
//
// Invariants, whenever the process ends and however:
//  - checkpoint.json is complete and describes the merged units exactly; going on from it gives the same report as
//    never having stopped;
//  - what is on disk is bounded: by the groups that are kept, what they keep, and the units at hand;
//  - a finding is on disk before it is examined; a file that no merged unit accounts for is reported, not deleted.
#pragma once

#include <atomic>
#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "difftest/campaign/engine.h"
#include "difftest/campaign/guided_memory.h"
#include "difftest/campaign/progress.h"
#include "difftest/campaign/settings.h"
#include "difftest/campaign/shards.h"
#include "difftest/campaign/stored_tests.h"
#include "difftest/campaign/tally.h"
#include "difftest/core/target.h"
#include "difftest/findings/defects.h"
#include "difftest/findings/examiner.h"
#include "difftest/findings/files.h"

namespace mtecheck::difftest {

/// What only the command line knows how to make.
struct Factories {
    std::function<std::unique_ptr<Target>()> target;
    std::vector<Defect> defects; // all known ones; those of the target are chosen by its profile
};

enum class CampaignEnd : std::uint8_t { complete, interrupted };

class Campaign {
  public:
    ~Campaign();
    /// A new campaign in an empty or new directory. Starts the target, to learn what it is.
    static std::unique_ptr<Campaign> start(const Settings& settings, const std::filesystem::path& directory,
                                           Factories factories);
    /// The settings of a campaign that was begun in `directory`.
    static Settings settings_of(const std::filesystem::path& directory);
    /// Goes on where its checkpoint says. InputError if target or mtecheck are not those that began it.
    static std::unique_ptr<Campaign> resume(const std::filesystem::path& directory, Factories factories);

    /// Runs until the settings say that it is enough, or `interrupt` is set; writes checkpoints all the while.
    CampaignEnd run(unsigned workers, const std::atomic<bool>& interrupt, Progress& progress);

    const Tally& tally() const { return tally_; }
    const Profile& profile() const { return profile_; }
    const CampaignFile& file() const { return file_; }
    const std::vector<Defect>& defects() const { return defects_; }
    /// None if the campaign runs none.
    const PathCorpus* paths() const { return stored_.paths.get(); }
    /// The examples of all groups, and the suspects, read back from the directory.
    std::vector<Finding> findings() const;

  private:
    Campaign(CampaignFile file, std::filesystem::path directory, Factories factories);
    std::unique_ptr<UnitWorker> make_runner();
    bool merge(UnitResult&& result);
    void settle(const GroupKey& key, TallyGroup& group, std::vector<Finding>&& candidates,
                std::vector<std::string>& kept);
    void note_news(const GroupKey& key, const TallyGroup& group);
    void tell_news(Progress& progress);
    void update_view();
    void write_checkpoint();
    void remove_finding(const std::string& id) const;
    void settle_strays();
    CampaignEnd shrink_examples(const std::atomic<bool>& interrupt, Progress& progress);
    CampaignEnd write_corpus(const std::atomic<bool>& interrupt, Progress& progress);
    std::vector<std::filesystem::path> finding_files() const;
    std::vector<std::filesystem::path> strays() const;
    bool found_unexplained() const;
    bool enough() const;
    double elapsed() const;

    CampaignFile file_;
    std::filesystem::path directory_;
    DirectoryLock lock_;
    Factories factories_;
    std::unique_ptr<Target> target_; // for confirmation, apart from the workers'
    Profile profile_;
    std::vector<Defect> defects_;
    StoredTests stored_;
    std::unique_ptr<Examiner> examiner_;
    std::unique_ptr<GuidedMemory> guided_; // if units are guided
    UnitPlan plan_;                        // the units of its shards; tally_.units counts places in it
    Tally tally_;
    std::set<std::string> defects_told_;
    std::chrono::steady_clock::time_point started_;
    double elapsed_before_ = 0;
    double checkpoint_at_ = 0;

    mutable std::mutex view_mutex_; // tally_ is merge's; what is shown is copied under this
    ProgressView view_;
    std::vector<std::pair<std::string, GroupKey>> news_; // first findings of groups that were not told yet
    std::set<GroupKey> full_;                            // groups that need no more candidates
    GroupBounds bounds_;                                 // and those that are not kept
    std::set<std::string> left_;                         // see RunnerSetup
};

} // namespace mtecheck::difftest
