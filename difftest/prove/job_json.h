// SPDX-License-Identifier: Apache-2.0
//
// Outcomes of proofs as JSON, for the cache and as parts of mtecheck-proofs/1. Reading what was written gives back the
// same outcome.
#pragma once

#include "difftest/core/json_reader.h"
#include "difftest/prove/job.h"

namespace mtecheck::difftest {

OrderedJson to_json(const model::proofs::Claimed& claimed);
OrderedJson to_json(const JobOutcome& outcome);
JobOutcome job_outcome_from_json(const JsonPlace& place);

std::string_view to_string(model::proofs::Verdict verdict);
std::string_view to_string(model::proofs::Method method);
std::string_view to_string(model::proofs::Confirmation confirmation);

/// "0x" and hexadecimal digits.
std::string wide_hex(model::Uint128 value);

} // namespace mtecheck::difftest
