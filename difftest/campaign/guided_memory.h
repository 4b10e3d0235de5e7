// SPDX-License-Identifier: Apache-2.0
//
// What guided generation has kept, for each shard of a campaign; and its journal, of which a resumed campaign has it
// again. Every shard begins with the cases of a corpus, if there is one: they are nothing new, and tests are made of
// them.
//
// Invariant: after flush() the journal holds all that was merged. What units after the last checkpoint appended is
// dropped when the campaign goes on from that.
#pragma once

#include <atomic>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "difftest/campaign/guided_journal.h"
#include "difftest/campaign/unit.h"
#include "difftest/guided/case_corpus.h"
#include "difftest/guided/guided_generator.h"

namespace mtecheck::difftest {

class GuidedMemory {
  public:
    /// `corpus`: none if it is null.
    GuidedMemory(const std::filesystem::path& directory, const Profile& profile, std::uint64_t seed,
                 std::shared_ptr<const CaseCorpus> corpus);

    /// What was kept of the units of the shard that are merged. Of any thread.
    std::shared_ptr<const GuidedCorpus> corpus(std::uint32_t shard) const;
    /// Of units in order.
    void merge(std::uint64_t unit, const UnitResult& result);
    /// Cases kept by units that are merged.
    std::uint64_t kept() const { return kept_; }
    /// Forces the journal to disk.
    void flush();
    /// Reads the journal of the first `units` units, which kept so many cases. InputError if they are not there.
    void restore(std::uint64_t units, std::uint64_t kept);
    /// Few cases that meet all that those of the journal and of the corpus meet, in a fixed order. Nothing if it was
    /// interrupted.
    std::optional<std::vector<Case>> distil(const std::atomic<bool>& interrupt) const;

  private:
    const std::shared_ptr<const GuidedCorpus>& empty() const;

    std::filesystem::path file_;
    Profile profile_;
    std::uint64_t seed_;
    std::shared_ptr<const CaseCorpus> case_corpus_;
    mutable std::mutex mutex_;                          // for corpora_ and empty_
    mutable std::shared_ptr<const GuidedCorpus> empty_; // what every shard begins with, once it is asked for
    std::map<std::uint32_t, std::shared_ptr<const GuidedCorpus>> corpora_;
    std::string pending_; // lines that are not in the file yet
    std::uint64_t kept_ = 0;
};

} // namespace mtecheck::difftest
