// SPDX-License-Identifier: Apache-2.0
#include "difftest/shrink/shrink_file.h"

#include <chrono>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <system_error>
#include <utility>

#include "difftest/core/json.h"
#include "difftest/findings/files.h"

namespace mtecheck::difftest {
namespace {

/// A phase on a quick target is done again sooner than its end is on the disk.
constexpr std::chrono::milliseconds kBetweenCheckpoints{500};
constexpr std::size_t kMaxSteps = 10'000;
constexpr std::size_t kMaxDefects = 1'000;
constexpr std::uint64_t kMaxCount = std::numeric_limits<std::int64_t>::max();

struct Stored {
    std::string target;
    std::string version;
    ShrinkProgress progress;
};

Stored stored_from_json(const JsonPlace& place) {
    place.only({"schema", "target", "version", "progress"});
    if (place.member("schema").text() != kShrinkSchema) {
        place.member("schema").fail("must be \"" + std::string(kShrinkSchema) +
                                    "\"; without this file the reduction begins anew");
    }
    return {place.member("target").text(), place.member("version").text(),
            shrink_progress_from_json(place.member("progress"))};
}

/// What a process before this one left, if it is of this finding on this target.
ShrinkProgress left_progress(const std::filesystem::path& path, const Finding& finding) {
    if (!std::filesystem::exists(path)) return {};
    const std::string file = path.string();
    const nlohmann::json document = parse_json(read_file(file), file);
    Stored stored = stored_from_json(JsonPlace(document, file));
    const bool same = stored.target == finding.target && stored.version == finding.version &&
                      !stored.progress.steps.empty() &&
                      to_json(stored.progress.steps.front()) == to_json(finding.original);
    return same ? std::move(stored.progress) : ShrinkProgress{};
}

} // namespace

std::filesystem::path progress_file(const std::filesystem::path& finding) {
    std::filesystem::path path = finding;
    path += ".shrink";
    return path;
}

OrderedJson to_json(const ShrinkProgress& progress) {
    OrderedJson steps = OrderedJson::array();
    for (const Case& step : progress.steps) steps.push_back(to_json(step));
    OrderedJson out = {{"explained_by", progress.cause.explained_by}};
    if (progress.cause.led_astray) out["led_astray"] = true;
    out["signature"] = to_json(progress.cause.signature);
    out["cycle"] = progress.cycle;
    out["phase"] = progress.phase;
    out["simpler"] = progress.simpler;
    out["runs"] = progress.runs;
    out["steps"] = std::move(steps);
    return out;
}

ShrinkProgress shrink_progress_from_json(const JsonPlace& place) {
    place.only({"explained_by", "led_astray", "signature", "cycle", "phase", "simpler", "runs", "steps"});
    ShrinkProgress progress;
    progress.cause.explained_by = place.member("explained_by").texts(kMaxDefects);
    if (const auto led_astray = place.find("led_astray")) progress.cause.led_astray = led_astray->boolean();
    progress.cause.signature = signature_from_json(place.member("signature"));
    progress.cycle = place.member("cycle").number(kMaxCount);
    progress.phase = place.member("phase").number(kMaxCount);
    progress.simpler = place.member("simpler").boolean();
    progress.runs = place.member("runs").number(kMaxCount);
    const JsonPlace steps = place.member("steps");
    const std::size_t size = steps.array_size(kMaxSteps);
    for (std::size_t i = 0; i < size; ++i) progress.steps.push_back(case_from_json(steps.element(i)));
    return progress;
}

ShrinkEnd shrink_to_file(Finding& finding, const std::filesystem::path& file, Examiner& examiner, Target& target,
                         ShrinkSetup setup) {
    const std::filesystem::path progress_path = progress_file(file);
    std::optional<ShrinkProgress> latest; // that is not in the file
    const auto write_latest = [&] {
        OrderedJson out = {{"schema", kShrinkSchema}, {"target", finding.target}, {"version", finding.version}};
        out["progress"] = to_json(*latest);
        write_durably(progress_path, dump(out));
        latest.reset();
    };
    std::chrono::steady_clock::time_point next{}; // the first is written at once
    setup.checkpoint = [&](const ShrinkProgress& progress) {
        latest = progress;
        if (std::chrono::steady_clock::now() < next) return;
        write_latest();
        next = std::chrono::steady_clock::now() + kBetweenCheckpoints;
    };
    Shrinker shrinker(examiner, target, std::move(setup));
    const ShrinkEnd end = shrinker.shrink(finding, left_progress(progress_path, finding));
    if (end == ShrinkEnd::interrupted && latest) write_latest();
    write_durably(file, dump(to_json(finding)));
    if (end != ShrinkEnd::interrupted) {
        std::error_code ignored; // what stays is of this finding and does no harm
        std::filesystem::remove(progress_path, ignored);
    }
    return end;
}

} // namespace mtecheck::difftest
