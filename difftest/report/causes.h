// SPDX-License-Identifier: Apache-2.0
//
// The findings of a campaign as a list of bugs: one entry for each cause.
//
// A cause is a known defect; or a mutation of the model that gives exactly what the target did in the examples of
// several groups; or, where there is none, what groups have in common: the class of the instruction, what it turns on
// in the model, both ends of the run and the kinds of field that differ.
//
// Invariants: a function of the tally, the defects and the findings; every group with an example is in a cause; what is
// not known comes before what is, and what did not show again when run alone comes last; among equals the weightier,
// by cases, comes first.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "difftest/campaign/tally.h"
#include "difftest/findings/defects.h"
#include "difftest/findings/finding.h"

namespace mtecheck::difftest {

struct Cause {
    enum class Kind : std::uint8_t { unexplained, defect, not_reproduced };
    Kind kind = Kind::unexplained;
    std::string id;         // of the defect or mutation; else of the first group
    std::string summary;    // one sentence for people
    std::string pseudocode; // functions at stake
    std::uint64_t cases = 0;
    std::vector<std::string> groups; // by id
    std::string example;             // id of the simplest finding; empty: none is kept
};

std::string_view to_string(Cause::Kind kind);

std::vector<Cause> causes_of(const Tally& tally, const std::vector<Defect>& defects,
                             const std::vector<Finding>& findings);

/// What every example of a group behaves like.
std::vector<std::string> common_mutations(const TallyGroup& group, const std::vector<Finding>& findings);

} // namespace mtecheck::difftest
