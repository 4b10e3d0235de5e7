// SPDX-License-Identifier: Apache-2.0
#include "difftest/paths/path_corpus.h"

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>
#include <numeric>

#include "difftest/core/directory_files.h"
#include "difftest/core/error.h"
#include "difftest/core/hash.h"
#include "difftest/core/json.h"
#include "difftest/judge/features.h"
#include "difftest/paths/path.h"
#include "difftest/paths/path_tracer.h"
#include "spec/gen/features.h"
#include "spec/gen/registers.h"

namespace mtecheck::difftest {
namespace {

constexpr std::size_t kMaxItems = 10000;
constexpr std::uint64_t kMaxCount = std::numeric_limits<std::int64_t>::max();

std::vector<std::uint64_t> numbers(const JsonPlace& place) {
    std::vector<std::uint64_t> result;
    const std::size_t size = place.array_size(kMaxItems);
    for (std::size_t i = 0; i < size; ++i) result.push_back(place.element(i).number(kMaxCount));
    return result;
}

spec::Feature feature_named(const std::string& name) {
    for (const auto& feature : spec::features()) {
        if (feature.id == name) return feature.value;
    }
    throw InputError(kPathIndexFile, "implementations", "there is no feature \"" + name + "\"");
}

PathRow row_from_json(const JsonPlace& place) {
    place.only({"encoding", "feasible", "called", "unreachable", "reason"});
    PathRow row;
    row.encoding = place.member("encoding").text();
    const JsonPlace feasible = place.member("feasible");
    const std::size_t implementations = feasible.array_size(kMaxItems);
    for (std::size_t i = 0; i < implementations; ++i) row.feasible.push_back(numbers(feasible.element(i)));
    row.called = numbers(place.member("called"));
    if (const auto list = place.find("unreachable")) {
        const std::size_t size = list->array_size(kMaxItems);
        for (std::size_t i = 0; i < size; ++i) {
            const JsonPlace item = list->element(i);
            item.only({"reason", "paths"});
            row.unreachable.push_back({item.member("reason").text(), item.member("paths").number(kMaxCount)});
        }
    }
    if (const auto reason = place.find("reason")) row.reason = reason->text();
    return row;
}

/// The files of cases of a directory, in order.
std::vector<std::filesystem::path> path_files(const std::filesystem::path& directory) {
    std::vector<std::filesystem::path> files = files_ending(directory, kPathFileEnd);
    if (files.empty()) throw InputError(directory.string(), "", "holds no *" + std::string(kPathFileEnd));
    return files;
}

/// With GCR_EL1.RRND = 1 an implementation may seed the tags of IRG itself where there is no seed, and then answers
/// otherwise each time. The path is the same with a seed.
void give_seed(const Sequence& sequence, State& state) {
    constexpr auto kSeed = spec::field::RGSR_EL1::SEED;
    const bool draws = std::any_of(sequence.code.begin(), sequence.code.end(),
                                   [](std::uint32_t word) { return spec::decode(word) == spec::Encoding::IRG; });
    if (draws && spec::field::GCR_EL1::RRND.extract(state.gcr_el1) != 0 && kSeed.extract(state.rgsr_el1) == 0)
        state.rgsr_el1 |= kSeed.place(1);
}

} // namespace

bool PathImplementation::is_that_of(const Profile& profile) const {
    const model::FeatureSet features = features_of(profile);
    const auto present = [&](const std::string& id) { return features.has(feature_named(id)); };
    return std::all_of(has.begin(), has.end(), present) && std::none_of(lacks.begin(), lacks.end(), present);
}

std::uint64_t PathIndex::feasible(std::size_t implementation) const {
    std::uint64_t sum = 0;
    for (const PathRow& row : rows) {
        if (implementation >= row.feasible.size()) continue;
        const auto& by_class = row.feasible[implementation];
        sum = std::accumulate(by_class.begin(), by_class.end(), sum);
    }
    return sum;
}

OrderedJson to_json(const PathIndex& index) {
    OrderedJson out;
    out["schema"] = kPathsSchema;
    out["implementations"] = OrderedJson::array();
    for (const auto& one : index.implementations) {
        out["implementations"].push_back(OrderedJson{{"name", one.name}, {"has", one.has}, {"lacks", one.lacks}});
    }
    out["classes"] = index.classes;
    out["reasons"] = OrderedJson::array();
    for (const auto& reason : index.reasons) {
        out["reasons"].push_back(OrderedJson{{"id", reason.id}, {"text", reason.text}});
    }
    out["instructions"] = OrderedJson::array();
    for (const PathRow& row : index.rows) {
        OrderedJson item{{"encoding", row.encoding}, {"feasible", row.feasible}, {"called", row.called}};
        if (!row.unreachable.empty()) item["unreachable"] = OrderedJson::array();
        for (const auto& unreachable : row.unreachable) {
            item["unreachable"].push_back(OrderedJson{{"reason", unreachable.reason}, {"paths", unreachable.paths}});
        }
        if (!row.reason.empty()) item["reason"] = row.reason;
        out["instructions"].push_back(std::move(item));
    }
    return out;
}

PathIndex path_index_from_json(const JsonPlace& place) {
    place.only({"schema", "implementations", "classes", "reasons", "instructions"});
    place.schema(kPathsSchema);
    PathIndex index;
    const JsonPlace implementations = place.member("implementations");
    for (std::size_t i = 0, size = implementations.array_size(kMaxItems); i < size; ++i) {
        const JsonPlace item = implementations.element(i);
        item.only({"name", "has", "lacks"});
        index.implementations.push_back(
            {item.member("name").text(), item.member("has").texts(kMaxItems), item.member("lacks").texts(kMaxItems)});
    }
    index.classes = place.member("classes").texts(kMaxItems);
    const JsonPlace reasons = place.member("reasons");
    for (std::size_t i = 0, size = reasons.array_size(kMaxItems); i < size; ++i) {
        const JsonPlace item = reasons.element(i);
        item.only({"id", "text"});
        index.reasons.push_back({item.member("id").text(), item.member("text").text()});
    }
    const JsonPlace rows = place.member("instructions");
    for (std::size_t i = 0, size = rows.array_size(kMaxItems); i < size; ++i)
        index.rows.push_back(row_from_json(rows.element(i)));
    return index;
}

std::vector<PathCase> read_path_directory(const std::filesystem::path& directory) {
    std::vector<PathCase> cases;
    for (const auto& file : path_files(directory)) {
        auto more = read_path_cases(read_file(file), file.string());
        cases.insert(cases.end(), std::move_iterator(more.begin()), std::move_iterator(more.end()));
    }
    return cases;
}

std::string path_cases_fingerprint(const std::filesystem::path& directory) {
    return fingerprint_of(path_files(directory));
}

PathIndex read_path_index(const std::filesystem::path& directory) {
    const std::string file = (directory / kPathIndexFile).string();
    const nlohmann::json document = parse_json(read_file(file), file);
    return path_index_from_json(JsonPlace(document, file));
}

struct PathNamer::Implementation {
    explicit Implementation(const Profile& profile) : tracer(profile) {}
    PathTracer tracer;
    PathLog log;
    std::vector<std::string_view> functions = outlined_functions();
};

PathNamer::PathNamer(const Profile& profile) : implementation_(std::make_unique<Implementation>(profile)) {}
PathNamer::~PathNamer() = default;
PathNamer::PathNamer(PathNamer&&) noexcept = default;
PathNamer& PathNamer::operator=(PathNamer&&) noexcept = default;

bool PathNamer::name(const PathCase& path_case, Taken& out) {
    Implementation& i = *implementation_;
    i.tracer.load(path_case.sequence);
    if (!i.tracer.trace(path_case.state, path_case.subject, i.log)) return false;
    out.path_class = class_of(path_case.sequence.configuration);
    out.path = path_of(i.log, base_is_sp(path_case.sequence.code[path_case.subject]));
    out.calls.clear();
    if (!stands_for_its_kind(spec::info(path_case.encoding))) return true;
    for (const std::string_view function : i.functions) {
        std::string called = called_path(i.log.steps, function);
        if (!called.empty()) out.calls.emplace_back(function, std::move(called));
    }
    return true;
}

PathCorpus::PathCorpus(const std::filesystem::path& directory, const Profile& profile)
    : index_(read_path_index(directory)), cases_fingerprint_(path_cases_fingerprint(directory)) {
    for (std::size_t i = 0; i < index_.implementations.size(); ++i) {
        if (!implementation_ && index_.implementations[i].is_that_of(profile)) implementation_ = i;
    }
    PathNamer namer(profile);
    PathNamer::Taken taken;
    std::map<std::string, std::uint32_t> numbers;
    Hash hash;
    hash.add(cases_fingerprint_);
    for (PathCase& path_case : read_path_directory(directory)) {
        adapt(path_case.sequence.configuration, profile);
        std::vector<std::uint32_t> paths;
        if (namer.name(path_case, taken)) {
            const std::string prefix = std::string(spec::info(path_case.encoding).id) + "\n" +
                                       std::string(path_classes()[taken.path_class].name) + "\n";
            const auto take = [&](const std::string& function, const std::string& path) {
                const auto [found, added] =
                    numbers.emplace(prefix + function + "\n" + path, static_cast<std::uint32_t>(paths_.size()));
                if (added) paths_.push_back({path_case.encoding, function});
                paths.push_back(found->second);
                hash.add(found->first);
            };
            take({}, taken.path);
            for (const auto& [function, path] : taken.calls) take(function, path);
        }
        if (tests_.empty() || !(tests_.back().sequence == path_case.sequence)) {
            tests_.push_back({path_case.sequence, {}});
            taken_.emplace_back();
        }
        give_seed(path_case.sequence, path_case.state);
        tests_.back().states.push_back(std::move(path_case.state));
        taken_.back().push_back(std::move(paths));
    }
    fingerprint_ = hex_text(hash.value(), 16);
}

std::optional<std::uint64_t> PathCorpus::feasible(spec::Encoding encoding) const {
    if (!implementation_) return std::nullopt;
    const std::string_view id = spec::info(encoding).id;
    for (const PathRow& row : index_.rows) {
        if (row.encoding != id) continue;
        if (*implementation_ >= row.feasible.size()) return std::nullopt;
        const auto& by_class = row.feasible[*implementation_];
        return std::accumulate(by_class.begin(), by_class.end(), std::uint64_t{0});
    }
    return 0;
}

} // namespace mtecheck::difftest
