// SPDX-License-Identifier: Apache-2.0
//
// The files of invariants: each appends its scenarios.
#pragma once

#include <vector>

#include "model/proofs/invariant.h"

namespace mtecheck::model::proofs {

void AppendTagChoice(std::vector<Scenario>& all);
void AppendCheckedAccess(std::vector<Scenario>& all);
void AppendEveryAccess(std::vector<Scenario>& all);
void AppendFaultPriority(std::vector<Scenario>& all);
void AppendTagArithmetic(std::vector<Scenario>& all);
void AppendTagStorage(std::vector<Scenario>& all);
void AppendTagPairs(std::vector<Scenario>& all);
void AppendBulkTags(std::vector<Scenario>& all);
void AppendRegisterAccess(std::vector<Scenario>& all);
void AppendAlignment(std::vector<Scenario>& all);
void AppendMMUFaults(std::vector<Scenario>& all);
void AppendAccumulatedFaults(std::vector<Scenario>& all);
void AppendStructures(std::vector<Scenario>& all);
void AppendExceptionReturn(std::vector<Scenario>& all);
void AppendDecoder(std::vector<Scenario>& all);

} // namespace mtecheck::model::proofs
