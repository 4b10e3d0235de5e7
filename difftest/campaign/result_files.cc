// SPDX-License-Identifier: Apache-2.0
#include "difftest/campaign/result_files.h"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <system_error>

#include "difftest/campaign/runner.h"
#include "difftest/core/error.h"
#include "difftest/core/json.h"
#include "difftest/findings/files.h"
#include "difftest/paths/path_generator.h"
#include "spec/gen/decisions.h"
#include "spec/gen/isa.h"
#include "spec/gen/requirements.h"

namespace mtecheck::difftest {
namespace {

constexpr std::uint64_t kMaxCheckpoint = std::uint64_t{1} << 30U;

} // namespace

CampaignFile read_campaign_file(const std::filesystem::path& directory) {
    const std::string file = (directory / kSettingsFile).string();
    if (!std::filesystem::exists(file)) {
        throw InputError(directory.string(), "", "holds no campaign: " + std::string(kSettingsFile) + " is missing");
    }
    const nlohmann::json document = parse_json(read_file(file), file);
    return campaign_from_json(JsonPlace(document, file));
}

std::optional<Tally> read_checkpoint(const std::filesystem::path& directory, const TableSizes& sizes) {
    const std::string file = (directory / kCheckpointFile).string();
    if (!std::filesystem::exists(file)) return std::nullopt;
    const nlohmann::json document = parse_json(read_file(file, kMaxCheckpoint), file);
    const JsonPlace place(document, file);
    place.only({"schema", "tally"});
    place.schema(kCheckpointSchema);
    return tally_from_json(place.member("tally"), sizes);
}

void write_checkpoint(const std::filesystem::path& directory, const Tally& tally) {
    OrderedJson document;
    document["schema"] = kCheckpointSchema;
    document["tally"] = to_json(tally);
    write_durably(directory / kCheckpointFile, document.dump(1) + "\n");
}

TableSizes table_sizes(const Settings& settings, const PathCorpus* paths) {
    return {spec::requirement_count, spec::encoding_count, 2 * spec::decision_count,
            paths == nullptr ? 0 : paths->paths().size(), settings.max_groups};
}

std::optional<Unit> unit_of(const std::string& case_id, const StoredTests& stored) {
    std::vector<std::uint64_t> numbers;
    std::size_t at = case_id.find('/');
    while (at != std::string::npos) {
        const std::size_t end = std::min(case_id.find('/', at + 1), case_id.size());
        std::uint64_t number = 0;
        const auto [stop, error] = std::from_chars(case_id.data() + at + 1, case_id.data() + end, number);
        if (error != std::errc() || stop != case_id.data() + end) return std::nullopt;
        numbers.push_back(number);
        at = case_id.find('/', at + 1);
    }
    if (numbers.size() != 4) return std::nullopt;
    if (case_id.starts_with(std::string(kPathGenerator) + "/")) return Unit(numbers[2] / kSequencesPerUnit);
    if (case_id.starts_with(std::string(kCorpusGenerator) + "/"))
        return Unit(stored.path_units() + numbers[2] / kSequencesPerUnit);
    return Unit(stored.units() + numbers[2] / kSequencesPerUnit * kShards + numbers[1]);
}

std::uint64_t planned_units(std::uint64_t cases, const StoredTests& stored) {
    std::uint64_t units = 0;
    std::uint64_t done = 0;
    const auto add = [&](const std::vector<Test>& tests) {
        for (std::size_t first = 0; first < tests.size() && done < cases; first += kSequencesPerUnit, ++units) {
            const std::size_t last = std::min<std::size_t>(tests.size(), first + kSequencesPerUnit);
            for (std::size_t i = first; i < last; ++i) done += tests[i].states.size();
        }
    };
    if (stored.paths) add(stored.paths->tests());
    if (stored.corpus) add(stored.corpus->tests());
    constexpr std::uint64_t kCasesPerUnit = kSequencesPerUnit * kStatesPerSequence;
    return done >= cases ? units : units + (cases - done + kCasesPerUnit - 1) / kCasesPerUnit;
}

} // namespace mtecheck::difftest
