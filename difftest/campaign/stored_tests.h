// SPDX-License-Identifier: Apache-2.0
//
// The tests that a campaign takes from files, and runs in its first units: those of the path corpus, then those of the
// corpus of an earlier campaign.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "difftest/campaign/unit.h"
#include "difftest/guided/case_corpus.h"
#include "difftest/paths/path_corpus.h"

namespace mtecheck::difftest {

struct StoredTests {
    std::shared_ptr<const PathCorpus> paths;  // none: it is left out
    std::shared_ptr<const CaseCorpus> corpus; // none: there is none

    std::uint64_t path_units() const { return paths ? units_of(paths->tests()) : 0; }
    std::uint64_t units() const { return path_units() + (corpus ? units_of(corpus->tests()) : 0); }

  private:
    static std::uint64_t units_of(const std::vector<Test>& tests) {
        return (tests.size() + kSequencesPerUnit - 1) / kSequencesPerUnit;
    }
};

} // namespace mtecheck::difftest
