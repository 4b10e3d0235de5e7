// SPDX-License-Identifier: Apache-2.0
#include "difftest/guided/case_corpus.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <sstream>
#include <utility>

#include "difftest/core/directory_files.h"
#include "difftest/core/json.h"
#include "difftest/findings/files.h"
#include "difftest/generate/fitness.h"
#include "difftest/generate/stored_generator.h"
#include "difftest/golden/xz.h"
#include "difftest/judge/judge.h"

namespace mtecheck::difftest {
namespace {

constexpr std::size_t kCasesPerFile = 1000; // some megabytes, unpacked

} // namespace

std::string write_case_file(std::span<const Case> cases) {
    std::string text;
    for (const Case& value : cases) text += to_json(value).dump() + "\n";
    return xz_compress(text);
}

std::vector<Case> read_case_file(std::string_view packed, const std::string& file) {
    std::istringstream text(xz_decompress(packed, file));
    std::vector<Case> cases;
    for (std::string line; std::getline(text, line);) {
        const std::string place = file + ":" + std::to_string(cases.size() + 1);
        const nlohmann::json document = parse_json(line, place);
        cases.push_back(case_from_json(JsonPlace(document, place)));
    }
    return cases;
}

void write_case_directory(const std::filesystem::path& directory, std::span<const Case> cases) {
    make_directory(directory);
    std::vector<std::filesystem::path> old = files_ending(directory, kCaseFileEnd);
    for (std::size_t number = 0; number * kCasesPerFile < cases.size(); ++number) {
        const std::size_t first = number * kCasesPerFile;
        std::string digits = std::to_string(number);
        digits.insert(0, digits.size() < 4 ? 4 - digits.size() : 0, '0');
        const std::filesystem::path file = directory / ("kept-" + digits + kCaseFileEnd);
        write_durably(file, write_case_file(cases.subspan(first, std::min(kCasesPerFile, cases.size() - first))));
        std::erase(old, file);
    }
    for (const auto& file : old) std::filesystem::remove(file);
}

std::vector<Case> read_case_directory(const std::filesystem::path& directory) {
    std::vector<Case> cases;
    for (const auto& file : files_ending(directory, kCaseFileEnd)) {
        auto more = read_case_file(read_file(file), file.string());
        cases.insert(cases.end(), std::move_iterator(more.begin()), std::move_iterator(more.end()));
    }
    return cases;
}

std::string case_directory_fingerprint(const std::filesystem::path& directory) {
    return fingerprint_of(files_ending(directory, kCaseFileEnd));
}

CaseCorpus::CaseCorpus(const std::filesystem::path& directory, const Profile& profile)
    : fingerprint_(case_directory_fingerprint(directory)) {
    Judge judge(profile);
    Expectation expectation;
    for (Case& value : read_case_directory(directory)) {
        adapt(value.sequence.configuration, profile);
        judge.load(value.sequence);
        judge.expect(value.state, expectation);
        if (!is_fit(value.sequence.layout, value.state, writes_seed(value.sequence), expectation)) continue;
        traits_.push_back(traits_of(value.state, expectation));
        ids_.push_back(std::move(value.id));
        tests_.push_back({std::move(value.sequence), {std::move(value.state)}});
    }
}

std::unique_ptr<Generator> make_corpus_generator(const std::shared_ptr<const CaseCorpus>& corpus,
                                                 const Profile& profile) {
    return make_stored_generator(kCorpusGenerator, {corpus, &corpus->tests()}, profile);
}

} // namespace mtecheck::difftest
