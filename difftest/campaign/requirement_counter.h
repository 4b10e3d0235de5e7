// SPDX-License-Identifier: Apache-2.0
//
// Which requirements a case puts at stake: those of which it runs one of the encodings and takes one of the decisions
// that the requirement's row names. A row that names neither is put at stake by no case.
#pragma once

#include <bitset>
#include <vector>

#include "difftest/core/expectation.h"
#include "spec/gen/requirements.h"

namespace mtecheck::difftest {

using RequirementSet = std::bitset<spec::requirement_count>;

class RequirementCounter {
  public:
    RequirementCounter();
    RequirementSet exercised(const Coverage& coverage) const;

  private:
    std::vector<RequirementSet> by_encoding_;
    std::vector<RequirementSet> by_access_;   // as in Coverage
    std::vector<RequirementSet> by_decision_; // 2 * decision + outcome
    RequirementSet needs_no_encoding_;
    RequirementSet needs_no_decision_;
};

/// f(i) for each bit i that is set.
template <std::size_t N, class F>
void each_bit(const std::bitset<N>& bits, F&& f) {
    for (std::size_t i = bits._Find_first(); i < N; i = bits._Find_next(i)) f(i);
}

} // namespace mtecheck::difftest
