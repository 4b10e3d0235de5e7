// SPDX-License-Identifier: Apache-2.0
//
// Field by field comparison of what a target did with one outcome that the model allows.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "difftest/core/expectation.h"
#include "spec/gen/requirements.h"

namespace mtecheck::difftest {

/// One field that differs. Names: "status", "x7", "sp_el1", "pc", "pstate.TCO", "exception.to_el",
/// "exception.vector", "esr.DFSC", "far", "elr", "spsr.TCO", "gcr_el1.Exclude", "rgsr_el1.TAG", "tfsr_el1.TF0", "v3",
/// "memory 0x40600010" (up to 16 bytes), "tag 0x40600010", "windows".
struct FieldDifference {
    std::string field;
    std::string kind; // the name without numbers and addresses: "x", "memory", "esr.DFSC"
    std::string expected;
    std::string got;
    std::optional<spec::DontCare> allowed_by;     // a rule that leaves part of this field open, but not what was got
    std::optional<spec::Requirement> requirement; // that is at stake, where it is obvious
};

/// Whether `got` is the expected outcome, but for what is left open. Never allocates.
bool agrees(const Expectation& expected, const OutcomeView& got);

/// Whether two runs ended alike: both without an exception, or with the same one.
bool ends_alike(const OutcomeView& a, const OutcomeView& b);

/// How far `got` is from the expected outcome: 0 if and only if agrees(), then the number of fields that differ; what
/// ends otherwise is farther than all that ends alike. Never allocates.
std::uint32_t distance(const Expectation& expected, const OutcomeView& got);

/// The fields in which they differ; empty if and only if agrees().
std::vector<FieldDifference> differences(const Expectation& expected, const OutcomeView& got);

} // namespace mtecheck::difftest
