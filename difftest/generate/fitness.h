// SPDX-License-Identifier: Apache-2.0
//
// Which cases are fit for campaigns: those that stay in their windows, of which the architecture predicts an outcome,
// and that every run of an implementation answers in the same way.
#pragma once

#include "difftest/core/case.h"
#include "difftest/core/expectation.h"

namespace mtecheck::difftest {

/// Whether the code writes RGSR_EL1.
bool writes_seed(const Sequence& sequence);

/// `may_write_seed`: writes_seed() of its sequence.
bool is_fit(LayoutId layout, const State& state, bool may_write_seed, const Expectation& expectation);

} // namespace mtecheck::difftest
