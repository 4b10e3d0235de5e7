// SPDX-License-Identifier: Apache-2.0
#include "difftest/campaign/settings.h"

#include <limits>
#include <nlohmann/json.hpp>

#include "difftest/campaign/shards.h"

namespace mtecheck::difftest {

OrderedJson to_json(const CampaignFile& file) {
    const Settings& settings = file.settings;
    OrderedJson out{{"schema", kCampaignSchema},
                    {"target", settings.target},
                    {"generator", settings.generator},
                    {"seed", hex_text(settings.seed)},
                    {"cases", settings.cases},
                    {"seconds", settings.seconds},
                    {"guided", settings.guided},
                    {"stop_at_first", settings.stop_at_first},
                    {"mtecheck_version", file.mtecheck_version},
                    {"tables", file.tables},
                    {"stream", file.stream},
                    {"target_version", file.target_version},
                    {"target_cpu", file.target_cpu}};
    if (!settings.shrink) out["shrink"] = false;
    if (settings.distil) out["distil"] = true;
    if (!settings.corpus.empty()) {
        out["corpus"] = settings.corpus;
        out["corpus_cases"] = file.corpus;
    }
    if (settings.max_groups != kMaxGroups) out["max_groups"] = settings.max_groups;
    if (!settings.shards.empty()) out["shards"] = settings.shards;
    if (!settings.paths.empty()) {
        out["paths"] = settings.paths;
        out["path_corpus"] = file.path_corpus;
        out["path_cases"] = file.path_cases;
    }
    return out;
}

CampaignFile campaign_from_json(const JsonPlace& place) {
    constexpr std::uint64_t kMaxCount = std::numeric_limits<std::int64_t>::max();
    place.only({"schema",     "target",        "generator",        "seed",      "cases",  "seconds",
                "guided",     "stop_at_first", "mtecheck_version", "tables",    "stream", "target_version",
                "target_cpu", "shrink",        "max_groups",       "shards",    "corpus", "corpus_cases",
                "distil",     "paths",         "path_corpus",      "path_cases"});
    place.schema(kCampaignSchema);
    CampaignFile file;
    file.settings.target = place.member("target").text();
    file.settings.generator = place.member("generator").text();
    file.settings.seed = place.member("seed").hex();
    file.settings.cases = place.member("cases").number(kMaxCount);
    file.settings.seconds = place.member("seconds").number(kMaxCount);
    file.settings.guided = place.member("guided").boolean();
    file.settings.stop_at_first = place.member("stop_at_first").boolean();
    file.mtecheck_version = place.member("mtecheck_version").text();
    file.tables = place.member("tables").text();
    if (const auto stream = place.find("stream")) file.stream = stream->text(); // older ones have none
    file.target_version = place.member("target_version").text();
    file.target_cpu = place.member("target_cpu").text();
    if (const auto shrink = place.find("shrink")) file.settings.shrink = shrink->boolean();
    if (const auto most = place.find("max_groups")) file.settings.max_groups = most->number(kMostGroups);
    if (const auto shards = place.find("shards")) {
        file.settings.shards = shards->text();
        if (!ShardSet::parse(file.settings.shards)) shards->fail("must be a set of shards such as \"0-15/64\"");
    }
    if (const auto distil = place.find("distil")) file.settings.distil = distil->boolean();
    if (const auto corpus = place.find("corpus")) {
        file.settings.corpus = corpus->text();
        file.corpus = place.member("corpus_cases").text();
    }
    if (const auto paths = place.find("paths")) {
        file.settings.paths = paths->text();
        file.path_corpus = place.member("path_corpus").text();
        file.path_cases = place.member("path_cases").text();
    }
    return file;
}

} // namespace mtecheck::difftest
