// SPDX-License-Identifier: Apache-2.0
//
// mtecheck replay: cases that are kept, run again.
#include <algorithm>
#include <filesystem>
#include <iostream>
#include <map>
#include <memory>
#include <vector>

#include "difftest/campaign/batch.h"
#include "difftest/cli/verbs.h"
#include "difftest/core/error.h"
#include "difftest/core/json.h"
#include "difftest/findings/examiner.h"
#include "difftest/golden/golden_run.h"

namespace mtecheck::difftest {
namespace {

constexpr const char* kText =
    "Runs findings, cases and golden vectors again and compares them with the model (golden vectors: with what Arm's\n"
    "pseudocode did). A PATH is a file or a directory, which is searched for *.json and *.golden.xz.\n"
    "Each JSON case runs alone on a freshly started target. A finding that agrees alone and was seen in a batch only "
    "is\n"
    "run again together with the whole batch.\n\n"
    "exit status: 0 all agree; 1 something diverges; 2 could not run; 125 the target supports none of the cases:\n"
    "what `git bisect run mtecheck replay FINDING --target qemu-system:PATH` wants\n";

constexpr std::uint64_t kMaxShown = 10; // divergences of one golden file

struct Counts {
    std::uint64_t agreed = 0;
    std::uint64_t diverged = 0;
    std::uint64_t unsupported = 0;
};

std::vector<std::filesystem::path> files_of(const std::vector<std::string>& paths) {
    std::vector<std::filesystem::path> files;
    for (const std::string& path : paths) {
        if (!std::filesystem::is_directory(path)) {
            files.emplace_back(path);
            continue;
        }
        const std::size_t before = files.size();
        for (const auto& entry : std::filesystem::recursive_directory_iterator(path)) {
            const std::string name = entry.path().filename().string();
            if (name.ends_with(".json") || name.ends_with(".golden.xz")) files.push_back(entry.path());
        }
        std::sort(files.begin() + static_cast<std::ptrdiff_t>(before), files.end());
        if (files.size() == before) throw InputError(path, "", "holds no *.json and no *.golden.xz");
    }
    return files;
}

/// A case file, or the finding of a finding file.
struct Item {
    std::string file;
    Finding finding;
};

Item read_item(const std::filesystem::path& path) {
    Item item;
    item.file = path.string();
    const nlohmann::json document = parse_json(read_file(item.file), item.file);
    const JsonPlace place(document, item.file);
    if (place.member("schema").text() == kFindingSchema) {
        item.finding = finding_from_json(place);
        item.finding.original = item.finding.shown();
    } else {
        item.finding.original = case_from_json(place);
    }
    return item;
}

/// Targets and examiners by name: findings may be of different targets.
class Bench {
  public:
    explicit Bench(const std::string& name)
        : name_(name), target_(make_target(name)), examiner_(target_->probe(), {}) {}

    void replay(Item& item, bool quiet, Counts& counts) {
        target_->reset();
        item.finding.target = name_;
        switch (examiner_.replay(item.finding, *target_)) {
        case Verdict::Kind::agreed:
            if (item.finding.batch) {
                replay_in_batch(item, quiet, counts);
                return;
            }
            ++counts.agreed;
            if (!quiet) std::cout << item.file << ": agrees\n";
            return;
        case Verdict::Kind::not_applicable:
        case Verdict::Kind::open:
            ++counts.unsupported;
            if (!quiet) std::cout << item.file << ": cannot be compared: " << item.finding.note << "\n";
            return;
        case Verdict::Kind::diverged:
        case Verdict::Kind::tool_trouble:
            ++counts.diverged;
            if (!quiet) std::cout << item.file << ": diverges\n" << describe(item.finding, item.file);
            return;
        }
    }

  private:
    /// What agrees alone may have been another case's doing.
    void replay_in_batch(Item& item, bool quiet, Counts& counts) {
        target_->reset();
        const auto kind = replay_batch(item.finding, *target_, examiner_);
        const bool diverges = kind == Verdict::Kind::diverged || kind == Verdict::Kind::tool_trouble;
        ++(diverges ? counts.diverged : counts.agreed);
        if (quiet) return;
        std::cout << item.file << ": agrees alone, ";
        if (!kind) {
            std::cout << "and its batch cannot be had again: another version of mtecheck or another target draws it "
                         "otherwise\n";
        } else {
            const std::string batch = "its batch of " + std::to_string(item.finding.batch->sequences) + " sequences";
            std::cout << (diverges ? "but diverges in " : "and in ") << batch << "\n";
            if (diverges) std::cout << describe(item.finding, item.file);
        }
    }

    std::string name_;
    std::unique_ptr<Target> target_;
    Examiner examiner_;
};

/// The model, or a mutant of it, against what Arm's pseudocode did.
void replay_golden(const std::filesystem::path& file, const std::string& target, bool quiet, Counts& counts) {
    const std::string kind = target.substr(0, target.find(':'));
    if (kind != "model") {
        throw UsageError("mtecheck replay: " + file.string() +
                         " holds vectors that only the model can run: use --target model");
    }
    const std::string mutations = target.size() > kind.size() ? target.substr(kind.size() + 1) : std::string();
    Judge judge(model_profile(), parse_mutations(mutations, "target " + target));
    std::uint64_t shown = 0;
    const GoldenCounts golden = run_golden(file, judge, [&](const GoldenCase& record, const Verdict& verdict) {
        if (quiet || ++shown > kMaxShown) return;
        Finding finding;
        finding.original = record.input;
        finding.target = target;
        finding.expected = judge.expectation().outcome;
        finding.got = record.outcome;
        finding.differences = differences_of(verdict);
        std::cout << file.string() << ": " << record.input.id << " diverges\n" << describe(finding, file.string());
    });
    if (!quiet) std::cout << file.string() << ": " << golden.agreed << " of " << golden.cases << " agree\n";
    counts.agreed += golden.agreed;
    counts.diverged += golden.diverged;
}

} // namespace

int run_replay(std::span<char* const> arguments) {
    Options options("replay", "PATH... [OPTION...]", kText);
    options.value("target", "TARGET",
                  "what to run on; without it a finding runs on its own target, a case on the model");
    options.flag("quiet", "print only the last line");
    options.positional(1, 100000);
    if (!options.parse(arguments)) return kAgree;

    const bool quiet = options.given("quiet");
    Counts counts;
    std::map<std::string, std::unique_ptr<Bench>> benches;
    for (const auto& path : files_of(options.arguments())) {
        if (path.filename().string().ends_with(".golden.xz")) {
            replay_golden(path, options.given("target") ? options.get("target") : "model", quiet, counts);
            continue;
        }
        Item item = read_item(path);
        const std::string name = options.given("target")       ? options.get("target")
                                 : item.finding.target.empty() ? "model"
                                                               : item.finding.target;
        auto& bench = benches[name];
        if (!bench) bench = std::make_unique<Bench>(name);
        bench->replay(item, quiet, counts);
    }
    std::cout << counts.agreed << " agree, " << counts.diverged << " diverge";
    if (counts.unsupported != 0) std::cout << ", " << counts.unsupported << " cannot be compared";
    std::cout << "\n";
    if (counts.diverged != 0) return kDiverge;
    return counts.agreed == 0 ? kUntestable : kAgree;
}

} // namespace mtecheck::difftest
