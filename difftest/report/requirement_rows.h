// SPDX-License-Identifier: Apache-2.0
//
// A row of the report for every requirement: what was exercised, what agreed, what diverged, and for the others why
// not; and the invariants that prove it of the model.
#pragma once

#include "difftest/core/json_reader.h"
#include "difftest/report/report.h"

namespace mtecheck::difftest {

OrderedJson requirement_rows(const ReportInput& input);

} // namespace mtecheck::difftest
