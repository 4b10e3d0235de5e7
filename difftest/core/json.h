// SPDX-License-Identifier: Apache-2.0
//
// Cases, tests and outcomes as JSON: for people, findings and the corpus. Formats are published in
// difftest/schema/ and carry their version in "schema".
//
// Invariants: reading what was written gives back the same value exactly; only what differs from the default (zero,
// absent) is written; "asm" beside an instruction word is a comment and never read back.
#pragma once

#include <string>
#include <string_view>

#include "difftest/core/case.h"
#include "difftest/core/json_reader.h"
#include "difftest/core/outcome.h"

namespace mtecheck::difftest {

inline constexpr std::string_view kCaseSchema = "mtecheck-case/1";
inline constexpr std::string_view kTestSchema = "mtecheck-test/1";
inline constexpr std::string_view kOutcomeSchema = "mtecheck-outcome/1";

/// Size of physical memory in the golden layout: with the MMU off, cases go beyond what is mapped with it on.
inline constexpr std::uint64_t kGoldenBytes = std::uint64_t{1} << 48U;

OrderedJson to_json(const Case& value);
OrderedJson to_json(const Test& value);
OrderedJson to_json(const Outcome& value);

Case case_from_json(const JsonPlace& place);
Test test_from_json(const JsonPlace& place);
Outcome outcome_from_json(const JsonPlace& place);

/// A file with one case.
Case read_case(const std::string& file);

/// The text of a document as we write it to files: indented by two, a final newline.
std::string dump(const OrderedJson& document);

std::string_view to_string(Status status);
std::string_view to_string(LayoutId layout);

/// Throws the InputError of `place` if a case breaks the rules of difftest/core/case.h.
void require_well_formed(const Sequence& sequence, const JsonPlace& place);
void require_well_formed(const State& state, LayoutId layout, const JsonPlace& place);

} // namespace mtecheck::difftest
