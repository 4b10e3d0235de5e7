// SPDX-License-Identifier: Apache-2.0
#include "difftest/campaign/selftest.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <exception>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <thread>
#include <utility>

#include "difftest/campaign/campaign.h"
#include "difftest/campaign/identity.h"
#include "difftest/core/error.h"
#include "difftest/judge/features.h"
#include "difftest/judge/model_target.h"
#include "spec/gen/requirements.h"

namespace mtecheck::difftest {
namespace {

std::string id_of(spec::Mutation mutation) { return std::string(spec::info(mutation).id); }

/// CHK of MTE-CHK-003.
std::string family_of(std::string_view requirement) {
    const std::size_t first = requirement.find('-');
    const std::size_t last = requirement.rfind('-');
    return std::string(requirement.substr(first + 1, last - first - 1));
}

FaultScore find_fault(const SelftestSettings& settings, spec::Mutation mutation,
                      const std::filesystem::path& directory) {
    Settings campaign_settings;
    campaign_settings.target = "model:" + id_of(mutation);
    campaign_settings.seed = settings.seed;
    campaign_settings.seconds = settings.seconds;
    campaign_settings.paths = settings.paths;
    campaign_settings.stop_at_first = true;
    campaign_settings.shrink = false;
    FaultScore score;
    score.mutation = mutation;
    std::filesystem::remove_all(directory);
    const auto start = std::chrono::steady_clock::now();
    const auto campaign = Campaign::start(campaign_settings, directory,
                                          {[&] { return make_model_target(campaign_settings.target); }, {}});
    Progress progress(ProgressStyle::none);
    const std::atomic<bool> never = false;
    campaign->run(1, never, progress);
    score.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    score.cases = campaign->tally().counts.cases;
    for (const Finding& finding : campaign->findings()) {
        if (finding.confirmation != Confirmation::confirmed) continue;
        if (!score.found) {
            score.generator = finding.original.id.substr(0, finding.original.id.find('/'));
            score.signature = to_string(finding.signature);
        }
        score.found = true;
        const auto& like = finding.behaves_like;
        score.recognised = score.recognised || std::find(like.begin(), like.end(), id_of(mutation)) != like.end();
    }
    return score;
}

} // namespace

std::vector<spec::Mutation> select_mutations(const std::vector<std::string>& patterns) {
    std::vector<bool> used(patterns.size());
    std::vector<spec::Mutation> result;
    for (const auto& mutation : spec::mutations()) {
        bool wanted = patterns.empty();
        for (std::size_t i = 0; i < patterns.size(); ++i) {
            if (!matches(patterns[i], mutation.id)) continue;
            wanted = true;
            used[i] = true;
        }
        if (wanted && mutation.beyond_campaigns.empty()) result.push_back(mutation.value);
    }
    for (std::size_t i = 0; i < patterns.size(); ++i) {
        if (!used[i]) {
            throw InputError("pattern " + patterns[i], "",
                             "matches no deliberate fault: their list is docs/reference/mutations.md");
        }
    }
    return result;
}

std::vector<FaultScore> run_selftest(const SelftestSettings& settings, const std::atomic<bool>& interrupt,
                                     const std::function<void(const FaultScore&)>& done) {
    std::vector<std::optional<FaultScore>> scores(settings.mutations.size());
    std::mutex mutex;
    std::size_t next = 0;
    std::exception_ptr error;
    const auto work = [&](unsigned worker) {
        const std::filesystem::path directory = settings.directory / std::to_string(worker);
        for (;;) {
            std::size_t number = 0;
            {
                const std::lock_guard lock(mutex);
                if (error || interrupt || next == scores.size()) return;
                number = next++;
            }
            try {
                FaultScore score = find_fault(settings, settings.mutations[number], directory);
                const std::lock_guard lock(mutex);
                if (done) done(score);
                scores[number] = std::move(score);
            } catch (...) {
                const std::lock_guard lock(mutex);
                if (!error) error = std::current_exception();
            }
        }
    };
    {
        std::vector<std::jthread> threads;
        for (unsigned i = 0; i < settings.workers; ++i) threads.emplace_back([&work, i] { work(i); });
    }
    if (error) std::rethrow_exception(error);
    std::vector<FaultScore> result;
    for (auto& score : scores) {
        if (score) result.push_back(std::move(*score));
    }
    return result;
}

std::vector<RequirementFamily> requirement_families() {
    std::map<std::string, RequirementFamily> families;
    const model::FeatureSet features = features_of(model_profile());
    for (const auto& row : spec::requirements()) {
        RequirementFamily& family = families[family_of(row.id)];
        ++family.requirements;
        if (row.scope.empty() && (!row.feature || features.has(*row.feature))) ++family.testable;
    }
    for (const auto& mutation : spec::mutations()) {
        std::vector<std::string> broken;
        for (const auto requirement : mutation.requirements) broken.push_back(family_of(spec::info(requirement).id));
        std::sort(broken.begin(), broken.end());
        broken.erase(std::unique(broken.begin(), broken.end()), broken.end());
        for (const std::string& family : broken) ++families[family].mutations;
    }
    std::vector<RequirementFamily> result;
    for (auto& [name, family] : families) {
        family.name = name;
        result.push_back(std::move(family));
    }
    return result;
}

std::size_t SelftestResult::found() const {
    return static_cast<std::size_t>(
        std::count_if(scores.begin(), scores.end(), [](const FaultScore& score) { return score.found; }));
}

bool SelftestResult::passed() const {
    return found() == settings.mutations.size() &&
           std::all_of(families.begin(), families.end(), [](const RequirementFamily& row) { return row.covered(); });
}

OrderedJson to_json(const SelftestResult& result) {
    OrderedJson faults = OrderedJson::array();
    for (const FaultScore& score : result.scores) {
        OrderedJson requirements = OrderedJson::array();
        for (const auto requirement : spec::info(score.mutation).requirements) {
            requirements.push_back(spec::info(requirement).id);
        }
        OrderedJson item{{"mutation", id_of(score.mutation)}, {"requirements", requirements}, {"found", score.found},
                         {"recognised", score.recognised},    {"seconds", score.seconds},     {"cases", score.cases}};
        if (score.found) {
            item["generator"] = score.generator;
            item["signature"] = score.signature;
        }
        faults.push_back(std::move(item));
    }
    OrderedJson beyond = OrderedJson::array();
    for (const auto& mutation : spec::mutations()) {
        if (const auto why = mutation.beyond_campaigns; !why.empty()) {
            beyond.push_back(OrderedJson{{"mutation", mutation.id}, {"why", why}});
        }
    }
    OrderedJson families = OrderedJson::array();
    for (const RequirementFamily& family : result.families) {
        families.push_back(OrderedJson{{"family", family.name},
                                       {"requirements", family.requirements},
                                       {"testable", family.testable},
                                       {"mutations", family.mutations}});
    }
    return {{"schema", kSelftestSchema},
            {"mtecheck", {{"version", mtecheck_version()}, {"tables", tables_fingerprint()}}},
            {"seed", hex_text(result.settings.seed)},
            {"seconds", result.settings.seconds},
            {"paths", !result.settings.paths.empty()},
            {"passed", result.passed()},
            {"score", {{"found", result.found()}, {"of", result.settings.mutations.size()}}},
            {"faults", std::move(faults)},
            {"beyond_campaigns", std::move(beyond)},
            {"families", std::move(families)}};
}

std::string to_text(const FaultScore& score) {
    char numbers[64];
    std::snprintf(numbers, sizeof numbers, "%8.2f s %10llu cases  ", score.seconds,
                  static_cast<unsigned long long>(score.cases));
    std::string line = (score.found ? "found    " : "MISSED   ") + id_of(score.mutation);
    line.resize(std::max<std::size_t>(line.size() + 1, 50), ' ');
    return line + numbers + (score.found ? score.generator : "") +
           (score.found && !score.recognised ? ", as something else" : "") + "\n";
}

std::string to_text(const SelftestResult& result) {
    std::string text = "\nfamilies of requirements: deliberate faults that break one of each\n";
    for (const RequirementFamily& family : result.families) {
        std::string line = "  " + family.name;
        line.resize(10, ' ');
        line += std::to_string(family.mutations);
        line.resize(14, ' ');
        if (family.testable == 0) line += "no case can exercise one of these on the model";
        if (!family.covered()) line += "NO FAULT for " + std::to_string(family.testable) + " requirements";
        text += line + "\n";
    }
    for (const auto& mutation : spec::mutations()) {
        if (const auto why = mutation.beyond_campaigns; !why.empty()) {
            text += "\nleft out: " + std::string(mutation.id) + " (" + std::string(why) + ")\n";
        }
    }
    double longest = 0;
    for (const FaultScore& score : result.scores) longest = std::max(longest, score.seconds);
    char last[96];
    std::snprintf(last, sizeof last, "\n%zu of %zu deliberate faults found; the slowest took %.2f s\n", result.found(),
                  result.settings.mutations.size(), longest);
    return text + last;
}

} // namespace mtecheck::difftest
