// SPDX-License-Identifier: Apache-2.0
//
// What is known after an instruction of MTE: the tags that it stored or loaded, and what has to be so for its record to
// agree.
#pragma once

#include <cstdint>
#include <vector>

#include "difftest/trace/attempts.h"

namespace mtecheck::difftest {

class Aftermath {
  public:
    Aftermath(TraceMachine& machine, TagShadow& shadow) : machine_(machine), shadow_(shadow) {}

    /// `aborted`: which of them were made is not known.
    void commit_tags(const std::vector<TagWrite>& writes, bool aborted);
    /// LDG and LDGM show tags that were not known.
    void learn_loaded(const TraceRecord& record, const DecodedForTrace& decoded);
    /// What the instruction may have changed, when the model cannot say.
    void forget_partial_effects(const DecodedForTrace& decoded);
    /// The state after any of the runs that agree.
    void merge(const std::vector<AnsweredRun>& runs);
    /// What has to be so, for the record to agree.
    void learn(const std::vector<AnsweredRun>& runs);

    std::uint64_t tags_stored() const { return tags_stored_; }
    std::uint64_t tags_learnt() const { return tags_learnt_; }

  private:
    void learn_memory(const std::vector<AnsweredRun>& runs, const Supposition& question);
    void learn_tag(const std::vector<AnsweredRun>& runs, const Supposition& question);

    TraceMachine& machine_;
    TagShadow& shadow_;
    std::uint64_t tags_stored_ = 0;
    std::uint64_t tags_learnt_ = 0;
};

} // namespace mtecheck::difftest
