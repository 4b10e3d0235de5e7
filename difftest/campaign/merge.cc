// SPDX-License-Identifier: Apache-2.0
#include "difftest/campaign/merge.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <tuple>

#include "difftest/campaign/examples.h"
#include "difftest/campaign/guided_memory.h"
#include "difftest/campaign/profile_file.h"
#include "difftest/campaign/result_files.h"
#include "difftest/campaign/runner.h"
#include "difftest/core/error.h"
#include "difftest/core/json.h"
#include "difftest/shrink/shrink_file.h"

namespace mtecheck::difftest {
namespace {

struct Result {
    std::filesystem::path directory;
    CampaignFile file;
    nlohmann::json profile;
    ShardSet shards;
    Tally tally;
};

/// What must be the same in all results.
CampaignFile common_part(CampaignFile file) {
    file.settings.shards.clear();
    file.settings.paths = file.path_corpus.empty() ? "" : "(path corpus)"; // where it lies does not matter
    file.settings.corpus = file.corpus.empty() ? "" : "(corpus)";
    return file;
}

nlohmann::json read_profile(const std::filesystem::path& directory) {
    const std::filesystem::path file = directory / kProfileFile;
    if (!std::filesystem::exists(file)) {
        throw InputError(directory.string(), "",
                         std::string(kProfileFile) + " is missing: was it written by an older mtecheck?");
    }
    return parse_json(read_file(file), file.string());
}

void need_same(const Result& first, const Result& other) {
    const auto fail = [&](const std::string& what) {
        throw InputError(other.directory.string(), "",
                         what + " differs from that of " + first.directory.string() +
                             ": only results of the same campaign can be merged");
    };
    const CampaignFile a = common_part(first.file);
    const CampaignFile b = common_part(other.file);
    if (a.mtecheck_version != b.mtecheck_version || a.tables != b.tables) fail("the version of mtecheck");
    if (a.stream != b.stream) fail("the stream of tests");
    if (a.target_version != b.target_version || a.target_cpu != b.target_cpu) fail("the target's version or cpu");
    if (a.path_corpus != b.path_corpus) fail("the path corpus");
    if (a.corpus != b.corpus) fail("the corpus");
    if (!(a.settings == b.settings)) fail("a setting (target, seed, cases, time, guided, shrink, max-groups, distil)");
    if (first.profile != other.profile) fail("what the target says of itself");
}

/// What the campaigns ran first, from directories here.
StoredTests stored_of(const Result& result, const Profile& profile, const std::string& paths,
                      const std::string& corpus) {
    StoredTests stored;
    const auto need = [&](const std::string& directory, const std::string& what, const std::string& option) {
        if (!directory.empty()) return;
        throw InputError(result.directory.string(), "", "ran a " + what + ": name its directory with " + option);
    };
    const auto same = [&](const std::string& then, const std::string& now, const std::string& directory,
                          const std::string& what, const std::string& option) {
        if (then == now) return;
        throw InputError(directory, "",
                         "is not the " + what + " that " + result.directory.string() + " ran: name that with " +
                             option);
    };
    if (!result.file.path_corpus.empty()) {
        need(paths, "path corpus", "--paths");
        stored.paths = std::make_shared<const PathCorpus>(paths, profile);
        same(result.file.path_corpus, stored.paths->fingerprint(), paths, "path corpus", "--paths");
    }
    if (!result.file.corpus.empty()) {
        need(corpus, "corpus", "--corpus");
        stored.corpus = std::make_shared<const CaseCorpus>(corpus, profile);
        same(result.file.corpus, stored.corpus->fingerprint(), corpus, "corpus", "--corpus");
    }
    return stored;
}

/// The place of a finding in the whole campaign, by which candidates come.
using Place = std::tuple<std::uint64_t, std::uint64_t, std::uint64_t>;

Place place_of(const std::string& id, const StoredTests& stored) {
    const auto unit = unit_of(id, stored);
    const std::size_t state = id.rfind('/');
    const std::size_t sequence = state == std::string::npos ? state : id.rfind('/', state - 1);
    if (!unit || sequence == std::string::npos) return {};
    std::uint64_t numbers[2] = {};
    std::from_chars(id.data() + sequence + 1, id.data() + state, numbers[0]);
    std::from_chars(id.data() + state + 1, id.data() + id.size(), numbers[1]);
    return {unit->number, numbers[0], numbers[1]};
}

/// What a campaign over all shards would have kept of the candidates that were tried: it takes them in order, too, and
/// stops no later than each part of it did.
void settle(const GroupKey& key, const std::vector<const TallyGroup*>& parts, const StoredTests& stored,
            TallyGroup& group) {
    std::map<Place, std::pair<std::string, bool>> candidates; // id, and whether it was confirmed
    for (const TallyGroup* part : parts) {
        for (const std::string& id : part->examples) candidates[place_of(id, stored)] = {id, true};
        for (const std::string& id : part->suspects) candidates[place_of(id, stored)] = {id, false};
    }
    for (const auto& [place, candidate] : candidates) {
        if (is_full(key, group)) return;
        (candidate.second ? group.examples : group.suspects).push_back(candidate.first);
        if (!candidate.second) ++group.not_reproduced;
    }
}

/// Of results of the same shards the one that got further.
void keep_further(std::vector<Result>& results, Result&& result, std::vector<std::string>& remarks) {
    for (Result& other : results) {
        if (!other.shards.overlaps(result.shards)) continue;
        if (!(other.shards == result.shards)) {
            throw InputError(result.directory.string(), "",
                             "has shards " + result.shards.text() + " of which " + other.directory.string() +
                                 " has some, too (" + other.shards.text() +
                                 "): merge results of the same or of different shards");
        }
        if (result.tally.units > other.tally.units) std::swap(result, other);
        remarks.push_back(result.directory.string() + " is left out: " + other.directory.string() +
                          " has the same shards and got as far or further");
        return;
    }
    results.push_back(std::move(result));
}

/// What guided units of all parts kept, in the order of the whole campaign.
std::string joined_journal(const std::vector<Result>& results, const StoredTests& stored) {
    std::map<std::uint64_t, std::string> lines;
    for (const Result& result : results) {
        const std::uint64_t end = UnitPlan(result.shards, stored.units()).unit_at(result.tally.units);
        read_journal(result.directory / kGuidedFile,
                     [&](const JournalEntry& entry, const std::string& line, const std::string&) {
                         if (entry.unit < end) lines[entry.unit] = line;
                         return entry.unit < end;
                     });
    }
    std::string journal;
    for (const auto& [unit, line] : lines) journal += line;
    return journal;
}

/// Puts the findings that the joined campaign keeps where it has them: reduced are those that it would reduce.
void gather_findings(const std::vector<Result>& results, const std::set<std::string>& kept, MergedCampaign& merged,
                     const std::filesystem::path& output) {
    std::set<std::string> chosen;
    if (merged.file.settings.shrink) {
        for (const std::string& id : examples_to_shrink(merged.tally)) chosen.insert(file_name(id));
    }
    std::map<std::string, Finding> findings; // by file, in which order a campaign has them
    std::uint64_t not_reduced = 0;
    for (const Result& result : results) {
        for (const std::string& id : kept) {
            const std::string name = file_name(id);
            const std::filesystem::path file = result.directory / kFindingsDirectory / name;
            const std::filesystem::path as_found = result.directory / kAsFoundDirectory / name;
            if (!std::filesystem::exists(file)) continue;
            const bool two = std::filesystem::exists(as_found);
            const bool reduced = chosen.contains(name) && !std::filesystem::exists(progress_file(file));
            Finding& finding = findings[name] = read_finding(two && !reduced ? as_found : file);
            if (chosen.contains(name) && !finding.shrunk && is_shrinkable(finding)) ++not_reduced;
            if (two && reduced && !merged.shards.all()) {
                make_directory(output / kAsFoundDirectory);
                save(read_finding(as_found), output / kAsFoundDirectory);
            }
        }
    }
    for (auto& [name, finding] : findings) {
        save(finding, output / kFindingsDirectory);
        merged.findings.push_back(std::move(finding));
    }
    if (not_reduced != 0) {
        merged.remarks.push_back(std::to_string(not_reduced) +
                                 " examples are not reduced yet: go on with the results that they are of, or with " +
                                 "the joined one, where the target is (mtecheck campaign --resume DIRECTORY)");
    }
}

std::string units_text(std::uint64_t units) { return std::to_string(units) + (units == 1 ? " unit" : " units"); }

} // namespace

MergedCampaign merge_campaigns(const std::vector<std::filesystem::path>& directories,
                               const std::filesystem::path& output, const std::string& paths,
                               const std::string& corpus) {
    if (std::filesystem::exists(output / kSettingsFile)) {
        throw InputError(output.string(), "", "holds a campaign already: name another directory");
    }
    MergedCampaign merged;
    std::vector<Result> results;
    std::optional<Result> first; // without its tally: to compare with
    for (const std::filesystem::path& directory : directories) {
        Result result;
        result.directory = directory;
        result.file = read_campaign_file(directory);
        result.profile = read_profile(directory);
        result.shards = shards_of(result.file.settings);
        if (!first) {
            first = result;
            const std::string file = (directory / kProfileFile).string();
            merged.profile = profile_from_json(JsonPlace(first->profile, file));
            merged.stored = stored_of(*first, merged.profile, paths, corpus);
        }
        need_same(*first, result);
        auto tally = read_checkpoint(directory, table_sizes(result.file.settings, merged.stored.paths.get()));
        if (!tally) {
            merged.remarks.push_back(directory.string() + " has run nothing yet");
            continue;
        }
        result.tally = std::move(*tally);
        keep_further(results, std::move(result), merged.remarks);
    }
    if (results.empty())
        throw InputError(directories.front().string(), "", "has run nothing yet: there is nothing to merge");
    std::sort(results.begin(), results.end(),
              [](const Result& a, const Result& b) { return a.shards.text() < b.shards.text(); });

    const Settings& settings = first->file.settings;
    const std::uint64_t stored_part = merged.stored.units();
    const std::uint64_t planned = settings.cases == 0 ? 0 : planned_units(settings.cases, merged.stored);
    merged.tally = Tally(table_sizes(settings, merged.stored.paths.get()));
    merged.shards = results.front().shards;
    bool complete = settings.cases != 0;
    merged.ended_apart = settings.cases == 0 && results.size() > 1;
    std::map<GroupKey, std::vector<const TallyGroup*>> groups;
    for (const Result& result : results) {
        merged.shards = merged.shards | result.shards;
        merged.tally.add(result.tally);
        for (const auto& [key, group] : result.tally.groups) groups[key].push_back(&group);
        if (settings.cases == 0) continue;
        const std::uint64_t wanted = UnitPlan(result.shards, stored_part).places_below(planned);
        if (result.tally.units >= wanted) continue;
        complete = false;
        merged.missing_units += wanted - result.tally.units;
        merged.remarks.push_back(
            result.directory.string() + " is not complete: " + units_text(wanted - result.tally.units) + " of " +
            std::to_string(wanted) + " are missing (mtecheck campaign --resume " + result.directory.string() + ")");
    }
    if (const auto others = merged.shards.others(); others && settings.cases != 0) {
        const std::uint64_t missing = UnitPlan(*others, stored_part).places_below(planned);
        merged.missing_units += missing;
        merged.remarks.push_back("shards " + others->text() + " are missing: " + units_text(missing));
    }
    for (const auto& [key, parts] : groups) {
        if (merged.tally.groups.contains(key) && !GroupTable::counts_others(key))
            settle(key, parts, merged.stored, *merged.tally.groups.keep(key));
    }

    merged.file = first->file;
    merged.file.settings.shards = merged.shards.all() ? "" : merged.shards.text();
    if (merged.stored.paths) merged.file.settings.paths = paths;
    if (merged.stored.corpus) merged.file.settings.corpus = corpus;
    make_directory(output / kFindingsDirectory);
    std::set<std::string> kept;
    for (const auto& [key, group] : merged.tally.groups) {
        kept.insert(group.examples.begin(), group.examples.end());
        kept.insert(group.suspects.begin(),
                    group.suspects.begin() + static_cast<std::ptrdiff_t>(std::min(group.suspects.size(), kExamples)));
    }
    gather_findings(results, kept, merged, output);
    write_durably(output / kProfileFile, dump(to_json(merged.profile)));
    if (complete) {
        const std::string journal = joined_journal(results, merged.stored);
        if (!journal.empty()) write_durably(output / kGuidedFile, journal);
        if (settings.distil && settings.guided) {
            const std::atomic<bool> never = false;
            const GuidedMemory memory(output, merged.profile, settings.seed, merged.stored.corpus);
            write_case_directory(output / kCorpusDirectory, *memory.distil(never));
        }
        write_checkpoint(output, merged.tally);
    }
    write_durably(output / kSettingsFile, dump(to_json(merged.file)));
    return merged;
}

} // namespace mtecheck::difftest
