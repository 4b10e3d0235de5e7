// SPDX-License-Identifier: Apache-2.0
//
// Cases worth keeping from one campaign to the next: a directory of files *.cases.xz, each of which is, packed, one
// document mtecheck-case/1 a line. Read for one target: its constants are put into the cases, and those that are not
// fit for it are left out.
//
// Invariant: the tests are a function of the directory and the profile; each has one state.
#pragma once

#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "difftest/core/case.h"
#include "difftest/core/target.h"
#include "difftest/generate/generator.h"
#include "difftest/guided/novelty.h"

namespace mtecheck::difftest {

inline constexpr const char* kCaseFileEnd = ".cases.xz";
inline constexpr std::string_view kCorpusGenerator = "corpus";

std::string write_case_file(std::span<const Case> cases);
/// Throws InputError if `packed` is no such file.
std::vector<Case> read_case_file(std::string_view packed, const std::string& file);

/// Writes cases as files of a directory, in place of those that are there.
void write_case_directory(const std::filesystem::path& directory, std::span<const Case> cases);
/// Of all files, in the order of their names.
std::vector<Case> read_case_directory(const std::filesystem::path& directory);
/// A hash of the files: the same for every target.
std::string case_directory_fingerprint(const std::filesystem::path& directory);

class CaseCorpus {
  public:
    CaseCorpus(const std::filesystem::path& directory, const Profile& profile);

    const std::vector<Test>& tests() const { return tests_; }
    /// What the case of a test comes to.
    const CaseTraits& traits(std::size_t test) const { return traits_[test]; }
    const std::string& id(std::size_t test) const { return ids_[test]; }
    const std::string& fingerprint() const { return fingerprint_; }

  private:
    std::vector<Test> tests_;
    std::vector<CaseTraits> traits_;
    std::vector<std::string> ids_;
    std::string fingerprint_;
};

/// Test number `index` of the corpus, whatever the seed and the shard.
std::unique_ptr<Generator> make_corpus_generator(const std::shared_ptr<const CaseCorpus>& corpus,
                                                 const Profile& profile);

} // namespace mtecheck::difftest
