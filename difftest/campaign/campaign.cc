// SPDX-License-Identifier: Apache-2.0
#include "difftest/campaign/campaign.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <system_error>
#include <utility>

#include "difftest/campaign/examples.h"
#include "difftest/campaign/identity.h"
#include "difftest/campaign/profile_file.h"
#include "difftest/campaign/result_files.h"
#include "difftest/campaign/runner.h"
#include "difftest/core/error.h"
#include "difftest/core/json.h"
#include "difftest/findings/examiner.h"
#include "difftest/shrink/shrink_file.h"

namespace mtecheck::difftest {
namespace {

constexpr double kCheckpointSeconds = 0.5; // a unit that is lost by kill -9 is run again, with the same result

StoredTests stored_of(const Settings& settings, const Profile& profile) {
    StoredTests stored;
    // The path corpus is of bare metal: a process has none of its configurations.
    if (!settings.paths.empty() && !profile.process)
        stored.paths = std::make_shared<const PathCorpus>(settings.paths, profile);
    if (!settings.corpus.empty()) stored.corpus = std::make_shared<const CaseCorpus>(settings.corpus, profile);
    return stored;
}

void need_same(const std::filesystem::path& directory, const char* what, const std::string& then,
               const std::string& now) {
    if (then == now) return;
    throw InputError((directory / kSettingsFile).string(), "",
                     std::string(what) + " was \"" + then + "\" and is now \"" + now +
                         "\": a campaign can only be resumed with what began it; start a new one");
}

} // namespace

Campaign::Campaign(CampaignFile file, std::filesystem::path directory, Factories factories)
    : file_(std::move(file)), directory_(std::move(directory)), lock_(directory_), factories_(std::move(factories)),
      target_(factories_.target()), profile_(target_->probe()), defects_(defects_of(factories_.defects, profile_)),
      stored_(stored_of(file_.settings, profile_)), examiner_(std::make_unique<Examiner>(profile_, defects_)),
      plan_(shards_of(file_.settings), stored_.units()), tally_(table_sizes(file_.settings, paths())) {
    file_.mtecheck_version = mtecheck_version();
    file_.tables = tables_fingerprint();
    file_.stream = stream_version();
    file_.target_version = profile_.version;
    file_.target_cpu = profile_.cpu;
    if (stored_.corpus) file_.corpus = stored_.corpus->fingerprint();
    if (stored_.paths) {
        file_.path_corpus = stored_.paths->fingerprint();
        file_.path_cases = stored_.paths->cases_fingerprint();
    }
    if (file_.settings.guided)
        guided_ = std::make_unique<GuidedMemory>(directory_, profile_, file_.settings.seed, stored_.corpus);
}

Campaign::~Campaign() = default;

std::unique_ptr<Campaign> Campaign::start(const Settings& settings, const std::filesystem::path& directory,
                                          Factories factories) {
    if (std::filesystem::exists(directory / kSettingsFile)) {
        throw InputError(directory.string(), "",
                         "holds a campaign already: name another directory, or go on with --resume " +
                             directory.string());
    }
    make_directory(directory / kFindingsDirectory);
    CampaignFile file;
    file.settings = settings;
    std::unique_ptr<Campaign> campaign(new Campaign(std::move(file), directory, std::move(factories)));
    write_durably(directory / kProfileFile, dump(to_json(campaign->profile_)));
    write_durably(directory / kSettingsFile, dump(to_json(campaign->file_)));
    return campaign;
}

Settings Campaign::settings_of(const std::filesystem::path& directory) {
    return read_campaign_file(directory).settings;
}

std::unique_ptr<Campaign> Campaign::resume(const std::filesystem::path& directory, Factories factories) {
    const CampaignFile file = read_campaign_file(directory);
    make_directory(directory / kFindingsDirectory);
    std::unique_ptr<Campaign> campaign(new Campaign(file, directory, std::move(factories)));
    need_same(directory, "mtecheck's version", file.mtecheck_version, campaign->file_.mtecheck_version);
    need_same(directory, "the fingerprint of mtecheck's tables", file.tables, campaign->file_.tables);
    need_same(directory, "the stream of tests", file.stream, campaign->file_.stream);
    need_same(directory, "the target's version", file.target_version, campaign->file_.target_version);
    need_same(directory, "the target's cpu", file.target_cpu, campaign->file_.target_cpu);
    need_same(directory, "the fingerprint of the path corpus", file.path_corpus, campaign->file_.path_corpus);
    need_same(directory, "the fingerprint of the corpus", file.corpus, campaign->file_.corpus);
    if (auto tally = read_checkpoint(directory, table_sizes(file.settings, campaign->paths())))
        campaign->tally_ = std::move(*tally);
    if (campaign->guided_) {
        campaign->guided_->restore(campaign->plan_.unit_at(campaign->tally_.units), campaign->tally_.guided_kept);
    }
    ++campaign->tally_.times.interruptions;
    return campaign;
}

double Campaign::elapsed() const {
    const std::chrono::duration<double> now = std::chrono::steady_clock::now() - started_;
    return elapsed_before_ + now.count();
}

bool Campaign::enough() const {
    const Settings& settings = file_.settings;
    if (!settings.shards.empty() && settings.cases != 0) {
        // What the shards have to do together says what each has to do.
        if (plan_.unit_at(tally_.units) >= planned_units(settings.cases, stored_)) return true;
    } else if (settings.cases != 0 && tally_.counts.cases >= settings.cases) {
        return true;
    }
    return (settings.seconds != 0 && elapsed() >= static_cast<double>(settings.seconds)) ||
           (settings.stop_at_first && found_unexplained());
}

bool Campaign::found_unexplained() const {
    return std::any_of(tally_.groups.begin(), tally_.groups.end(), [](const auto& group) {
        return group.first.explained_by.empty() && !group.second.examples.empty();
    });
}

CampaignEnd Campaign::run(unsigned workers, const std::atomic<bool>& interrupt, Progress& progress) {
    started_ = std::chrono::steady_clock::now();
    elapsed_before_ = tally_.times.elapsed_seconds;
    checkpoint_at_ = elapsed_before_;
    CampaignEnd end = CampaignEnd::complete;
    if (!enough()) {
        for (const auto& path : strays()) left_.insert(path.filename().string());
        EngineHooks hooks;
        hooks.most_ahead =
            plan_.shards() * kGuidedEvery; // a guided unit begins with what that of its shard before kept
        hooks.make_worker = [this] { return make_runner(); };
        hooks.unit_at = [this](std::uint64_t place) { return plan_.unit_at(place); };
        hooks.merge = [this](UnitResult&& result) { return merge(std::move(result)); };
        hooks.tick = [&] {
            const std::lock_guard lock(view_mutex_);
            view_.elapsed_seconds = elapsed();
            tell_news(progress);
            progress.show(view_);
        };
        try {
            end = run_units(tally_.units, workers, hooks, interrupt) == EngineEnd::complete ? CampaignEnd::complete
                                                                                            : CampaignEnd::interrupted;
        } catch (...) {
            progress.finish();
            throw;
        }
    }
    {
        const std::lock_guard lock(view_mutex_);
        tell_news(progress);
    }
    if (end == CampaignEnd::complete) {
        settle_strays();
        tally_.random_tags = measure_random_tags(*target_);
    }
    write_checkpoint();
    if (end == CampaignEnd::complete && file_.settings.shrink) end = shrink_examples(interrupt, progress);
    if (end == CampaignEnd::complete && file_.settings.distil && guided_) end = write_corpus(interrupt, progress);
    progress.finish();
    return end;
}

std::unique_ptr<UnitWorker> Campaign::make_runner() {
    RunnerSetup setup;
    setup.settings = file_.settings;
    setup.defects = defects_;
    setup.findings = directory_ / kFindingsDirectory;
    setup.stored = stored_;
    setup.left = left_;
    if (guided_) setup.guided = [this](std::uint32_t shard) { return guided_->corpus(shard); };
    setup.wanted = [this](const GroupKey& key) {
        const std::lock_guard lock(view_mutex_);
        return !full_.contains(key) && bounds_.admit(key);
    };
    return std::make_unique<Runner>(std::move(setup), factories_.target());
}

bool Campaign::merge(UnitResult&& result) {
    if (guided_) guided_->merge(plan_.unit_at(tally_.units), result);
    tally_.add(result);
    std::vector<std::string> kept;
    bool changed = false;
    for (auto& [key, unit_group] : result.groups) {
        if (!tally_.groups.contains(key)) continue; // it is one of those that are counted only
        TallyGroup& group = *tally_.groups.keep(key);
        const std::size_t before = group.examples.size() + group.suspects.size();
        settle(key, group, std::move(unit_group.candidates), kept);
        changed = changed || group.examples.size() + group.suspects.size() != before;
    }
    for (const std::string& id : result.saved) {
        if (std::find(kept.begin(), kept.end(), id) == kept.end()) remove_finding(id);
    }
    tally_.times.elapsed_seconds = elapsed();
    changed = changed || tally_.groups.has_dropped();
    if (changed || tally_.times.elapsed_seconds - checkpoint_at_ >= kCheckpointSeconds) write_checkpoint();
    update_view();
    return !enough();
}

/// Tries candidates of a group alone, until it has its examples.
void Campaign::settle(const GroupKey& key, TallyGroup& group, std::vector<Finding>&& candidates,
                      std::vector<std::string>& kept) {
    for (Finding& finding : candidates) {
        if (is_full(key, group)) break;
        {
            const std::lock_guard lock(view_mutex_);
            view_.phase = "confirming a divergence";
        }
        // A restart costs as much as thousands of cases: the first example of a group is worth it.
        if (group.examples.empty() && key.explained_by.size() <= 1) target_->reset();
        const bool confirmed = examiner_->confirm(finding, *target_);
        if (confirmed) {
            finding.confirmation = Confirmation::confirmed;
            finding.batch.reset();
            examiner_->complete(finding);
            group.examples.push_back(finding.original.id);
            note_news(key, group);
        } else {
            finding.confirmation = Confirmation::not_reproduced;
            ++group.not_reproduced;
            group.suspects.push_back(finding.original.id);
            if (group.suspects.size() > kExamples) continue; // a file for the first few is enough
        }
        save(finding, directory_ / kFindingsDirectory);
        kept.push_back(finding.original.id);
    }
}

/// Each reduced finding is on disk before the next is begun; those that are reduced are not reduced again. Some shards
/// of a campaign reduce what may be the first example of a cause in the whole, and keep it as it was found, too.
CampaignEnd Campaign::shrink_examples(const std::atomic<bool>& interrupt, Progress& progress) {
    ShrinkSetup setup;
    setup.interrupt = &interrupt;
    const std::vector<std::string> ids = examples_to_shrink(tally_);
    const bool part = !file_.settings.shards.empty();
    if (part) make_directory(directory_ / kAsFoundDirectory);
    for (std::size_t i = 0; i < ids.size(); ++i) {
        {
            const std::lock_guard lock(view_mutex_);
            view_.phase = "shrinking finding " + std::to_string(i + 1) + " of " + std::to_string(ids.size());
            progress.show(view_);
        }
        const std::filesystem::path path = directory_ / kFindingsDirectory / file_name(ids[i]);
        Finding finding = read_finding(path);
        const bool begun = std::filesystem::exists(progress_file(path));
        if ((finding.shrunk && !begun) || !is_shrinkable(finding)) continue;
        if (part && !std::filesystem::exists(directory_ / kAsFoundDirectory / file_name(ids[i])))
            save(finding, directory_ / kAsFoundDirectory);
        if (shrink_to_file(finding, path, *examiner_, *target_, setup) == ShrinkEnd::interrupted)
            return CampaignEnd::interrupted;
    }
    return CampaignEnd::complete;
}

/// The first example of a group is news; but of groups of several defects only if one of them was not met before.
void Campaign::note_news(const GroupKey& key, const TallyGroup& group) {
    if (group.examples.size() != 1) return;
    bool any = key.explained_by.empty();
    for (const std::string& defect : key.explained_by) any = defects_told_.insert(defect).second || any;
    if (!any) return;
    const std::lock_guard lock(view_mutex_);
    news_.emplace_back(group.examples.front(), key);
}

/// With view_mutex_ held.
void Campaign::tell_news(Progress& progress) {
    for (const auto& [id, key] : news_) progress.tell(id, key);
    news_.clear();
}

CampaignEnd Campaign::write_corpus(const std::atomic<bool>& interrupt, Progress& progress) {
    {
        const std::lock_guard lock(view_mutex_);
        view_.phase = "distilling the corpus";
        progress.show(view_);
    }
    const auto cases = guided_->distil(interrupt);
    if (!cases) return CampaignEnd::interrupted;
    write_case_directory(directory_ / kCorpusDirectory, *cases);
    return CampaignEnd::complete;
}

void Campaign::update_view() {
    const std::lock_guard lock(view_mutex_);
    view_.phase.clear();
    view_.cases = tally_.counts.cases;
    view_.cases_wanted = file_.settings.cases;
    view_.seconds_wanted = static_cast<double>(file_.settings.seconds);
    view_.kept = tally_.guided_kept;
    view_.covered = tally_.covered();
    view_.coverable = tally_.coverage.size();
    view_.explained = tally_.counts.explained;
    view_.led_astray = tally_.counts.led_astray;
    view_.unexplained = tally_.counts.unexplained;
    view_.groups = tally_.groups.size();
    for (const auto& [key, group] : tally_.groups) {
        if (is_full(key, group)) full_.insert(key);
    }
    bounds_ = tally_.groups.bounds();
}

void Campaign::write_checkpoint() {
    checkpoint_at_ = elapsed();
    tally_.times.elapsed_seconds = checkpoint_at_;
    if (guided_) guided_->flush(); // first: a checkpoint has all that it counts on
    difftest::write_checkpoint(directory_, tally_);
    for (const std::string& id : tally_.groups.take_dropped()) remove_finding(id); // no checkpoint counts on them now
}

void Campaign::remove_finding(const std::string& id) const {
    std::error_code ignored; // a file that stays is a stray: nothing is lost
    std::filesystem::remove(directory_ / kFindingsDirectory / file_name(id), ignored);
}

/// Files that no group accounts for: of units that were begun but are not part of the campaign, or of groups that are
/// not kept (they go); or of units that were run again after a crash and did not diverge again (they are told).
void Campaign::settle_strays() {
    for (const auto& entry : std::filesystem::directory_iterator(directory_ / kFindingsDirectory)) {
        std::error_code ignored; // what a process left that was killed while it wrote
        if (entry.path().extension() == kTemporaryEnd) std::filesystem::remove(entry.path(), ignored);
    }
    for (const auto& path : strays()) {
        Finding finding = read_finding(path);
        const auto unit = unit_of(finding.original.id, stored_);
        if (unit && unit->number >= plan_.unit_at(tally_.units)) {
            remove_finding(finding.original.id);
            continue;
        }
        TallyGroup* const group = tally_.groups.keep(finding.group());
        if (group == nullptr) {
            remove_finding(finding.original.id);
            continue;
        }
        finding.confirmation = Confirmation::not_reproduced;
        save(finding, directory_ / kFindingsDirectory);
        group->suspects.push_back(finding.original.id);
        ++group->not_reproduced;
    }
}

std::vector<std::filesystem::path> Campaign::strays() const {
    std::set<std::string> known;
    for (const auto& [key, group] : tally_.groups) {
        for (const std::string& id : group.examples) known.insert(file_name(id));
        for (const std::string& id : group.suspects) known.insert(file_name(id));
    }
    std::vector<std::filesystem::path> files = finding_files();
    std::erase_if(files, [&](const auto& path) { return known.contains(path.filename().string()); });
    return files;
}

std::vector<std::filesystem::path> Campaign::finding_files() const {
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(directory_ / kFindingsDirectory)) {
        if (entry.path().extension() == ".json") files.push_back(entry.path());
    }
    std::sort(files.begin(), files.end());
    return files;
}

std::vector<Finding> Campaign::findings() const {
    std::vector<Finding> result;
    for (const auto& path : finding_files()) result.push_back(read_finding(path));
    return result;
}

} // namespace mtecheck::difftest
