// SPDX-License-Identifier: Apache-2.0
//
// The end of a run of which the architecture says too little to predict the rest.
#pragma once

#include <string_view>

namespace mtecheck::model {

struct NotPredicted {
    std::string_view why; ///< for people
};

} // namespace mtecheck::model
