// SPDX-License-Identifier: Apache-2.0
//
// mtecheck replay: cases that are kept, run again.
#include <algorithm>
#include <filesystem>
#include <iostream>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <vector>

#include "difftest/campaign/batch.h"
#include "difftest/cli/verbs.h"
#include "difftest/core/error.h"
#include "difftest/core/json.h"
#include "difftest/findings/examiner.h"
#include "difftest/golden/golden_run.h"
#include "difftest/guided/case_corpus.h"
#include "difftest/paths/path_corpus.h"
#include "difftest/record/record_file.h"

namespace mtecheck::difftest {
namespace {

constexpr const char* kText =
    "Runs findings, cases and golden vectors again and compares them with the model (golden vectors: with\n"
    "what Arm's pseudocode did). A PATH is a file or a directory, which is searched for *.json,\n"
    "*.golden.xz, and the files of the path corpus (*.paths.xz) and of campaigns with --distil\n"
    "(*.cases.xz), whose cases run in batches; known defects of the target are counted apart. Each JSON\n"
    "case runs alone on a freshly started target. A finding that agrees alone and was seen in a batch\n"
    "only is run again together with the whole batch.\n\n"
    "exit status: 0 all agree; 1 something diverges, a finding as it says; 2 a wrong argument or file;\n"
    "125 cannot be tested: the target does not start, supports none of the cases, or a finding diverges,\n"
    "but not as it says. That is what `git bisect run` wants: mtecheck replay FINDING --target\n"
    "qemu-system:build/qemu-system-aarch64\n\n"
    "A record (`mtecheck record`, *.record) is judged as the campaign that it was: same options, same report.\n";

constexpr std::uint64_t kMaxShown = 10; // divergences of one golden file

struct Counts {
    std::uint64_t agreed = 0;
    std::uint64_t diverged = 0;
    std::uint64_t unsupported = 0;
    std::uint64_t explained = 0; // of diverged: by known defects of the target
    std::uint64_t otherwise = 0; // findings that diverge, but not as they say
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
            if (name == kPathIndexFile) continue;
            if (name.ends_with(".json") || name.ends_with(".golden.xz") || name.ends_with(kPathFileEnd) ||
                name.ends_with(kCaseFileEnd))
                files.push_back(entry.path());
        }
        std::sort(files.begin() + static_cast<std::ptrdiff_t>(before), files.end());
        if (files.size() == before)
            throw InputError(path, "", "holds no *.json, *.golden.xz, *.paths.xz or *.cases.xz");
    }
    return files;
}

/// A case file, or the finding of a finding file.
struct Item {
    std::string file;
    Finding finding;
    std::optional<Finding> as_seen; // what the file says; none: a case, of which nothing is known
};

Item read_item(const std::filesystem::path& path) {
    Item item;
    item.file = path.string();
    const nlohmann::json document = parse_json(read_file(item.file), item.file);
    const JsonPlace place(document, item.file);
    if (is_finding(place.member("schema").text())) {
        item.finding = finding_from_json(place);
        item.as_seen = item.finding;
        item.finding.original = item.finding.shown();
    } else {
        item.finding.original = case_from_json(place);
    }
    return item;
}

/// Targets and examiners by name: findings may be of different targets.
class Bench {
  public:
    Bench(const std::string& name, const std::vector<Defect>& defects)
        : name_(name), target_(make_target(name)), examiner_(target_->probe(), {}),
          explaining_(target_->probe(), defects_of(defects, target_->probe())) {}

    /// A file of many cases, in batches.
    void replay_batches(const std::filesystem::path& file, bool quiet, Counts& counts) {
        const std::vector<Test> tests =
            file.filename().string().ends_with(kCaseFileEnd) ? tests_of_cases(file) : tests_of_paths(file);
        std::uint64_t shown = 0;
        Counts here;
        constexpr std::size_t kBatch = 256;
        for (std::size_t first = 0; first < tests.size(); first += kBatch) {
            const auto batch = std::span(tests).subspan(first, std::min(kBatch, tests.size() - first));
            std::vector<std::vector<Outcome>> outcomes;
            target_->run(batch, outcomes);
            for (std::size_t i = 0; i < batch.size(); ++i) {
                explaining_.load(batch[i].sequence);
                for (std::size_t k = 0; k < batch[i].states.size(); ++k) {
                    judge_in_batch(file, first + i, k, batch[i], outcomes[i][k], quiet, shown, here);
                }
            }
        }
        if (!quiet) {
            std::cout << file.string() << ": " << here.agreed << " agree, " << here.explained
                      << " diverge as known defects make them, " << here.diverged - here.explained
                      << " diverge otherwise";
            if (here.unsupported != 0) std::cout << ", " << here.unsupported << " cannot be compared";
            std::cout << "\n";
        }
        counts.agreed += here.agreed;
        counts.diverged += here.diverged;
        counts.explained += here.explained;
        counts.unsupported += here.unsupported;
    }

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
        case Verdict::Kind::tool_trouble: note_divergence(item, quiet, counts); return;
        }
    }

  private:
    std::vector<Test> tests_of_paths(const std::filesystem::path& file) {
        std::vector<Test> tests;
        for (PathCase& path_case : read_path_cases(read_file(file), file.string())) {
            adapt(path_case.sequence.configuration, target_->probe());
            if (tests.empty() || !(tests.back().sequence == path_case.sequence))
                tests.push_back({path_case.sequence, {}});
            tests.back().states.push_back(std::move(path_case.state));
        }
        return tests;
    }

    std::vector<Test> tests_of_cases(const std::filesystem::path& file) {
        std::vector<Test> tests;
        for (Case& value : read_case_file(read_file(file), file.string())) {
            adapt(value.sequence.configuration, target_->probe());
            tests.push_back({std::move(value.sequence), {std::move(value.state)}});
        }
        return tests;
    }

    void note_divergence(const Item& item, bool quiet, Counts& counts) {
        const bool alike = !item.as_seen || diverges_alike(*item.as_seen, item.finding);
        ++(alike ? counts.diverged : counts.otherwise);
        if (quiet) return;
        std::cout << item.file << (alike ? ": diverges\n" : ": diverges, but not as the finding says\n")
                  << describe(item.finding, item.file);
    }

    void judge_in_batch(const std::filesystem::path& file, std::size_t test, std::size_t state, const Test& tests,
                        const Outcome& got, bool quiet, std::uint64_t& shown, Counts& counts) {
        const Verdict verdict = explaining_.judge(tests.states[state], got);
        switch (verdict.kind) {
        case Verdict::Kind::agreed: ++counts.agreed; return;
        case Verdict::Kind::not_applicable:
        case Verdict::Kind::open: ++counts.unsupported; return;
        case Verdict::Kind::diverged:
        case Verdict::Kind::tool_trouble: break;
        }
        ++counts.diverged;
        if (verdict.kind == Verdict::Kind::diverged && !explaining_.explain(tests.states[state], got).defects.empty()) {
            ++counts.explained;
            return;
        }
        if (quiet || ++shown > kMaxShown) return;
        Finding finding;
        finding.original.id = file.filename().string() + "/0/0/" + std::to_string(test) + "/" + std::to_string(state);
        finding.original.sequence = tests.sequence;
        finding.original.state = tests.states[state];
        finding.target = name_;
        finding.expected = explaining_.expectation().outcome;
        finding.got = got;
        finding.differences = differences_of(verdict);
        std::cout << file.string() << ": diverges\n" << describe(finding, file.string());
    }

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
    Examiner explaining_; // with the known defects
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

int replay_all(const Options& options) {
    if (const std::string& first = options.arguments().front(); first.ends_with(kRecordFileEnd)) {
        if (options.arguments().size() != 1 || options.given("target"))
            throw UsageError("mtecheck replay: a record is judged alone, and is a target itself");
        return replay_record(first, options);
    }
    const bool quiet = options.given("quiet");
    Counts counts;
    const std::vector<Defect> defects = known_defects(options);
    std::map<std::string, std::unique_ptr<Bench>> benches;
    for (const auto& path : files_of(options.arguments())) {
        if (path.filename().string().ends_with(".golden.xz")) {
            replay_golden(path, options.given("target") ? options.get("target") : "model", quiet, counts);
            continue;
        }
        const auto bench_of = [&](const std::string& name) -> Bench& {
            auto& bench = benches[name];
            if (!bench) bench = std::make_unique<Bench>(name, defects);
            return *bench;
        };
        if (const std::string file = path.filename().string();
            file.ends_with(kPathFileEnd) || file.ends_with(kCaseFileEnd)) {
            bench_of(options.given("target") ? options.get("target") : "model").replay_batches(path, quiet, counts);
            continue;
        }
        Item item = read_item(path);
        const std::string name = options.given("target")       ? options.get("target")
                                 : item.finding.target.empty() ? "model"
                                                               : item.finding.target;
        bench_of(name).replay(item, quiet, counts);
    }
    std::cout << counts.agreed << " agree, " << counts.diverged << " diverge";
    if (counts.explained != 0) std::cout << " (" << counts.explained << " of them as known defects make them)";
    if (counts.unsupported != 0) std::cout << ", " << counts.unsupported << " cannot be compared";
    if (counts.otherwise != 0) std::cout << ", " << counts.otherwise << " diverge, but not as the finding says";
    std::cout << "\n";
    if (counts.diverged != 0) return kDiverge;
    return counts.agreed == 0 || counts.otherwise != 0 ? kUntestable : kAgree;
}

} // namespace

int run_replay(std::span<char* const> arguments) {
    Options options("replay", "PATH... [OPTION...]", kText);
    options.value("target", "TARGET",
                  "what to run on; without it a finding runs on its own target, a case on the model");
    declare_defects(options);
    options.flag("quiet", "print only the last line");
    declare_workers(options, "of a record: how many judges there are at once");
    declare_progress(options);
    declare_proofs(options);
    declare_waivers(options);
    options.positional(1, 100000);
    if (!options.parse(arguments)) return kAgree;
    try {
        return replay_all(options);
    } catch (const TargetError& error) {
        std::cerr << "mtecheck: cannot be tested: " << error.what() << "\n";
        return kUntestable;
    }
}

} // namespace mtecheck::difftest
