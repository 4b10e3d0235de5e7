// SPDX-License-Identifier: Apache-2.0
//
// Known defects of the model with deliberate faults.
#pragma once

#include <string>
#include <utility>

#include "difftest/findings/defects.h"

namespace mtecheck::difftest {

/// Of any version of it: a mutation that is known.
inline Defect model_defect(std::string id, std::string mutation) {
    Defect defect;
    defect.id = std::move(id);
    defect.target = "model*";
    defect.versions = {"*"};
    defect.mutations = {std::move(mutation)};
    return defect;
}

} // namespace mtecheck::difftest
