// SPDX-License-Identifier: Apache-2.0
#include "difftest/paths/collect.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <optional>
#include <set>
#include <thread>

#include "difftest/core/fields.h"
#include "difftest/findings/defects.h"
#include "difftest/judge/features.h"
#include "difftest/judge/judge.h"
#include "difftest/paths/enumerate.h"
#include "difftest/paths/environment.h"
#include "difftest/paths/shape.h"
#include "spec/gen/features.h"

namespace mtecheck::difftest {
namespace {

struct Implementation {
    std::string name;
    Profile profile;
};

/// Everything in scope, and the same without what changes how accesses are split.
std::vector<Implementation> implementations() {
    Profile without_lse2 = model_profile();
    without_lse2.lse2 = false;
    std::erase(without_lse2.features, "FEAT_LSE2");
    without_lse2.features.emplace_back("FEAT_LSE"); // which FEAT_LSE2 implies
    return {{"with FEAT_LSE2", model_profile()}, {"without FEAT_LSE2", without_lse2}};
}

/// What came of one encoding.
struct EncodingResult {
    PathRow row;
    std::vector<PathCase> cases;
    std::vector<std::string> trouble;
    std::vector<model::FeatureSet> asked; // by implementation
    std::uint64_t runs = 0;
    std::uint64_t queries = 0;
    std::uint64_t undecided = 0;
};

/// The order of cases in a file: a target pays for every change of configuration or code.
bool before(const PathCase& a, const PathCase& b) {
    if (a.encoding != b.encoding) return a.encoding < b.encoding;
    std::vector<std::uint64_t> left;
    std::vector<std::uint64_t> right;
    each_configuration_field(a.sequence.configuration,
                             [&](const char*, std::uint64_t value, unsigned) { left.push_back(value); });
    each_configuration_field(b.sequence.configuration,
                             [&](const char*, std::uint64_t value, unsigned) { right.push_back(value); });
    if (left != right) return left < right;
    return std::lexicographical_compare(a.sequence.code.begin(), a.sequence.code.end(), b.sequence.code.begin(),
                                        b.sequence.code.end());
}

class Collector {
  public:
    Collector(const spec::EncodingInfo& info, const std::vector<Implementation>& all, PathSolver& solver)
        : info_(info), all_(all), solver_(solver), classes_(path_classes()), known_(all.size()) {}

    EncodingResult run() {
        result_.row.encoding = info_.id;
        result_.row.reason = shapes_of(info_).reason;
        result_.asked.resize(all_.size());
        for (std::size_t i = 0; i < all_.size(); ++i) enumerate_for(i);
        std::stable_sort(result_.cases.begin(), result_.cases.end(), before);
        check();
        return std::move(result_);
    }

  private:
    using Key = std::pair<std::size_t, std::string>; // class, and path or function and path

    void enumerate_for(std::size_t implementation) {
        const Profile& profile = all_[implementation].profile;
        // What cases of earlier implementations do here needs no more.
        PathNamer namer(profile);
        std::set<Key> covered;
        for (const PathCase& path_case : result_.cases) note(namer, path_case, covered);
        std::set<Key>& known = known_[implementation];
        std::vector<std::uint64_t>& feasible = result_.row.feasible.emplace_back();
        std::uint64_t called = 0;
        std::map<std::string, std::uint64_t> unreachable;
        for (std::size_t c = 0; c < classes_.size(); ++c) {
            Enumeration found = enumerate(info_, c, profile, solver_);
            feasible.push_back(found.paths.size());
            called += found.calls.size();
            for (auto& path : found.paths) take({c, path.path}, path.example, known, covered);
            for (auto& [call, example] : found.calls) take({c, call_key(call)}, example, known, covered);
            for (PathCase& edge : found.edges) keep(edge);
            for (const auto& [reason, paths] : found.unreachable) unreachable[reason] += paths.size();
            for (std::string& text : found.trouble) complain(implementation, c, text);
            result_.asked[implementation] |= found.asked;
            result_.runs += found.runs;
            result_.queries += found.queries;
            result_.undecided += found.undecided;
        }
        result_.row.called.push_back(called);
        if (implementation != 0) return;
        for (const auto& [reason, paths] : unreachable) {
            if (paths != 0) result_.row.unreachable.push_back({reason, paths});
        }
    }

    static std::string call_key(const std::pair<std::string, std::string>& call) {
        return call.first + ": " + call.second;
    }

    void note(PathNamer& namer, PathCase path_case, std::set<Key>& out) const {
        PathNamer::Taken taken;
        adapt(path_case.sequence.configuration, all_.front().profile);
        if (!namer.name(path_case, taken)) return;
        out.emplace(taken.path_class, taken.path);
        for (const auto& call : taken.calls) out.emplace(taken.path_class, call_key(call));
    }

    void take(const Key& key, PathCase& example, std::set<Key>& known, const std::set<Key>& covered) {
        known.insert(key);
        if (!covered.contains(key)) keep(example);
    }

    void keep(PathCase& example) {
        adapt(example.sequence.configuration, Profile{});
        if (std::find(result_.cases.begin(), result_.cases.end(), example) == result_.cases.end())
            result_.cases.push_back(std::move(example));
    }

    /// Cases may take no path that was not enumerated, for any implementation; and all of them together take all.
    void check() {
        for (std::size_t i = 0; i < all_.size(); ++i) {
            PathNamer namer(all_[i].profile);
            std::set<Key> taken;
            for (const PathCase& path_case : result_.cases) note(namer, path_case, taken);
            for (const Key& key : taken) {
                if (!known_[i].contains(key)) complain(i, key.first, key.second + "\n    was not enumerated");
            }
            for (const Key& key : known_[i]) {
                if (!taken.contains(key)) complain(i, key.first, key.second + "\n    is taken by no case");
            }
        }
    }

    void complain(std::size_t implementation, std::size_t path_class, const std::string& text) {
        constexpr std::size_t kMaxTrouble = 20;
        if (result_.trouble.size() == kMaxTrouble) return;
        result_.trouble.push_back(std::string(info_.id) + ", " + all_[implementation].name + ", " +
                                  std::string(classes_[path_class].name) + ": " + text);
    }

    const spec::EncodingInfo& info_;
    const std::vector<Implementation>& all_;
    PathSolver& solver_;
    std::span<const PathClass> classes_;
    std::vector<std::set<Key>> known_; // by implementation
    EncodingResult result_;
};

std::string_view class_name(spec::InstructionClass instruction) { return spec::name(instruction); }

} // namespace

std::uint64_t PathCollection::cases() const {
    std::uint64_t sum = 0;
    for (const auto& [name, cases] : files) sum += cases.size();
    return sum;
}

PathCollection collect_paths(const CollectOptions& options) {
    const std::vector<Implementation> all = implementations();
    std::vector<const spec::EncodingInfo*> wanted;
    for (const auto& info : spec::encodings()) {
        if (matches(options.instructions, info.id) || matches(options.instructions, class_name(info.instruction_class)))
            wanted.push_back(&info);
    }
    std::vector<std::optional<EncodingResult>> results(wanted.size());
    std::atomic<std::size_t> next = 0;
    std::mutex mutex;
    std::size_t done = 0;
    std::exception_ptr error;
    // One job for each instruction class, the largest first.
    std::map<spec::InstructionClass, std::vector<std::size_t>> by_class;
    for (std::size_t i = 0; i < wanted.size(); ++i) by_class[wanted[i]->instruction_class].push_back(i);
    std::vector<std::vector<std::size_t>> groups;
    for (auto& [instruction, members] : by_class) groups.push_back(std::move(members));
    std::stable_sort(groups.begin(), groups.end(), [](const auto& a, const auto& b) { return a.size() > b.size(); });
    const auto work = [&] {
        for (;;) {
            const std::size_t group = next++;
            if (group >= groups.size()) return;
            PathSolver solver;
            for (const std::size_t i : groups[group]) {
                try {
                    results[i] = Collector(*wanted[i], all, solver).run();
                } catch (...) {
                    const std::lock_guard lock(mutex);
                    if (!error) error = std::current_exception();
                    next = groups.size();
                    return;
                }
                const std::lock_guard lock(mutex);
                ++done;
                if (options.progress) options.progress(done, wanted.size(), std::string(wanted[i]->id));
            }
        }
    };
    {
        std::vector<std::jthread> threads;
        for (unsigned j = 0; j < options.jobs; ++j) threads.emplace_back(work);
    }
    if (error) std::rethrow_exception(error);

    PathCollection collection;
    std::vector<model::FeatureSet> asked(all.size());
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        EncodingResult& result = *results[i];
        auto& file = collection.files[std::string(class_name(wanted[i]->instruction_class))];
        file.insert(file.end(), std::move_iterator(result.cases.begin()), std::move_iterator(result.cases.end()));
        collection.index.rows.push_back(std::move(result.row));
        collection.trouble.insert(collection.trouble.end(), result.trouble.begin(), result.trouble.end());
        collection.runs += result.runs;
        collection.queries += result.queries;
        collection.undecided += result.undecided;
        for (std::size_t k = 0; k < all.size(); ++k) asked[k] |= result.asked[k];
    }
    for (std::size_t k = 0; k < all.size(); ++k) {
        PathImplementation implementation{all[k].name, {}, {}};
        const model::FeatureSet features = features_of(all[k].profile);
        for (std::size_t f = 0; f < spec::feature_count; ++f) {
            const auto feature = static_cast<spec::Feature>(f);
            if (!asked[k].has(feature)) continue;
            (features.has(feature) ? implementation.has : implementation.lacks).emplace_back(spec::info(feature).id);
        }
        collection.index.implementations.push_back(std::move(implementation));
    }
    for (const PathClass& path_class : path_classes()) collection.index.classes.emplace_back(path_class.name);
    for (const Constraint& constraint : constraints())
        collection.index.reasons.push_back({constraint.id, constraint.reason});
    return collection;
}

} // namespace mtecheck::difftest
