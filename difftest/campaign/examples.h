// SPDX-License-Identifier: Apache-2.0
//
// The examples of a group of divergences: how many a campaign keeps, and which of them it reduces.
#pragma once

#include <string>
#include <vector>

#include "difftest/campaign/tally.h"
#include "difftest/findings/finding.h"

namespace mtecheck::difftest {

inline constexpr std::size_t kExamples = 3; // findings kept for each group

/// Whether a group needs no more candidates. Of several defects acting together one example is enough: there may be
/// as many groups as there are sets of defects.
bool is_full(const GroupKey& key, const TallyGroup& group);

/// The findings that a campaign reduces, one example of each cause: of what no known defect explains, of each defect
/// alone and, if a defect was never met alone, of it and others. Of very many groups that nothing explains it is a few
/// of each kind.
///
/// Whatever is chosen for the whole of a campaign is chosen for the shards that found it, too: an example is the first
/// of its group there as well, and a defect that other groups of these shards show is shown by them in the whole.
/// Groups of the whole that come before another one of their kind are no fewer than those of the shards.
std::vector<std::string> examples_to_shrink(const Tally& tally);

/// Not if each run of it would cost a time limit.
bool is_shrinkable(const Finding& finding);

} // namespace mtecheck::difftest
