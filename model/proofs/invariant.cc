// SPDX-License-Identifier: Apache-2.0
#include "model/proofs/invariant.h"

#include "model/proofs/invariants/all.h"

namespace mtecheck::model::proofs {

const std::vector<Scenario>& scenarios() {
    static const std::vector<Scenario> all = [] {
        std::vector<Scenario> list;
        AppendTagChoice(list);
        AppendTagArithmetic(list);
        AppendCheckedAccess(list);
        AppendEveryAccess(list);
        AppendFaultPriority(list);
        AppendAlignment(list);
        AppendMMUFaults(list);
        AppendAccumulatedFaults(list);
        AppendStructures(list);
        AppendTagStorage(list);
        AppendTagPairs(list);
        AppendBulkTags(list);
        AppendRegisterAccess(list);
        AppendExceptionReturn(list);
        AppendDecoder(list);
        return list;
    }();
    return all;
}

} // namespace mtecheck::model::proofs
