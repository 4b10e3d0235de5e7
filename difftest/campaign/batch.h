// SPDX-License-Identifier: Apache-2.0
//
// A finding that does not show alone, in the batch that it was seen in: the generator draws all of its sequences again,
// and the target runs them together.
#pragma once

#include <optional>

#include "difftest/core/target.h"
#include "difftest/findings/examiner.h"
#include "difftest/findings/finding.h"

namespace mtecheck::difftest {

/// Runs the finding's batch on a target that was just reset, and notes what came of the finding's case in it. Nothing
/// if the batch cannot be had again: another version of mtecheck, or another target, draws other cases.
std::optional<Verdict::Kind> replay_batch(Finding& finding, Target& target, Examiner& examiner);

} // namespace mtecheck::difftest
